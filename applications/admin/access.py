"""Who looked at what and took what out: for the auditor and the manager (N83, N84)."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from applications.accessed import detail_words, model_of, subject_words
from applications.models import Claim
from config import access, clock
from config.models import AccessLog
from payouts.admin.listing import OfficeList, person

DAYS = 14


class ActFilter(admin.SimpleListFilter):
    title, parameter_name = "操作", "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(access.ACTS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(act=self.value()) if self.value() in access.ACTS else queryset


class DayFilter(admin.SimpleListFilter):
    """One of the last days, Japanese time."""

    title, parameter_name = "日", "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        today = clock.now().date()
        days = [today - timedelta(days=back) for back in range(DAYS)]
        return [(day.isoformat(), f"{day.month}月{day.day}日") for day in days]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            start = datetime.fromisoformat(self.value() or "").replace(tzinfo=clock.JST)
        except ValueError:
            return queryset
        return queryset.filter(at__gte=start, at__lt=start + timedelta(days=1))


class SubjectFilter(admin.SimpleListFilter):
    """What it was about: a kind of record; or one record, with the payouts of an application."""

    title, parameter_name = "対象", "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = ("application", "payout", "message", "transfer", "coupon", "doublecharge", "user")
        chosen = self.used_parameters.get(self.parameter_name, "")
        one = [(chosen, one_words(chosen))] if ":" in chosen else []
        return [*one, *((kind, subject_words(kind)) for kind in kinds)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind, _, pk = (self.value() or "").partition(":")
        if not kind:
            return queryset
        wanted = Q(subject=kind, subject_id=pk) if pk else Q(subject=kind)
        if kind == "application" and pk.isdecimal():
            rows = Claim.objects.filter(application=pk, payout__isnull=False)
            payouts = map(str, rows.values_list("payout", flat=True))
            wanted |= Q(subject="payout", subject_id__in=list(payouts))
        return queryset.filter(wanted)


def one_words(chosen: str) -> str:
    """One record in words."""
    kind, _, pk = chosen.partition(":")
    return f"{subject_words(kind)} {pk}"


class PersonFilter(admin.SimpleListFilter):
    title, parameter_name = "担当者", "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = get_user_model().objects.filter(is_staff=True).order_by("username")
        return [(str(pk), name) for pk, name in rows.values_list("pk", "username")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        pk = self.value() or ""
        return queryset.filter(by=pk) if pk.isdecimal() else queryset


@admin.register(AccessLog)
class AccessLogAdmin(OfficeList):
    """Rows of no prefecture, the newest first."""

    prefecture_field = ""
    list_display = ("at", "who", "deed", "about", "subject_id", "words")
    list_display_links = None
    list_filter = (ActFilter, SubjectFilter, DayFilter, PersonFilter)
    list_select_related = ("by",)
    search_fields = ("subject_id__exact", "by__username__exact")
    search_help_text = "対象の番号またはログイン名（全部）"
    ordering = ("-id",)
    who = person("by", "担当者")

    @admin.display(description="操作")
    def deed(self, row: AccessLog) -> str:
        return access.ACTS.get(row.act, row.act)

    @admin.display(description="対象")
    def about(self, row: AccessLog) -> SafeString | str:
        model, words = model_of(row.subject), subject_words(row.subject)
        if not row.subject_id or (model is None and row.subject != "user"):
            return words
        try:
            address = (
                reverse("admin:staff_one", args=[row.subject_id])
                if row.subject == "user"
                else reverse(
                    f"admin:{model._meta.app_label}_{row.subject}_change", args=[row.subject_id]
                )
            )
        except NoReverseMatch:
            return words
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description="内容")
    def words(self, row: AccessLog) -> str:
        return detail_words(row)
