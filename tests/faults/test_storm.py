"""Everything fails at once: workers, schedulers, broker, database, providers (promises 4 and 5).

Messages, orders at a gift provider and codes of the stock go out while workers are killed, Redis is
flushed and killed, and PostgreSQL is stopped in the middle. Two schedulers ring all the time, and
none for a while. Nothing is lost, nothing goes twice, and it is over soon after the last fault.
"""

import random
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import DatabaseError, InterfaceError, connection
from pytest_django import Settings

from config import run
from config.states import Refused
from payouts import gifts, messages, opening
from payouts.models import Code, Message, Order, OrderPart, Payout
from payouts.outbound.gifts.simulator import Simulator
from tests.faults.processes import (
    LONG,
    SEED,
    Redis,
    kill,
    restart_postgres,
    start_worker,
    wait,
)
from tests.faults.provider import Provider
from tests.payouts import rows

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

MESSAGES, ORDERS, CODES, KILLS = (9000, 500, 500, 50) if LONG else (160, 12, 12, 3)
YEN = 500
PATIENCE = 90.0  # seconds between two faults; a worker needs some to come up
DRAINED = 60.0  # seconds after the last fault, until everything has gone


@pytest.fixture
def simulator(
    settings: Settings, tmp_path: Path, environment: dict[str, str]
) -> Iterator[Simulator]:
    """The gift provider of two brands, for us and for the workers."""
    with Simulator(tmp_path / "book.sqlite") as running:
        environment["GIFT_PROVIDERS"] = ",".join(
            f"{brand}={provider}"
            for brand, provider in (
                settings.GIFT_PROVIDERS | {"amazon": f"api+{running.url}"}
            ).items()
        )
        environment["GIFT_SECRET"] = settings.GIFT_SECRET = running.secret
        settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"amazon": f"api+{running.url}"}
        yield running


def write_messages() -> None:
    """Messages to be sent now, each to a number of its own."""
    for i in range(MESSAGES):
        to = messages.Reach("22", "sms", f"+81900{i:07d}")
        messages.write(f"decision:{i}", "decision", to, facts={"receipt": "K7Q2-M9XA-3BCD"})


def ready_payouts() -> list[Payout]:
    """Payouts to be taken now, half of them from an api and half from the stock."""
    coupons = [rows.coupon(f"{i:012d}", yen=YEN) for i in range(ORDERS + CODES)]
    rows.seal(*coupons)
    for coupon in coupons:
        rows.payout(coupon)
    opening.release_due()
    Message.objects.filter(kind="link").delete()  # they all go to one number
    return list(Payout.objects.filter(state="ready").order_by("id"))


def redeem(payout: Payout) -> None:
    """A person who tries again until the code is there, whatever the page answers meanwhile."""
    while True:
        try:
            gifts.choose(payout, "ponta")
        except (DatabaseError, InterfaceError):
            connection.close()
        except Refused as refused:
            if refused.code in ("arrow", "moved"):
                break
        else:
            break
    connection.close()


class Fleet:
    """Two workers, each with a scheduler of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Both of them."""
        self.workers = [start_worker(self.environment) for _ in range(2)]

    def kill_one(self, chance: random.Random) -> None:
        """One dies, and its successor starts; the other goes on."""
        dying = self.workers.pop(chance.randrange(2))
        kill(dying)
        self.workers.append(start_worker(self.environment))

    def kill_all(self) -> None:
        """No scheduler and no worker for a while."""
        for worker in self.workers:
            kill(worker)
        self.start()

    def stop(self) -> None:
        """The end."""
        for worker in self.workers:
            run.stop(worker)


@contextmanager
def fleet_of(environment: dict[str, str]) -> Iterator[Fleet]:
    """A running fleet."""
    fleet = Fleet(environment)
    fleet.start()
    try:
        yield fleet
    finally:
        fleet.stop()


def other_faults(broker: Redis, fleet: Fleet) -> dict[int, Callable[[], object]]:
    """What else fails, beside which kill; the short run has one of each."""
    if not LONG:
        return {0: broker.flush, 1: restart_postgres, 2: broker.kill}
    return {
        8: broker.flush,
        14: restart_postgres,
        20: broker.kill,
        26: broker.flush,
        32: restart_postgres,
        38: fleet.kill_all,
    }


def test_a_storm_loses_and_doubles_nothing(
    environment: dict[str, str], provider: Provider, simulator: Simulator, broker: Redis
) -> None:
    payouts = ready_payouts()
    rows.codes("ponta", YEN, CODES + 20)
    for payout in payouts[:ORDERS]:
        gifts.choose(payout, "amazon")
    write_messages()
    simulator.become("timeout-after-issue", times=ORDERS // 2, delay=0)
    total, chance = MESSAGES + ORDERS, random.Random(SEED)

    def done() -> int:
        return len(provider.sent) + simulator.report()["issues"]

    with ThreadPoolExecutor(4) as people, fleet_of(environment) as fleet:
        taken = [people.submit(redeem, payout) for payout in payouts[ORDERS:]]
        others = other_faults(broker, fleet)
        for number in range(KILLS):
            goal = (number + 1) * MESSAGES // (KILLS + 1)
            wait(lambda goal=goal: done() >= goal, f"{goal} of {total}", PATIENCE)
            fleet.kill_one(chance)
            others.get(number, lambda: None)()
        drained = wait(
            lambda: (
                not (
                    Message.objects.filter(state="queued").exists()
                    or Order.objects.filter(state="placed").exists()
                )
            ),
            "all sent and issued",
            DRAINED,
        )
        for each in taken:
            each.result(timeout=DRAINED)
    print(
        f"seed {SEED}: {total + CODES} dispatches, {KILLS} kills and {len(others)} other faults,"
        f" drained {drained:.1f} s after the last"
    )
    doubled = {key: count for key, count in provider.sent.items() if count > 1}
    assert (len(provider.sent), doubled) == (MESSAGES, {})
    assert Message.objects.filter(state="sent").count() == MESSAGES
    report = simulator.report()
    assert (report["issues"], report["cancelled"]) == (ORDERS, 0)
    assert report["yen"] == ORDERS * YEN
    assert Order.objects.filter(state="issued").count() == ORDERS + CODES
    assert Payout.objects.filter(state="issued").count() == ORDERS + CODES
    assert Code.objects.exclude(taken_at=None).count() == CODES
    assert OrderPart.objects.exclude(code=None).values("code").distinct().count() == CODES
