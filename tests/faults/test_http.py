"""Engines fail while travellers send: what was acknowledged is kept, nothing stored twice (R2-R6).

Each test prints its seed and counts. The short form runs in the suite, the long by `make faults`.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.faults.crowd import Crowd
from tests.faults.standing import SECRETS, Standing, manage, standing
from tests.stories.waiting import until

pytestmark = pytest.mark.story

LONG = os.environ.get("FAULTS") == "long"
SEED = int(os.environ.get("FAULT_SEED", "7"))
PACE = 100 if LONG else 20  # travellers a second
CROWD = 3000 if LONG else 120
KILLS = 20 if LONG else 2


@pytest.fixture(scope="module")
def site() -> Iterator[Standing]:
    with standing() as found:
        found.start("web", "worker", "beat")
        yield found


@pytest.fixture(autouse=True)
def _the_site_s_keys(settings: Settings) -> None:
    """Drafts that the site can open."""
    settings.FIELD_KEYS = SECRETS["FIELD_KEYS"].split(",")
    settings.HASH_KEY = settings.FIELD_KEYS[-1]


_first = iter(range(0, 10_000_000, 100_000))


def during(site: Standing, *acts: object) -> Crowd:
    """A crowd that keeps coming while the acts happen, in even distances."""
    crowd, first = Crowd(site.port), next(_first)
    coming = threading.Thread(target=crowd.come, args=(CROWD, PACE, first))
    coming.start()
    for act in acts:
        threading.Event().wait(CROWD / PACE / (len(acts) + 1))
        act()
    coming.join()
    crowd.settle()
    return crowd


def stored(site: Standing, crowd: Crowd) -> tuple[int, int]:
    """How many of the crowd's applications there are, and how many of them more than once."""
    found = site.rows(
        "SELECT submission_id, count(*) FROM applications_application"
        " WHERE submission_id = ANY(%s) GROUP BY 1",
        list(crowd.sent),
    )
    return len(found), sum(count > 1 for _, count in found)


def told(name: str, crowd: Crowd, **more: object) -> None:
    print(f"\n{name}: seed {SEED}, {len(crowd.sent)} travellers, {dict(crowd.statuses)} {more}")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_restarts_under_load(site: Standing, mode: str) -> None:
    gap: list[float] = []

    def restart() -> None:
        gap.append(time.monotonic())
        site.restart_postgres(mode)
        gap.append(time.monotonic())

    crowd = during(site, restart)

    kept, doubled = stored(site, crowd)
    outside = [
        status
        for began, status, seconds in crowd.moments
        if status not in (0, 302) and not gap[0] - seconds <= began <= gap[1] + 1
    ]
    told(f"restart {mode}", crowd, gap=round(gap[1] - gap[0], 2))
    assert (kept, doubled) == (CROWD, 0)
    assert crowd.acknowledged == crowd.sent
    assert set(crowd.statuses) <= {0, 302, 503}
    assert outside == []
    assert crowd.without_retry_after == 0


def test_applications_come_in_while_redis_is_gone(site: Standing) -> None:
    site.stop_redis()
    crowd = during(site)
    kept, doubled = stored(site, crowd)
    assert (kept, doubled, set(crowd.statuses)) == (CROWD, 0, {302})

    site.start_redis()
    began = time.monotonic()
    until(lambda: waiting_receipts(site) == 0, "the receipts sent", patience=60)
    told("no Redis", crowd, sent_after=round(time.monotonic() - began, 1))


def test_a_frozen_redis_slows_no_form(site: Standing) -> None:
    usual = during(site)
    pid = site.freeze_redis()
    try:
        crowd = during(site)
    finally:
        os.kill(pid, signal.SIGCONT)
    told("frozen Redis", crowd, usual=usual.slowest(0.95), frozen=crowd.slowest(0.95))
    assert set(crowd.statuses) == {302}
    assert crowd.slowest(0.95) <= usual.slowest(0.95) + 0.5


def test_everything_is_killed_again_and_again(site: Standing) -> None:
    chance = random.Random(SEED)

    def kill() -> None:
        threading.Event().wait(chance.random() / 2)
        site.kill("web", "worker", "beat")
        site.restart_postgres("immediate")
        site.stop_redis()
        site.start_redis()
        site.start("web", "worker", "beat")

    crowd = during(site, *[kill] * KILLS)

    kept, doubled = stored(site, crowd)
    told("all killed", crowd, kills=KILLS)
    assert (kept, doubled) == (CROWD, 0)
    assert crowd.acknowledged == crowd.sent
    until(lambda: waiting_receipts(site) == 0, "the receipts sent", patience=60)
    assert "一致" in manage(site, "reconcile") or not site.rows("SELECT 1 FROM coupons_seal")


def waiting_receipts(site: Standing) -> int:
    return site.rows("SELECT count(*) FROM payouts_message WHERE state = 'queued'")[0][0]


def test_a_full_disk_is_a_clear_503_and_passes(site: Standing) -> None:
    """The database refuses to write, as on a full disk; a smaller quota stands for the disk."""
    refuse = Path(site.var / "full.sql")
    refuse.write_text("")
    site.act(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device'"
        " USING ERRCODE = 'disk_full'; END $$"
    )
    site.act(
        "CREATE TRIGGER full_disk BEFORE INSERT ON applications_claim"
        " FOR EACH STATEMENT EXECUTE FUNCTION full_disk()"
    )

    def empty() -> None:
        site.act("DROP TRIGGER full_disk ON applications_claim; DROP FUNCTION full_disk()")

    crowd = during(site, empty)
    kept, doubled = stored(site, crowd)
    told("full disk", crowd)
    assert (kept, doubled) == (CROWD, 0)
    assert set(crowd.statuses) == {302, 503}
    assert crowd.without_retry_after == 0
    halves = site.rows(
        "SELECT count(*) FROM applications_application a WHERE NOT EXISTS"
        " (SELECT 1 FROM applications_claim c WHERE c.application_id = a.id)"
    )
    assert halves == [(0,)]
