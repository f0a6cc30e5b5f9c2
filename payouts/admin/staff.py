"""Who works for which prefecture, and the paying accounts."""

from django.contrib import admin

from payouts.admin.listing import OfficeList, prefecture_name
from payouts.models import Clerk, Office


@admin.register(Clerk)
class ClerkAdmin(OfficeList):
    list_display = ("user", "everywhere", "named")
    list_filter = ("everywhere",)
    list_select_related = ("user",)
    search_fields = ("user__username__exact",)
    search_help_text = "ログイン名"
    prefecture_field = ""

    @admin.display(description="担当の都道府県")
    def named(self, clerk: Clerk) -> str:
        return "、".join(map(prefecture_name, clerk.prefectures))


@admin.register(Office)
class OfficeAdmin(OfficeList):
    list_display = ("prefecture", "remitter_kana", "remitter_code", "bank_code", "branch_code")
