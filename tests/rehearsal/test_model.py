"""The people of a rehearsal, what is foretold of them, and a report that tells what broke."""

import ast
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.clock import JST
from config.notice import NOTICE
from rehearsal import calendar, live, model, world
from rehearsal.acts import Players
from rehearsal.cast import Cast, cast
from rehearsal.crowd import Crowd, Failure
from rehearsal.judge import Verdict
from rehearsal.promises import Promise
from rehearsal.report import Report
from tests import ledger_export
from tests.house import ROOT, imports

AT = datetime(2023, 7, 10, 12, tzinfo=JST)
GOOD = {"stage": "bank", "day": "2023-10-12", "rows": 3, "left": 0, "done": True, "books": True}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    folder = ledger_export.write(tmp_path_factory.mktemp("world"), 1500, 4)
    return folder, cast(world.parties(world.read(folder)), 4)


def test_the_model_imports_no_act_of_the_house() -> None:
    for name in ("model", "cast", "world"):
        tree = ast.parse((ROOT / "rehearsal" / f"{name}.py").read_text(encoding="utf-8"))
        ours = {found.split(".")[0] for _, found in imports(tree)}
        assert ours & {"config", "coupons", "payouts", "applications", "django"} == set()


def test_the_same_seed_gives_the_same_people(people: tuple[Path, Cast]) -> None:
    folder, found = people
    assert cast(world.parties(world.read(folder)), 4) == found
    assert cast(world.parties(world.read(folder)), 5) != found


def test_every_plan_is_played_and_every_coupon_foretold(people: tuple[Path, Cast]) -> None:
    folder, found = people
    assert {who.plan for who in found.travellers} - {"uncovered"} == set(model.PAPER)
    told = dict(model.outcomes(found))
    due = {coupon.number: coupon.owed for coupon in world.read(folder) if coupon.route != "none"}
    assert {number: yen for number, (_, _, yen) in told.items()} == due


def test_the_calendar_goes_from_the_outage_to_the_end_in_order() -> None:
    players = Players(*[None] * 3, *[None] * 2, Path(), 1, 1, lambda words: None)
    found = calendar.scenes(players)
    assert [scene.at for scene in found] == sorted(scene.at for scene in found)
    assert found[0].at.date() == NOTICE.dates.outage_day
    assert found[-1].at > NOTICE.dates.bank_corrections_until
    first, last = datetime(2023, 4, 1, 9, tzinfo=JST), datetime(2023, 4, 4, 9, tzinfo=JST)
    days = [morning.date() for morning in calendar.mornings(first, last)]
    assert days == [date(2023, 4, 1), date(2023, 4, 2), date(2023, 4, 3)]


def test_a_report_holds_only_where_everything_does(tmp_path: Path) -> None:
    good = Report(10, 1, AT, AT, promises=[Promise(1, "one")], erased=[GOOD])
    broken = [
        replace(good, promises=[]),
        replace(good, promises=[Promise(5, "once", 1, ["a payout issued twice: 7"])]),
        replace(good, verdict=Verdict(1, 1, [("077", "points paid 2", "points paid 1")])),
        replace(good, failed=1, failures=[Failure("receive points", "the code", "/r/", 500)]),
        replace(good, erased=[GOOD | {"books": False}]),
        replace(good, erased=[GOOD | {"left": 1}]),
    ]
    told: list[str] = []
    assert live.end(good, tmp_path, told.append) == 0
    assert [live.end(each, tmp_path, told.append) for each in broken] == [1] * len(broken)
    assert "a payout issued twice: 7" in told[2]
    assert "points paid 2" in told[3]


def test_the_command_runs_in_rehearsals_only(settings: object) -> None:
    settings.REHEARSAL = False
    with pytest.raises(CommandError, match="REHEARSAL"):
        call_command("rehearse")
    settings.REHEARSAL = True
    with pytest.raises(CommandError, match="200,000"):
        call_command("rehearse", coupons=300_000)


def test_visits_are_timed_and_troubles_told() -> None:
    crowd = Crowd(1)
    crowd.go("in vain", [None, None], lambda browser, who: browser.get("/"))
    assert (len(crowd.times["in vain"]), crowd.failed) == (2, 2)
    assert crowd.failures[0].what == "ConnectionRefusedError"
