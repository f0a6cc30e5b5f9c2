"""The queue: which cases wait, how their coupons matched, and the button that hands out one."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from applications import receipts, search
from applications.admin import page
from applications.admin.filters import (
    ROADS,
    AgeFilter,
    AttentionFilter,
    MatchFilter,
    RoadFilter,
    StateFilter,
)
from applications.models import Application, Claim
from applications.templatetags.office import short
from applications.validators.emails import email
from applications.validators.numbers import digits
from applications.validators.phones import phone
from applications.validators.text import folded
from config import clock
from config.notice import NOTICE
from payouts.admin.listing import OfficeList, PrefectureFilter

MATCHES = dict(Claim.Match.choices)


@admin.register(Application)
class ApplicationAdmin(OfficeList):
    """Cases by arrival; the page of a case is our own (`page`)."""

    list_display = (
        "number",
        "stands",
        "matches",
        "prefecture",
        "road",
        "arrived",
        "age",
        "attention",
        "hands",
    )
    list_filter = (
        StateFilter,
        MatchFilter,
        PrefectureFilter,
        RoadFilter,
        AgeFilter,
        AttentionFilter,
    )
    search_fields = ("receipt_number",)  # shows the box; what is looked up, see below
    search_help_text = (
        "受付番号・お問合せ番号・電話番号・メールアドレス（全部を入力）、"
        "お名前・フリガナ（一部でも可、2文字以上）"
    )
    ordering = ("arrived_at", "id")
    list_select_related = ("taken_by",)
    change_list_template = "admin/applications/application/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view = self.admin_site.admin_view
        ours = [
            path("next/<slug:stage>/", view(page.hand_out), name="applications_next"),
            path("<int:pk>/change/", view(page.show), name="applications_application_change"),
            path("<int:pk>/act/<slug:verb>/", view(page.act), name="applications_act"),
        ]
        return [*ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        claims = Claim.objects.only("application_id", "match", "state").order_by("position")
        return super().get_queryset(request).prefetch_related(Prefetch("claims", claims))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole keys in any spelling, each one look into an index; else a part of a name.

        What has the shape of a key is never looked for among the names.
        """
        if not search_term.strip():
            return queryset, False
        wanted = key(search_term)
        if is_name(search_term):
            own = self.get_queryset(request).prefetch_related(None)
            wanted |= Q(pk__in=search.found(own, search_term))
        return queryset.filter(wanted), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"stages": page.stages(request.user)})

    @admin.display(description="受付番号", ordering="receipt_number")
    def number(self, row: Application) -> SafeString:
        return format_html('<span class="key">{}</span>', receipts.written(row.receipt_number))

    @admin.display(description="状態")
    def stands(self, row: Application) -> SafeString:
        return format_html('<span class="tag {}">{}</span>', row.state, row.get_state_display())

    @admin.display(description="クーポンの照合")
    def matches(self, row: Application) -> SafeString:
        counts = Counter(claim.match for claim in row.claims.all())
        tags = [
            (match or "none", MATCHES.get(match, "未照合"), count)
            for match, count in counts.items()
        ]
        return format_html_join(" ", '<span class="tag {}">{} {}</span>', tags)

    @admin.display(description="受取", ordering="method")
    def road(self, row: Application) -> str:
        return ROADS["bank" if row.method == "bank" else row.channel]

    @admin.display(description="受付", ordering="arrived_at")
    def arrived(self, row: Application) -> str:
        return short(row.arrived_at)

    @admin.display(description="日数")
    def age(self, row: Application) -> str:
        return f"{(clock.now() - row.arrived_at).days}日"

    @admin.display(description="注意")
    def attention(self, row: Application) -> SafeString:
        words = ["印"] * bool(row.marks) + ["代行"] * bool(row.entered_by_id)
        return format_html_join(" ", '<span class="tag mark">{}</span>', [(w,) for w in words])

    @admin.display(description="担当中")
    def hands(self, row: Application) -> str:
        live = row.taken_until and row.taken_until > clock.real_now()
        return row.taken_by.get_username() if live else ""


def is_name(typed: str) -> bool:
    """Whether this may be a name: neither a number nor an address."""
    return "@" not in folded(typed) and not any(sign.isdecimal() for sign in typed)


def key(typed: str) -> Q:
    """The condition that a typed key stands for; one that fits nothing finds nothing."""
    found = Q(pk__in=[])
    receipt = receipts.parse(typed)
    if receipt:
        found |= Q(receipt_number=receipt)
    number = digits(typed)
    if len(number) == NOTICE.inquiry_number_length:
        found |= Q(pk__in=Claim.objects.filter(inquiry_number=number).values("application"))
    for clean in (phone, email):
        try:
            contact = clean(typed)
        except ValidationError:
            continue
        found |= Q(phone=contact) | Q(email=contact) | Q(delivery=contact)
    return found
