"""The queue: which cases wait, how their coupons matched, and the button that hands out one."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from applications import receipts, search
from applications.admin import amending, disclosure, keys, page
from applications.admin.filters import (
    CHANNELS,
    ROADS,
    AgeFilter,
    AttentionFilter,
    ChannelFilter,
    DayFilter,
    LikeFilter,
    MarkFilter,
    MatchFilter,
    RoadFilter,
    StateFilter,
)
from applications.intake import MARKS
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
        LikeFilter,
        DayFilter,
        StateFilter,
        MatchFilter,
        AttentionFilter,
        AgeFilter,
        RoadFilter,
        ChannelFilter,
        MarkFilter,
        PrefectureFilter,
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
            path("<int:pk>/reveal/", view(page.reveal), name="applications_reveal"),
            path("<int:pk>/preview/", view(page.preview), name="applications_preview"),
            path("<int:pk>/disclosure/", view(disclosure.disclose), name="applications_disclosure"),
            path("<int:pk>/amend/", view(amending.amend), name="applications_amend"),
        ]
        return [*ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows with their results of matching, in the same query."""
        claims = Claim.objects.filter(application=OuterRef("pk")).order_by("position")
        results = ArraySubquery(claims.values("match"))
        return super().get_queryset(request).annotate(results=results)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole keys in any spelling, each one look into an index; else a part of a name.

        What has the shape of a key is never looked for among the names.
        """
        if not search_term.strip():
            return queryset, False
        if is_name(search_term):
            ids = search.found(super().get_queryset(request), search_term)
            if set(request.GET) == {SEARCH_VAR}:
                request.known_count = len(ids)
            return queryset.filter(pk__in=ids), False
        return queryset.filter(key(search_term)), False

    def get_paginator(self, request: HttpRequest, *args: Any, **options: Any) -> Paginator:
        """Who was found by name was counted by it."""
        made = super().get_paginator(request, *args, **options)
        if hasattr(request, "known_count"):
            made.count = request.known_count
        return made

    @method_decorator(page.OWN_SCRIPT)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = {"stages": page.stages(request.user), "keys": keys.LIST}
        return super().changelist_view(request, shown)

    @admin.display(description="受付番号", ordering="receipt_number")
    def number(self, row: Application) -> SafeString:
        return format_html('<span class="key">{}</span>', receipts.written(row.receipt_number))

    @admin.display(description="状態")
    def stands(self, row: Application) -> SafeString:
        return format_html('<span class="tag {}">{}</span>', row.state, row.get_state_display())

    @admin.display(description="クーポンの照合")
    def matches(self, row: Application) -> SafeString:
        counts = Counter(row.results)
        tags = [
            (match or "none", MATCHES.get(match, "未照合"), count)
            for match, count in counts.items()
        ]
        return format_html_join(" ", '<span class="tag {}">{} {}</span>', tags)

    @admin.display(description="受取", ordering="method")
    def road(self, row: Application) -> str:
        told = "" if row.method == "bank" else f"（{CHANNELS.get(row.channel, '')}）"
        return ROADS[row.method] + told

    @admin.display(description="受付", ordering="arrived_at")
    def arrived(self, row: Application) -> str:
        return short(row.arrived_at)

    @admin.display(description="日数")
    def age(self, row: Application) -> str:
        return f"{(clock.now() - row.arrived_at).days}日"

    @admin.display(description="注意")
    def attention(self, row: Application) -> SafeString:
        words = [("、".join(MARKS.get(mark, mark) for mark in row.marks), f"印{len(row.marks)}")]
        words = words * bool(row.marks) + [("代行入力", "代行")] * bool(row.entered_by_id)
        return format_html_join(" ", '<span class="tag mark" title="{}">{}</span>', words)

    @admin.display(description="担当中")
    def hands(self, row: Application) -> str:
        """Who holds the case, and for how long more."""
        left = row.taken_until - clock.real_now() if row.taken_until else timedelta()
        if left <= timedelta():
            return ""
        return f"{row.taken_by.get_username()}（あと{-(-left // timedelta(minutes=1))}分）"


def is_name(typed: str) -> bool:
    """Whether this may be a name: no number, no address, no receipt number that is all letters."""
    signs = "@" in folded(typed) or any(sign.isdecimal() for sign in typed)
    return not signs and receipts.parse(typed) is None


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
