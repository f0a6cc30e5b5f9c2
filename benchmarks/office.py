"""What the office asks of a whole ledger: doubles, matching, books, against bare statements."""

from datetime import timedelta
from uuid import uuid4

from django.db import connection

from applications import matching, reconcile, search
from applications.models import Application, Claim
from benchmarks import ground, ledger
from benchmarks.measure import Contender, Result, interleave
from config import clock
from coupons import sealing, suspects

NOTICE = ground.NOTICE
MATCHED = ("match", "match_reasons", "coupon_id", "matched_at")
# Payments that repeat one of the same coupon, shop and yen, wherever they stand.
BARE_DOUBLES = """SELECT coupon_id, store_id, amount, count(*) FROM coupons_entry
                  WHERE kind = 'payment' GROUP BY 1, 2, 3 HAVING count(*) > 1"""
BARE_BOOKS = """SELECT c.prefecture_code, i.category, count(*), sum(i.yen)
                FROM coupons_sealeditem i JOIN coupons_coupon c ON c.id = i.coupon_id
                LEFT JOIN applications_claim k ON k.coupon_id = i.coupon_id
                GROUP BY 1, 2"""


def doubles(rows: int, rounds: int) -> Result:
    """Likely double debits of a whole ledger, against one bare grouping of its payments."""
    ledger.imported(rows)
    found = suspects.suspects()
    seconds = interleave(
        [
            Contender("bare GROUP BY", lambda: ask(BARE_DOUBLES)),
            Contender("suspects", suspects.suspects),
        ],
        rounds,
    )
    return Result("doubles", rows, seconds, figures={"suspected": len(found)})


def matched(rows: int, rounds: int) -> Result:
    """A tenth of a sealed ledger asked for: every claim matched, against a bare UPDATE of them."""
    asked_for(rows)
    claims = Claim.objects.count()

    def fresh() -> None:
        ground.execute(
            "UPDATE applications_claim SET match = '', match_reasons = '{}', coupon_id = NULL,"
            " matched_at = NULL"
        )
        ground.execute("VACUUM ANALYZE applications_claim")

    def run() -> None:
        with clock.at(ground.SEALED_AT):
            matching.rematch()

    run()
    ground.execute("DROP TABLE IF EXISTS bench_matched")
    ground.execute(
        f"CREATE TABLE bench_matched AS SELECT id, {', '.join(MATCHED)} FROM applications_claim"
    )
    news = ", ".join(f"{name} = b.{name}" for name in MATCHED)
    bare = f"UPDATE applications_claim c SET {news} FROM bench_matched b WHERE b.id = c.id"
    seconds = interleave(
        [
            Contender("bare UPDATE", lambda: ground.execute(bare), fresh),
            Contender("rematch", run, fresh),
            Contender("rematch again", run),
        ],
        rounds,
    )
    return Result("matching", claims, seconds, figures={"claims": claims})


def booked(rows: int, rounds: int) -> Result:
    """The three books of a sealed ledger with its claims, against one bare join of the tables."""
    asked_for(rows)
    with clock.at(ground.SEALED_AT):
        matching.rematch()
    ground.execute("VACUUM ANALYZE")
    seconds = interleave(
        [Contender("bare join", lambda: ask(BARE_BOOKS)), Contender("reconcile", compare)], rounds
    )
    return Result("books", rows, seconds)


def compare() -> None:
    """All three books. Raises RuntimeError where a yen differs."""
    with clock.at(ground.SEALED_AT):
        found = reconcile.reconcile().differences
    if found:
        raise RuntimeError(f"{len(found)} differences")


def ask(query: str) -> None:
    """Run a query and take its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        cursor.fetchall()


def asked_for(rows: int) -> None:
    """A sealed ledger, and an application for every tenth of its coupons."""
    ledger.imported(rows)
    with clock.at(ground.SEALED_AT):
        sealing.seal()
    first = application()
    claim = Claim.objects.create(application=first, position=1, prefecture_code="")
    tenth = "(SELECT *, row_number() OVER (ORDER BY id) AS n FROM coupons_coupon WHERE id % 10 = 0)"
    copies(
        "applications_application",
        first.pk,
        tenth,
        {
            "submission_id": "gen_random_uuid()",
            "receipt_number": "lpad(c.n::text, 12, '0')",
            "prefecture_code": "c.prefecture_code",
            "travel_end": "c.travel_end",
        },
    )
    copies(
        "applications_claim",
        claim.pk,
        tenth,
        {
            "application_id": f"{first.pk} + c.n",
            "prefecture_code": "c.prefecture_code",
            "inquiry_number": "c.inquiry_number",
            "typed_number": "c.inquiry_number",
        },
    )
    ground.execute("VACUUM ANALYZE")


def application() -> Application:
    """One application, to be copied."""
    name, kana, day = "静岡 花子", "シズオカ　ハナコ", NOTICE.dates.outage_day
    return Application.objects.create(
        submission_id=uuid4(),
        receipt_number="FIRST",
        prefecture_code=NOTICE.home,
        arrived_at=NOTICE.dates.cut_off,
        opened_at=NOTICE.dates.site_opens,
        closes_at=NOTICE.dates.applications_close,
        name=name,
        kana=kana,
        search=search.keys(name, kana),
        phone="+819012345678",
        travel_type="stay",
        travel_start=day - timedelta(days=1),
        travel_end=day,
        expires_on_outage_day="yes",
        method="points",
        channel="sms",
        delivery="+819012345678",
        content_hash=b"x" * 32,
    )


def copies(table: str, of: int, source: str, other: dict[str, str]) -> None:
    """A copy of one row for each row `c` of a source, except for the columns in `other`."""
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    names = [column.name for column in described if column.name != "id"]
    values = [other.get(name, f't."{name}"') for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    ground.execute(
        f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)}"
        f" FROM {table} t CROSS JOIN {source} c WHERE t.id = {of} ORDER BY c.n"
    )
