"""What the queue is narrowed by. None of it counts rows."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from applications import cases
from applications.models import Application, Claim
from config import clock

ROADS = {"sms": "ポイント（SMS）", "email": "ポイント（メール）", "bank": "口座振込"}
OPEN = ("received", "held", "asked", "checked")


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
    """Points by SMS or e-mail, or the bank."""

    title = "受取"
    parameter_name = "road"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ROADS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "bank":
            return queryset.filter(method="bank")
        if self.value() in ROADS:
            return queryset.filter(method="points", channel=self.value())
        return queryset


class AgeFilter(admin.SimpleListFilter):
    """How long ago the application came."""

    title = "受付からの日数"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), f"{days}日以上") for days in (3, 7, 14, 21)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (self.value() or "").isdecimal():
            return queryset
        return queryset.filter(arrived_at__lte=clock.now() - timedelta(days=int(self.value())))


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
