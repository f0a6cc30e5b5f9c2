"""What the queue is narrowed by. None of it counts rows."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from applications import cases, receipts, risks
from applications.intake import MARKS
from applications.models import Application, Claim
from applications.models.applications import OPEN
from config import clock
from config.clock import JST
from config.templatetags.notice import ja_date
from payouts import clerks

ROADS = {"points": "ポイント", "bank": "口座振込"}
CHANNELS = {"sms": "SMS", "email": "メール", "none": "なし（郵送・電話）"}


class StateFilter(admin.SimpleListFilter):
    """Open cases unless something else is asked for; a search looks at all."""

    title = "状態"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.searching = bool(request.GET.get("q"))
        return [("all", "すべて"), *Application.State.choices]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": "処理が必要なもの"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in Application.State.values:
            return queryset.filter(state=self.value())
        if self.value() == "all" or self.searching:
            return queryset
        return queryset.filter(state__in=OPEN)


class MatchFilter(admin.SimpleListFilter):
    """Applications all of whose coupons agree, or one of whose has this result."""

    title = "照合結果"
    parameter_name = "match"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [choice for choice in Claim.Match.choices if choice[0] != Claim.Match.CLEAN]
        return [("clean", "すべて一致"), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        claims = Claim.objects.filter(application=OuterRef("pk"))
        if self.value() == "clean":
            return queryset.filter(~Exists(claims.exclude(match="clean")))
        if self.value():
            return queryset.filter(Exists(claims.filter(match=self.value())))
        return queryset


class RoadFilter(admin.SimpleListFilter):
    """Points or the bank."""

    title = "受取方法"
    parameter_name = "road"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ROADS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(method=self.value()) if self.value() in ROADS else queryset


class ChannelFilter(admin.SimpleListFilter):
    """By what the applicant is told."""

    title = "配信先"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(CHANNELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in CHANNELS:
            return queryset
        return queryset.filter(channel="" if self.value() == "none" else self.value())


class AgeFilter(admin.SimpleListFilter):
    """How long ago the application came."""

    title = "受付からの日数"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), f"{days}日以上") for days in (3, 7, 14, 21)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (self.value() or "").isdecimal():
            return queryset
        days = min(int(self.value()), 9999)
        return queryset.filter(arrived_at__lte=clock.now() - timedelta(days=days))


class AttentionFilter(admin.SimpleListFilter):
    """Cases that somebody has to look at for another reason than the match."""

    title = "注意"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.mine = cases.in_hands(request.user)
        return [
            ("mine", "自分が担当中"),
            ("marked", "要確認の印あり"),
            ("assisted", "代行入力"),
            ("follow", "番号は後日"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "mine": Q(pk__in=self.mine.values("pk")),
            "marked": ~Q(marks=[]),
            "assisted": Q(entered_by__isnull=False),
            "follow": Q(number_unknown=True),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class MarkFilter(admin.SimpleListFilter):
    """Cases with one certain mark."""

    title = "要確認の印"
    parameter_name = "mark"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(MARKS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in MARKS:
            return queryset
        return queryset.filter(~Q(marks=[]), marks__contains=[self.value()])


class AskedFilter(admin.SimpleListFilter):
    """A narrowing that other pages link to: it stands in the margin only while it is asked for.

    `words(value, request)` says what is asked for; empty where it makes no sense.
    """

    words: Callable[[str, HttpRequest], str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name, "")
        words = self.words(value, request) if value else ""
        return [(value, words)] if words else []

    def has_output(self) -> bool:
        return bool(self.lookup_choices) or self.value() is not None


class DayFilter(AskedFilter):
    """Applications of one day, Japanese time: from the chart on the first page."""

    title = "受付日"
    parameter_name = "day"

    def words(self, value: str, request: HttpRequest) -> str:
        day = day_of(value)
        return ja_date(day) if day else ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = day_of(self.value() or "")
        if day is None:
            return queryset.none() if self.value() else queryset
        start = datetime.combine(day, time(), JST)
        return queryset.filter(arrived_at__gte=start, arrived_at__lt=start + timedelta(days=1))


class LikeFilter(AskedFilter):
    """Applications that share a mark's trait with one: `like=<mark>.<its receipt number>`."""

    title = "似ている申請"
    parameter_name = "like"

    def words(self, value: str, request: HttpRequest) -> str:
        code, _, number = value.partition(".")
        return f"{receipts.written(number)}と同じ：{MARKS[code]}" if code in risks.WHY else ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code, _, number = (self.value() or "").partition(".")
        if not code:
            return queryset
        known = clerks.scoped(Application.objects.all(), request.user)
        row = known.filter(receipt_number=number).select_related("bank_account").first()
        return queryset.filter(risks.like(code, row)) if row else queryset.none()


def day_of(text: str) -> date | None:
    """A day by ISO 8601."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
