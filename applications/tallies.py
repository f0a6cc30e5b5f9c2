"""Counts of the whole office by prefecture, kept in one row a kind and made anew by a job.

A page that shows them never counts a million rows: it takes the kept ones unless they are older
than RESTS times what counting costs. So a small office sees its counts at once, and a big one at
most as late as the job runs.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from applications.models import Tally
from config import clock
from config.clock import JST

RESTS = 60

Data = dict[str, Any]

STATES = """
    SELECT prefecture_code, state, (arrived_at AT TIME ZONE 'Asia/Tokyo')::date, count(*)
    FROM applications_application GROUP BY 1, 2, 3"""
PAYOUTS = """
    SELECT prefecture_code, road, state, count(*), coalesce(sum(amount), 0)::bigint
    FROM payouts_payout GROUP BY 1, 2, 3"""
CODES = """
    SELECT prefecture_code, brand, count(*), sum(face_value)::bigint
    FROM payouts_code WHERE taken_at IS NULL GROUP BY 1, 2"""
QUEUED = """
    SELECT prefecture_code, count(*), min(due_at) FROM payouts_message
    WHERE state = 'queued' AND channel IN ('sms', 'email') GROUP BY 1"""
UNDELIVERED = """
    SELECT prefecture_code, state, count(*) FROM payouts_message
    WHERE state IN ('failed', 'unconfirmed', 'given_up') AND handled_at IS NULL GROUP BY 1, 2"""
ASKED = """
    SELECT a.prefecture_code, count(*) FROM applications_correction c
    JOIN applications_application a ON a.id = c.application_id
    WHERE c.replaced_at IS NULL AND c.answered_at IS NULL AND a.state = 'asked'
      AND c.due_at > %(at)s AND c.due_at <= %(soon)s
    GROUP BY 1"""
CALLS = """
    SELECT prefecture_code, count(*) FROM applications_inquiry
    WHERE call_back_at IS NOT NULL AND called_back_at IS NULL AND call_back_at < %(soon)s
    GROUP BY 1"""
LOOKS = """
    SELECT prefecture_code, count(*) FROM applications_secondlook WHERE verdict = '' GROUP BY 1"""
BULKS = """
    SELECT prefecture_code, count(*) FROM applications_bulk
    WHERE approved_at IS NULL AND dropped_at IS NULL GROUP BY 1"""
BATCHES = """
    SELECT prefecture_code, state, count(*) FROM payouts_batch
    WHERE state IN ('cut', 'released') GROUP BY 1, 2"""
NEW_ACCOUNTS = """
    SELECT prefecture_code, state, count(*) FROM applications_newaccount
    WHERE state IN ('given', 'checked') GROUP BY 1, 2"""
OWN_ACCOUNTS = """
    SELECT prefecture_code, count(*) FROM payouts_officechange
    WHERE approved_at IS NULL AND dropped_at IS NULL GROUP BY 1"""
SEALED = """
    SELECT c.prefecture_code, sum(i.yen)::bigint FROM coupons_sealeditem i
    JOIN coupons_coupon c ON c.id = i.coupon_id GROUP BY 1"""
ORDERED = """
    SELECT p.prefecture_code, sum(o.amount)::bigint FROM payouts_order o
    JOIN payouts_payout p ON p.id = o.payout_id WHERE o.state = 'issued' GROUP BY 1"""
TRANSFERRED = """
    SELECT p.prefecture_code, sum(t.amount)::bigint FROM payouts_transfer t
    JOIN payouts_payout p ON p.id = t.payout_id
    WHERE t.state IN ('handed_over', 'paid') GROUP BY 1"""


def work(at: datetime) -> Data:
    """By prefecture: cases by state and day, messages, what is due today."""
    found = _offices()
    for code, state, day, count in _rows(STATES):
        _add(found[code]["states"], state, count)
        _add(found[code]["days"], day.isoformat(), count)
    for code, count, oldest in _rows(QUEUED):
        found[code]["queued"] = {"count": count, "oldest": oldest.isoformat()}
    for code, state, count in _rows(UNDELIVERED):
        found[code]["undelivered"][state] = count
    midnight = datetime.combine(at.astimezone(JST).date(), datetime.min.time(), JST)
    soon = {"at": at, "soon": midnight + timedelta(days=1)}
    single = {"asked": ASKED, "calls": CALLS, "looks": LOOKS, "bulks": BULKS, "own": OWN_ACCOUNTS}
    for name, query in single.items():
        for code, count in _rows(query, soon):
            found[code]["due"][name] = count
    for name, query in (("batches", BATCHES), ("accounts", NEW_ACCOUNTS)):
        for code, state, count in _rows(query):
            found[code]["due"][f"{name}_{state}"] = count
    return {code: dict(kinds) for code, kinds in found.items()}


def money(at: datetime) -> Data:
    """By prefecture: payouts by road and state, the stock of codes, yen in the three books."""
    found = _offices()
    for code, road, state, count, yen in _rows(PAYOUTS):
        found[code]["payouts"][f"{road}.{state}"] = [count, yen]
    for code, brand, count, yen in _rows(CODES):
        found[code]["codes"][brand] = [count, yen]
    for book, query in (("sealed", SEALED), ("ordered", ORDERED), ("transferred", TRANSFERRED)):
        for code, yen in _rows(query):
            found[code]["books"][book] = yen
    return {code: dict(kinds) for code, kinds in found.items()}


COUNTED: dict[str, Callable[[datetime], Data]] = {"work": work, "money": money}


def count(key: str) -> Tally:
    """Count one kind now and keep it."""
    at, began = clock.now(), time.perf_counter()
    data = COUNTED[key](at)
    took = round(1000 * (time.perf_counter() - began))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO applications_tally (key, at, counted_at, milliseconds, data)
               VALUES (%s, %s, clock_timestamp(), %s, %s::jsonb)
               ON CONFLICT (key) DO UPDATE
               SET at = excluded.at, counted_at = excluded.counted_at,
                   milliseconds = excluded.milliseconds, data = excluded.data""",
            [key, at, took, json.dumps(data)],
        )
    return Tally.objects.get(key=key)


def current(key: str) -> Tally:
    """The kept counts, or new ones where those are missing or too old for what they cost."""
    kept = Tally.objects.extra(
        where=[
            "counted_at > clock_timestamp() - make_interval(secs => %s * milliseconds / 1000.0)"
        ],
        params=[RESTS],
    )
    return kept.filter(key=key).first() or count(key)


def recount() -> dict[str, int]:
    """Count every kind; what each cost, in milliseconds."""
    return {key: count(key).milliseconds for key in COUNTED}


def summed(tally: Tally, codes: list[str], kind: str) -> dict[str, Any]:
    """One kind of counts over these prefectures: numbers added, lists of numbers by place."""
    total: dict[str, Any] = {}
    for code in codes:
        for name, value in tally.data.get(code, {}).get(kind, {}).items():
            if isinstance(value, list):
                before = total.get(name, [0] * len(value))
                total[name] = [a + b for a, b in zip(before, value, strict=True)]
            elif isinstance(value, int):
                total[name] = total.get(name, 0) + value
    return total


def oldest_queued(tally: Tally, codes: list[str]) -> datetime | None:
    """When the oldest message was due that waits in one of these prefectures."""
    found = [tally.data.get(code, {}).get("queued", {}).get("oldest") for code in codes]
    return min((datetime.fromisoformat(each) for each in found if each), default=None)


def _offices() -> dict[str, Any]:
    return defaultdict(lambda: defaultdict(dict))


def _add(counts: dict[str, int], name: str, count: int) -> None:
    counts[name] = counts.get(name, 0) + count


def _rows(query: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
