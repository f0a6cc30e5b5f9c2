"""A small rehearsal, lived through with real processes; then a fault is put in, and it is seen."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from config import clock
from config.owner import unguarded
from rehearsal import judge, live, promises, stage

pytestmark = pytest.mark.story

COUPONS = 60


@pytest.fixture
def standing(app_database_url: str, tmp_path: Path, settings: object) -> Iterator[dict[str, str]]:
    """The stage on the test's own database; this process joins it."""
    owner = app_database_url.replace("hosho_app@", "hosho_owner@")
    urls = {"DATABASE_URL": app_database_url, "DATABASE_OWNER_URL": owner}
    with stage.standing(tmp_path / "var", lambda words: None, urls) as environment:
        settings.SITE_URL = environment["SITE_URL"]
        settings.CELERY_BROKER_URL = environment["REDIS_URL"].replace("unix:", "redis+socket:", 1)
        settings.GIFT_PROVIDERS = dict(
            part.split("=", 1) for part in environment["GIFT_PROVIDERS"].split(",")
        )
        yield environment


def test_a_small_rehearsal_holds_and_a_fault_put_in_afterwards_is_seen(
    standing: dict[str, str], tmp_path: Path
) -> None:
    told: list[str] = []
    run = live.Rehearsal(tmp_path, int(standing["PORT"]), COUPONS, 1, told.append, every_day=False)
    found = run.live()
    assert (found.failures, found.verdict.differences) == ([], []), told[-5:]
    assert [promise.breaches for promise in found.promises] == [[]] * 9
    assert live.end(found, tmp_path, told.append) == 0
    written = json.loads((tmp_path / "report.json").read_text())
    assert written["holds"] is True
    assert written["model"]["coupons"] > COUPONS / 3
    assert "<svg" in (tmp_path / "report.html").read_text()

    someone = next(who for who in run.cast.holders if who.seen_yen)
    someone.coupons[0].yen += 1  # the model now foretells a yen more
    found.verdict = judge.judge(run.cast, run.players.bank)
    assert len(found.verdict.differences) == 3  # the coupon on both sides, and its holder's page
    assert live.end(found, tmp_path, told.append) == 1
    someone.coupons[0].yen -= 1

    with unguarded("payouts_payoutline"), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_payoutline SET yen = yen + 1 WHERE id = (
                   SELECT l.id FROM payouts_payoutline l JOIN payouts_payout p ON p.id = l.payout_id
                   WHERE p.state = 'issued' ORDER BY l.id LIMIT 1)"""
        )
    found.verdict = judge.judge(run.cast, run.players.bank)
    found.promises = promises.ask_all(run.began, run.numbers(), run.sealed_yen())
    broken = [promise.number for promise in found.promises if not promise.holds]
    assert broken == [1, 3, 5]
    assert live.end(found, tmp_path, told.append) == 1
    assert clock.now().year > run.began.year
