"""What the stock holds against what is still to be received: for the office, and for the alarm.

Nobody knows what a person will choose. So what is due is shared among the brands as those who
chose already did, each brand counted once more than it was chosen.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection

from config.notice import NOTICE
from payouts import gifts, opening
from payouts.outbound.gifts.provider import GiftProvider
from payouts.outbound.gifts.providers import provider_for

LEVELS = """
    SELECT prefecture_code, brand, count(*) FILTER (WHERE expires_on >= %(earliest)s),
           coalesce(sum(face_value) FILTER (WHERE expires_on >= %(earliest)s), 0)::bigint,
           count(*) FILTER (WHERE expires_on < %(earliest)s)
    FROM payouts_code WHERE taken_at IS NULL AND prefecture_code = ANY(%(prefectures)s)
    GROUP BY prefecture_code, brand
"""
DUE = """
    SELECT prefecture_code, sum(amount)::bigint FROM payouts_payout
    WHERE state = 'ready' AND road = 'points' AND prefecture_code = ANY(%(prefectures)s)
    GROUP BY prefecture_code
"""
CHOSEN = "SELECT brand, count(*) FROM payouts_order WHERE state <> 'rejected' GROUP BY brand"


@dataclass(frozen=True)
class Level:
    """One brand of one office: free codes and yen, those held back, what is forecast (yen)."""

    prefecture: str
    brand: str
    free: int
    yen: int
    held_back: int  # free, but not good for long enough any more
    forecast: int

    @property
    def low(self) -> bool:
        """Fewer yen than the forecast asks for."""
        return self.yen < self.forecast


@dataclass(frozen=True)
class Funds:
    """The prepaid yen at the provider of a brand (None: no answer), and what is forecast."""

    brands: tuple[str, ...]
    yen: int | None
    forecast: int

    @property
    def low(self) -> bool:
        """Fewer yen than the forecast asks for."""
        return self.yen is not None and self.yen < self.forecast


def shares() -> dict[str, float]:
    """The part of what is due that is forecast for each brand."""
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN)
        chosen = Counter(dict(cursor.fetchall()))
    total = sum(chosen[brand] + 1 for brand in NOTICE.brands)
    return {brand: (chosen[brand] + 1) / total for brand in NOTICE.brands}


def due(prefectures: list[str]) -> dict[str, int]:
    """Yen that are ready and not received yet, by office."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"prefectures": prefectures})
        return dict(cursor.fetchall())


def levels(prefectures: list[str]) -> list[Level]:
    """Every stock brand of each of these offices that has codes, or something to pay."""
    earliest = gifts.kept_until(opening.common_end())
    with connection.cursor() as cursor:
        cursor.execute(LEVELS, {"earliest": earliest, "prefectures": prefectures})
        stock = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
    owed, share = due(prefectures), shares()
    return [
        Level(code, brand, *stock.get((code, brand), (0, 0, 0)), round(owed.get(code, 0) * part))
        for code in prefectures
        for brand, part in share.items()
        if provider_for(brand) is None and ((code, brand) in stock or owed.get(code))
    ]


def funds() -> list[Funds]:
    """The prepaid yen of every api provider, each asked once for all of its brands."""
    asked: dict[Any, list[str]] = {}
    for brand in NOTICE.brands:
        if provider := provider_for(brand):
            asked.setdefault(account(provider), []).append(brand)
    total, share = sum(due(list(NOTICE.prefectures)).values()), shares()
    return [
        Funds(
            tuple(brands),
            provider_for(brands[0]).funds(),
            round(total * sum(share[brand] for brand in brands)),
        )
        for brands in asked.values()
    ]


def account(provider: GiftProvider) -> Any:
    """What tells two prepaid accounts apart: address and partner."""
    endpoint = getattr(provider, "endpoint", None)
    return (endpoint.host, endpoint.port, endpoint.key) if endpoint else provider


def short() -> dict[str, list[Any]]:
    """Stocks and accounts that the forecast will use up: names and numbers for the alarm."""
    return {
        "low_stock": [
            [each.prefecture, each.brand, each.yen, each.forecast]
            for each in levels(list(NOTICE.prefectures))
            if each.low
        ],
        "low_funds": [[list(each.brands), each.yen, each.forecast] for each in funds() if each.low],
    }
