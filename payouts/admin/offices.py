"""The paying accounts of the offices."""

from django.contrib import admin

from payouts.admin.listing import OfficeList
from payouts.models import Office


@admin.register(Office)
class OfficeAdmin(OfficeList):
    list_display = ("prefecture", "remitter_kana", "remitter_code", "bank_code", "branch_code")
