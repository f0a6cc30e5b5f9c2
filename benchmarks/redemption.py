"""64 people at once on one stock: our statement and the whole act against the plain one.

The plain statement takes the first free code, FOR UPDATE SKIP LOCKED, by pgbench: everybody steps
over everybody's locked row. Ours begins at a place of its own. After each round it is counted that
no code went twice and that nobody who was told so is without one.
"""

import multiprocessing
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from hashlib import sha256
from multiprocessing.pool import Pool
from pathlib import Path

from django.conf import settings
from django.db import connection, connections, transaction

from benchmarks import ground
from benchmarks.measure import Contender, Result, interleave
from config import clock, embedded
from coupons.models import Coupon, Seal, SealedItem
from payouts import gifts, links, opening
from payouts.models import Code, Link, Payout, PayoutLine

PEOPLE, PROCESSES = 64, 4
EACH = 32  # codes that each of them takes in a round
TAKES = PEOPLE * EACH
WARM = 8  # codes that each takes before: a connection of the web is hours old, its plans are made
ALL = TAKES + PEOPLE * WARM
CODES = TAKES * 2
YEN = 500
AT = ground.LINKS_GO + timedelta(days=7)
LASTS = date(ground.NOTICE.dates.receiving_closes.year + 1, 3, 31)
WANTED = "prefecture_code = '22' AND brand = 'ponta' AND taken_at IS NULL AND face_value = 500"
EARLIEST = f"expires_on >= '{gifts.kept_until(ground.NOTICE.dates.receiving_closes):%Y-%m-%d}'"
PLAIN = f"""UPDATE payouts_code SET taken_at = now() WHERE id = (
    SELECT id FROM payouts_code WHERE {WANTED} AND {EARLIEST}
    ORDER BY expires_on, draw LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id;
"""
SOMEWHERE = f"""UPDATE payouts_code SET taken_at = now() WHERE id = (
    SELECT id FROM payouts_code WHERE {WANTED}
      AND expires_on = (SELECT expires_on FROM payouts_code WHERE {WANTED} AND {EARLIEST}
                        ORDER BY expires_on, draw LIMIT 1)
      AND draw >= (SELECT random() * 0.9)
    ORDER BY expires_on, draw LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id;
"""


def redeemed(rows: int, rounds: int) -> Result:
    """TAKES codes out of twice as many, by PEOPLE at once; `rows` does not matter here."""
    clerk = ground.clerks()[1]
    found: list[int] = []
    crowd = Crowd(found)

    def alone() -> None:
        crowd.leave()  # its connections, too
        lay_codes()

    contenders = [
        Contender("the plain statement, pgbench", pgbench("plain", PLAIN), alone),
        Contender("our statement, pgbench", pgbench("ours", SOMEWHERE), alone),
        Contender("the whole act, in process", crowd.go, lambda: crowd.gather(lay(clerk))),
    ]
    seconds = interleave(contenders, rounds)
    crowd.leave()
    result = Result("redemption", TAKES, seconds)
    result.goals = {"our statement, pgbench": 1.0, "the whole act, in process": 4.0}
    result.figures = {
        "codes a second, plain": round(TAKES / result.median(contenders[0].name)),
        "codes a second, ours": round(TAKES / result.median(contenders[1].name)),
        "acts a second": round(TAKES / result.median(contenders[2].name)),
        "people without a code, or codes given twice": sum(found),
    }
    result.limits = {"people without a code, or codes given twice": 0}
    return result


def pgbench(name: str, statement: str) -> "Run":
    """A contender's act: the statement, by as many clients, at full speed."""
    script = settings.VAR_DIR / f"{name}.sql"
    script.write_text(statement)
    return Run(script)


class Run:
    """One pgbench run out of the embedded engine's binaries."""

    def __init__(self, script: Path) -> None:
        self.script = script

    def __call__(self) -> None:
        server = embedded.postgres(settings.VAR_DIR)
        given = connection.get_connection_params()
        subprocess.run(
            [
                str(server.bin_path / "pgbench"),
                *("-n", "-M", "prepared", "-c", str(PEOPLE), "-j", "2", "-t", str(EACH)),
                *("-f", str(self.script), "-h", given["host"], "-U", given["user"]),
                given["dbname"],
            ],
            check=True,
            capture_output=True,
        )
        if ground.value("SELECT count(*) FROM payouts_code WHERE taken_at IS NOT NULL") != TAKES:
            raise AssertionError("a take went nowhere, or two went to one code")


class Crowd:
    """People in threads of a few processes, as the web has them, each with a connection open."""

    def __init__(self, found: list[int]) -> None:
        self.found = found
        self.pool: Pool | None = None
        self.lots: list[list[int]] = []

    def gather(self, payouts: list[int]) -> None:
        """Everybody stands at the door; only then the time begins."""
        self.leave()
        tokens.clear()
        tokens.update(
            (link.payout_id, links.token_of(link)) for link in Link.objects.select_related("payout")
        )
        connections.close_all()
        self.lots = [payouts[i:TAKES:PEOPLE] for i in range(PEOPLE)]
        self.pool = multiprocessing.get_context("fork").Pool(PROCESSES, enter)
        early = payouts[TAKES:]
        lots = [early[i::PROCESSES] for i in range(PROCESSES)]
        warmed = sum(self.pool.map(warm, lots, chunksize=1))
        self.found.append(len(early) - warmed)

    def go(self) -> None:
        """Each person takes one code after the other."""
        assert self.pool is not None
        share = PEOPLE // PROCESSES
        shares = [self.lots[i * share : (i + 1) * share] for i in range(PROCESSES)]
        taken = sum(self.pool.map(take_all, shares, chunksize=1))
        wrong = ground.value(
            "SELECT count(*) - count(DISTINCT code_id) FROM payouts_orderpart"
        ) + abs(ALL - ground.value("SELECT count(*) FROM payouts_payout WHERE state = 'issued'"))
        self.found.append(wrong + abs(TAKES - taken))

    def leave(self) -> None:
        """The processes end."""
        if self.pool is not None:
            self.pool.terminate()
            self.pool.join()
        self.pool = None


threads: list[ThreadPoolExecutor] = []
tokens: dict[int, str] = {}  # by payout, as each person holds the own one in hand


def enter() -> None:
    """A process opens its threads' connections; its clock stands on a day of receiving."""
    connections.close_all()
    clock.set_offset(AT - clock.real_now())
    threads.append(ThreadPoolExecutor(PEOPLE // PROCESSES))


def warm(payouts: list[int]) -> int:
    """Let every thread of a process meet the others with its connection open and in use."""
    people = PEOPLE // PROCESSES
    barrier = threading.Barrier(people)

    def take_some(person: int) -> int:
        got = take(payouts[person::people])
        barrier.wait(30)
        return got

    return sum(threads[0].map(take_some, range(people)))


def take_all(lots: list[list[int]]) -> int:
    """How many codes the people of one process got."""
    return sum(threads[0].map(take, lots))


def take(payouts: list[int]) -> int:
    """One person, one payout after the other, as the receiving page does it: link, then choice."""
    found = (links.find(tokens[pk]) for pk in payouts)
    return sum(gifts.choose(link.payout, "ponta", link).state == "issued" for link in found)


def lay_codes() -> None:
    """A fresh stock."""
    ground.empty()
    at = clock.now()
    Code.objects.bulk_create(
        [
            Code(
                prefecture_code="22",
                brand="ponta",
                face_value=YEN,
                secret=b"x",
                code_hash=sha256(str(number).encode()).digest(),
                management_number=f"M{number}",
                expires_on=LASTS,
                imported_at=at,
            )
            for number in range(CODES + PEOPLE * WARM)
        ],
        batch_size=1000,
    )
    ground.execute("VACUUM ANALYZE payouts_code")


def lay(clerk: object) -> list[int]:
    """A fresh stock, and payouts of 500 yen with links; returns their ids."""
    lay_codes()
    with transaction.atomic():
        coupons = Coupon.objects.bulk_create(coupon(i) for i in range(ALL))
        Seal.objects.create(
            cut_off=ground.NOTICE.dates.cut_off,
            sealed_at=ground.SEALED_AT,
            coupons=ALL,
            eligible=ALL,
            total_yen=ALL * YEN,
            sha256="0" * 64,
        )
        SealedItem.objects.bulk_create(sealed(each) for each in coupons)
        payouts = Payout.objects.bulk_create(payout(clerk) for _ in coupons)
        PayoutLine.objects.bulk_create(
            PayoutLine(payout=of, coupon=each, prefecture_code="22")
            for of, each in zip(payouts, coupons, strict=True)
        )
    with clock.at(AT):
        opening.release_due()
    ground.execute("VACUUM ANALYZE payouts_payout")
    return [each.pk for each in payouts]


def coupon(number: int) -> Coupon:
    """A coupon on paper."""
    day = ground.NOTICE.dates.outage_day
    ends = datetime.combine(day, datetime.max.time(), clock.JST).replace(microsecond=0)
    return Coupon(
        inquiry_number=f"{number:012d}",
        prefecture_code="22",
        travel_type="day_trip",
        travel_start=day,
        travel_end=day,
        face_value=YEN,
        issued_at=datetime.combine(day, datetime.min.time(), clock.JST),
        original_expires_at=ends,
        expires_at=ends,
    )


def sealed(of: Coupon) -> SealedItem:
    """What is owed on it."""
    return SealedItem(
        coupon=of,
        edition=0,
        balance=YEN,
        yen=YEN,
        category="A1",
        eligible=True,
        in_app=False,
        route="application",
        at=ground.SEALED_AT,
    )


def payout(clerk: object) -> Payout:
    """A payout that waits for its day."""
    return Payout(
        prefecture_code="22",
        road="points",
        channel="sms",
        address="+819012345678",
        by_matching=True,
        approved_by=clerk,
        opened_at=ground.SEALED_AT,
    )
