"""App holders: payouts opened in chunks and released in waves, against bare statements."""

import time

from django.db import transaction

from benchmarks import ground
from benchmarks.measure import Contender, Result, interleave
from config import clock
from coupons.models import Seal
from payouts import app_holders, opening
from payouts.models import AppHolderRun

TABLES = ("payouts_payout", "payouts_payoutline", "payouts_payoutstep")
SENT = ("payouts_link", "payouts_message")
SEALED = ("coupons_coupon", "coupons_sealeditem", "coupons_seal", "coupons_import")
LONGEST = 2.0  # seconds that one transaction may hold its locks

# Every tenth holder has a second coupon; one in seventeen has a mail address only.
HOLDERS = """
    WITH made AS (
        INSERT INTO coupons_coupon
            (inquiry_number, prefecture_code, travel_type, travel_start, travel_end, face_value,
             issued_at, issuer, charged_at, app_account, app_phone, app_email)
        SELECT lpad(n::text, 12, '0'), (%(prefectures)s::text[])[1 + n %% %(holders)s %% 26],
               'day_trip', %(day)s::date, %(day)s::date, 1000 + n %% 2000, %(at)s::timestamptz, '',
               %(at)s::timestamptz,
               'U' || lpad((n %% %(holders)s)::text, 9, '0'),
               CASE WHEN n %% %(holders)s %% 17 = 0 THEN '' ELSE '+8190'
                    || lpad((n %% %(holders)s)::text, 8, '0') END,
               'u' || n %% %(holders)s || '@example.jp'
        FROM generate_series(0, %(coupons)s - 1) n
        RETURNING *
    )
    INSERT INTO coupons_sealeditem
        (coupon_id, edition, balance, yen, category, eligible, in_app, route, app_account,
         app_phone, app_email, at)
    SELECT id, 0, face_value, face_value, 'A1', true, true, 'app_link', app_account, app_phone,
           app_email, %(at)s
    FROM made
"""


def opened(rows: int, rounds: int) -> Result:
    """Payouts for `rows` app holders, against bare INSERT .. SELECT of the same rows."""
    people = holders(rows)
    chunks: list[float] = []

    def ready() -> None:
        forget()
        run_of(people)

    def run() -> None:
        opened, size = None, 0
        while opened is None or opened["payouts"]:
            began = time.perf_counter()
            with clock.at(ground.LINKS_GO):
                opened = app_holders.open_for_app_holders(limit=1)
            chunks.append(time.perf_counter() - began)
            size += opened["payouts"]
        if size != rows:
            raise RuntimeError(f"{size} payouts opened, not {rows}")

    ready()
    run()
    chunks.clear()
    for table in TABLES:
        keep(table)

    def bare() -> None:
        with transaction.atomic():
            for table in TABLES:
                ground.execute(f"INSERT INTO {table} SELECT * FROM bench_{table} ORDER BY id")

    def unguarded() -> None:
        with ground.unguarded(*TABLES[:2]):
            bare()

    seconds = interleave(
        [
            Contender("bare INSERT .. SELECT", unguarded, forget),
            Contender("the same with our guards", bare, forget),
            Contender("open_for_app_holders", run, ready),
        ],
        rounds,
    )
    return Result(
        "opening",
        rows,
        seconds,
        goals={"open_for_app_holders": 1.5},
        figures={
            "longest transaction, s": round(max(chunks), 2),
            "transactions": len(chunks) // rounds,
            "payouts a second": round(rows / sorted(seconds["open_for_app_holders"])[rounds // 2]),
        },
        limits={"longest transaction, s": LONGEST},
    )


def released(rows: int, rounds: int) -> Result:
    """Payouts made ready with links and messages, against bare INSERT .. SELECT of those two."""
    people = holders(rows)

    def opened() -> None:
        forget()
        run_of(people)
        with clock.at(ground.LINKS_GO):
            app_holders.open_for_app_holders()
        ground.execute("VACUUM ANALYZE")

    def run() -> None:
        with clock.at(ground.LINKS_GO):
            counts = opening.release_due()
        if counts["ready"] != rows:
            raise RuntimeError(f"{counts} released, not {rows}")

    opened()
    run()
    for table in SENT:
        keep(table)

    def bare() -> None:
        with transaction.atomic():
            for table in SENT:
                ground.execute(f"INSERT INTO {table} SELECT * FROM bench_{table} ORDER BY id")

    seconds = interleave(
        [Contender("bare INSERT .. SELECT", bare, opened), Contender("release_due", run, opened)],
        rounds,
    )
    middle = sorted(seconds["release_due"])[rounds // 2]
    return Result("release", rows, seconds, figures={"payouts a second": round(rows / middle)})


def holders(rows: int) -> list[object]:
    """`rows` app holders, sealed; returns two clerks."""
    ground.empty()
    at = ground.SEALED_AT
    ground.execute(
        HOLDERS,
        {
            "prefectures": sorted(ground.NOTICE.prefectures),
            "holders": rows,
            "coupons": rows + rows // 10,
            "day": ground.NOTICE.dates.outage_day,
            "at": ground.NOTICE.dates.outage_from,
        },
    )
    Seal.objects.create(
        cut_off=ground.NOTICE.dates.cut_off,
        sealed_at=at,
        coupons=rows,
        eligible=rows,
        total_yen=0,
        sha256="0" * 64,
    )
    ground.execute("VACUUM ANALYZE")
    return ground.clerks()


def run_of(people: list[object]) -> AppHolderRun:
    """A run that two people signed."""
    with clock.at(ground.SEALED_AT):
        return app_holders.approve(app_holders.prepare(people[0]), people[1])


def forget() -> None:
    """No payout, no run; the seal stays."""
    ground.empty(*SEALED, "payouts_clerk", "coupons_entry")


def keep(table: str) -> None:
    """A copy of a table's rows, to be inserted barely."""
    ground.execute(f"DROP TABLE IF EXISTS bench_{table}")
    ground.execute(f"CREATE TABLE bench_{table} AS SELECT * FROM {table} ORDER BY id")
