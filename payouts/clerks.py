"""Whose cases a clerk may see and work on: each office its own (N25)."""

from typing import Any

from django.db.models import QuerySet

from config.notice import NOTICE
from config.states import Refused


def prefectures_of(user: Any) -> list[str]:
    """Codes of the prefectures that a staff account works for; none without a Clerk row."""
    clerk = getattr(user, "clerk", None)  # asked once an account at hand
    if clerk is None:
        return list(NOTICE.prefectures) if user.is_superuser else []
    return list(NOTICE.prefectures) if clerk.everywhere else list(clerk.prefectures)


def require(user: Any, prefecture_code: str) -> None:
    """Raises Refused where the account does not work for this prefecture."""
    if prefecture_code not in prefectures_of(user):
        raise Refused("この都道府県の担当者ではありません。", "prefecture")


def visible(user: Any) -> frozenset[str] | None:
    """The codes whose cases the account may see; None means all of them."""
    codes = frozenset(prefectures_of(user))
    return None if codes == frozenset(NOTICE.prefectures) else codes


def scoped(rows: QuerySet[Any], user: Any, field: str = "prefecture_code") -> QuerySet[Any]:
    """Those of `rows` that the account may see."""
    codes = visible(user)
    return rows if codes is None else rows.filter(**{f"{field}__in": codes})
