"""The seal: every coupon's balance before the cut-off, counted, summed and hashed, once.

2(A)①②, N16 to N18. After it nothing changes it: what the ledger says otherwise becomes a listed
difference, what is given back later a dated supplement.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from config import clock
from config.notice import NOTICE
from config.states import Refused
from config.templatetags.notice import ja_moment
from coupons import outcome, supplements
from coupons.models import Coupon, Import, Seal

SHOWN = 100  # differences told at once; all are stored
LEDGER_LOCK = 0x6C656467  # one import or seal at a time

# What the chain is made of, a coupon: what the seal decides, and no contact, so that erasing
# personal data leaves the hash provable.
LINK = """concat_ws(',', inquiry_number, category, CASE WHEN eligible THEN 'yes' ELSE 'no' END,
                    balance, CASE WHEN in_app THEN 'in_app' ELSE 'out' END)"""
TOTALS = f"""count(*), count(*) FILTER (WHERE eligible),
             coalesce(sum(greatest(balance, 0)) FILTER (WHERE eligible), 0),
             encode(coupons_chain({LINK} ORDER BY inquiry_number), 'hex')"""


def row_of(alias: str) -> str:
    """The sealed facts of a coupon as a row to compare."""
    return f"({alias}.category, {alias}.eligible, {alias}.balance, {alias}.in_app)"


def as_json(alias: str) -> str:
    """The same for the office's list; null where the coupon has no sealed item."""
    return f"""CASE WHEN {alias}.coupon_id IS NOT NULL THEN jsonb_build_object(
        'category', {alias}.category, 'eligible', {alias}.eligible,
        'balance', {alias}.balance, 'in_app', {alias}.in_app) END"""


@dataclass(frozen=True)
class SealedDifference:
    """A coupon whose sealed facts the ledger now tells otherwise."""

    inquiry_number: str
    detail: dict[str, Any]

    def __str__(self) -> str:
        """The number and each fact that differs, sealed -> ledger."""
        sealed, ledger = self.detail.get("sealed"), self.detail["ledger"]
        if sealed is None:
            return f"{self.inquiry_number}: 残額の確定後に現れたクーポン"
        changed = [
            f"{name} {sealed[name]} -> {ledger[name]}"
            for name in sealed
            if sealed[name] != ledger[name]
        ]
        return f"{self.inquiry_number}: {'、'.join(changed)}"


@dataclass(frozen=True)
class Verdict:
    """The seal; whether this call made it; the ledger's hash; who differs: how many, the first."""

    seal: Seal
    made: bool
    sha256: str
    count: int = 0
    differences: list[SealedDifference] = field(default_factory=list)


def lock_ledger() -> None:
    """Wait for, then hold until the end of the transaction, the right to write the ledger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEDGER_LOCK])


def is_sealed() -> bool:
    """Whether the balances are sealed."""
    return Seal.objects.exists()


def seal(by: AbstractBaseUser | None = None) -> Verdict:
    """Seal the whole ledger, or compare it with the seal there is.

    Raises Refused before the cut-off and for an empty ledger. Of two calls at once one seals.
    """
    at = clock.now()
    if at < NOTICE.dates.cut_off:
        raise Refused(
            f"残額は{ja_moment(NOTICE.dates.cut_off)}より前には確定できません"
            f"（現在 {ja_moment(at)}）。",
            "early",
        )
    with transaction.atomic():
        lock_ledger()
        found = Seal.objects.first()
        if found is not None:
            return compare(found)
        if not Coupon.objects.exists():
            raise Refused("クーポン台帳が空です。先に台帳を取り込んでください。", "empty")
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH found AS MATERIALIZED ({outcome.rule()}), items AS (
                        INSERT INTO coupons_sealeditem
                            (coupon_id, edition, balance, yen, category, eligible, in_app, route,
                             app_account, app_phone, app_email, at)
                        SELECT coupon_id, 0, balance, y.yen, category, eligible, in_app,
                               CASE WHEN y.yen < 1 THEN 'none' WHEN in_app THEN 'app_link'
                                    ELSE 'application' END,
                               CASE WHEN in_app THEN app_account ELSE '' END,
                               CASE WHEN in_app THEN app_phone ELSE '' END,
                               CASE WHEN in_app THEN app_email ELSE '' END, %(at)s
                        FROM found CROSS JOIN LATERAL (
                            SELECT CASE WHEN eligible THEN greatest(balance, 0) ELSE 0 END AS yen
                        ) y
                    )
                    INSERT INTO coupons_seal
                        (id, cut_off, sealed_at, by_id, last_import_id, coupons, eligible,
                         total_yen, sha256)
                    SELECT 1, %(cut_off)s, %(at)s, %(by)s,
                           (SELECT max(id) FROM coupons_import), {TOTALS} FROM found""",
                outcome.moments() | {"at": at, "by": by and by.pk},
            )
        supplements.list_late(at)
        made = Seal.objects.get()
        return Verdict(made, made=True, sha256=made.sha256)


def seal_due() -> Verdict | None:
    """Seal where it is time: after the cut-off, with an export imported since; None otherwise.

    An older export would seal without the last movements before the cut-off (N18).
    """
    at, cut_off = clock.now(), NOTICE.dates.cut_off
    if at < cut_off or is_sealed() or not Import.objects.filter(at__gte=cut_off).exists():
        return None
    return seal()


def compare(seal: Seal, import_run: int | None = None) -> Verdict:
    """Hold the ledger of now against the seal; store each new difference once, list the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH found AS MATERIALIZED ({outcome.rule()}), differing AS MATERIALIZED (
                    SELECT f.coupon_id, f.inquiry_number, s.coupon_id IS NULL AS unsealed,
                           jsonb_strip_nulls(jsonb_build_object(
                               'sealed', {as_json("s")}, 'ledger', {as_json("f")})) AS detail
                    FROM found f
                    LEFT JOIN coupons_sealeditem s ON s.coupon_id = f.coupon_id AND s.edition = 0
                    WHERE s.coupon_id IS NULL OR {row_of("s")} IS DISTINCT FROM {row_of("f")}
                ), stored AS (
                    INSERT INTO coupons_difference
                        (kind, key, coupon_id, detail, import_run_id, at)
                    SELECT CASE WHEN unsealed THEN 'after_seal' ELSE 'sealed' END,
                           CASE WHEN unsealed THEN inquiry_number
                                ELSE inquiry_number || ':' || md5(detail::text) END,
                           coupon_id, detail, %(run)s, %(at)s
                    FROM differing
                    ON CONFLICT (kind, key) DO NOTHING
                )
                SELECT t.sha256, count(d) OVER (), d.inquiry_number, d.detail::text
                FROM (SELECT {TOTALS} FROM found) t (coupons, eligible, yen, sha256)
                LEFT JOIN differing d ON true
                ORDER BY d.inquiry_number LIMIT {SHOWN}""",
            outcome.moments() | {"run": import_run, "at": clock.now()},
        )
        rows = cursor.fetchall()
    return Verdict(
        seal,
        made=False,
        sha256=rows[0][0],
        count=rows[0][1],
        differences=[
            SealedDifference(number, json.loads(detail))
            for _, _, number, detail in rows
            if number is not None
        ],
    )


def balances() -> Iterator[str]:
    """The table of sealed balances as CSV text (LF), in blocks, streamed by PostgreSQL.

    Raises Refused before the seal.
    """
    if not is_sealed():
        raise Refused(
            "残額はまだ確定していません。先に seal_balances を実行してください。", "unsealed"
        )
    table = f"""SELECT inquiry_number, nullif(category, '') AS category,
                       CASE WHEN eligible THEN 'yes' ELSE 'no' END AS eligible,
                       balance, supplement, route
                FROM ({outcome.owed()}) o ORDER BY inquiry_number"""
    with connection.cursor() as cursor:
        copy_out = f"COPY ({table}) TO STDOUT WITH (FORMAT csv, HEADER true)"
        with cursor.copy(copy_out, outcome.moments()) as copy:
            while rows := list(islice(copy, 1000)):
                yield b"".join(rows).decode()
