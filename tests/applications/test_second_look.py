"""A drawn decision waits for a third person; nothing is paid before the verdict."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from applications import look_report, matching, review, sampling, second_look
from applications.models import Application, SecondLook
from config import clock
from config.states import Refused
from payouts import opening
from payouts.models import Payout
from tests.applications import rows
from tests.payouts import rows as ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_drawn(settings: Settings) -> None:
    settings.SECOND_LOOK_PERCENT = 100


def decided(**values: object) -> Application:
    """A case that two people approved."""
    row = rows.application(rows.coupon(), **values)
    matching.rematch()
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    return review.approve(row, by=rows.clerk("approver"))


def released() -> list[str]:
    """The states of all payouts after the release of links."""
    with clock.at(ledger.LINKS_GO):
        opening.release_due()
    return list(Payout.objects.order_by("id").values_list("state", flat=True))


def test_the_draw_keeps_to_its_share_and_can_be_proved() -> None:
    drawn = [sampling.is_drawn(pk, 1, 5) for pk in range(4000)]
    assert 120 < sum(drawn) < 280
    assert drawn == [sampling.is_drawn(pk, 1, 5) for pk in range(4000)]
    assert not any(sampling.is_drawn(pk, 1, 0) for pk in range(500))
    assert all(sampling.is_drawn(pk, 1, 100) for pk in range(500))


@pytest.mark.usefixtures("all_drawn")
def test_the_payout_of_a_drawn_decision_waits_until_somebody_agrees() -> None:
    row = decided()
    ledger.seal(row.claims.get().coupon)
    assert released() == ["waiting"]

    second_look.agree(SecondLook.objects.get(), by=rows.clerk("manager"), text="確認した")

    assert released() == ["ready"]
    assert row.notes.get().text == "確認した"


def test_what_is_not_drawn_goes_at_once() -> None:
    row = decided()
    ledger.seal(row.claims.get().coupon)

    assert (SecondLook.objects.count(), released()) == (0, ["ready"])


@pytest.mark.usefixtures("all_drawn")
def test_a_third_person_who_disagrees_sends_the_case_back() -> None:
    row = decided()
    by = rows.clerk("manager")
    look = SecondLook.objects.get()

    with pytest.raises(Refused) as refused:
        second_look.disagree(look, by=by, text=" ")
    assert refused.value.code == "empty"
    second_look.disagree(look, by=by, text="口座の名義が違う")

    row.refresh_from_db()
    look.refresh_from_db()
    assert (row.state, look.verdict, look.by) == ("received", "disagreed", by)
    assert Payout.objects.get().state == "cancelled"
    assert row.steps.order_by("-id").first().reason == "second_look"


@pytest.mark.usefixtures("all_drawn")
def test_a_decision_of_nothing_covered_is_looked_at_too() -> None:
    row = rows.application("999999999999")
    review.check(row, {row.claims.get().pk: ("not_covered", "unconfirmed")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))

    look = SecondLook.objects.get()
    assert look.payout is None
    second_look.agree(look, by=rows.clerk("manager"))
    assert SecondLook.objects.get().verdict == "agreed"


@pytest.mark.usefixtures("all_drawn")
def test_a_decision_taken_back_needs_no_look_and_the_next_one_is_drawn_anew() -> None:
    row = decided()
    review.revoke(row, by=rows.clerk("manager"), reason="mistake")
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))

    looks = SecondLook.objects.order_by("decision").values_list("decision", "verdict")
    assert list(looks) == [(1, "void"), (2, "")]


@pytest.mark.usefixtures("all_drawn")
@pytest.mark.parametrize("part", ["checked_by", "decided_by"])
def test_who_had_a_part_in_the_decision_is_no_third_person(part: str) -> None:
    by = getattr(decided(), part)
    look = SecondLook.objects.get()

    with pytest.raises(Refused) as refused:
        second_look.agree(look, by=by)
    assert refused.value.code == "third_person"
    with pytest.raises(IntegrityError, match="look_third_person"), transaction.atomic():
        SecondLook.objects.update(verdict="agreed", by=by, at=look.drawn_at)


@pytest.mark.usefixtures("all_drawn")
def test_a_verdict_is_given_once_and_in_the_own_prefectures() -> None:
    decided()
    look = SecondLook.objects.get()
    with pytest.raises(Refused) as refused:
        second_look.agree(look, by=rows.clerk("manager", "24"))
    assert refused.value.code == "prefecture"

    second_look.agree(look, by=rows.clerk("manager"))
    with pytest.raises(Refused) as refused:
        second_look.disagree(look, by=rows.clerk("manager"), text="いや")
    assert refused.value.code == "moved"


@pytest.mark.usefixtures("all_drawn")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payouts_payout SET second_look = false",
        "UPDATE payouts_payoutline SET yen = 1;"
        "UPDATE payouts_payout SET state = 'ready', amount = 1",
        "UPDATE applications_secondlook SET payout_id = NULL",
        "DELETE FROM applications_secondlook",
        "UPDATE applications_secondlook"
        " SET verdict = 'agreed', at = drawn_at, by_id = decided_by_id",
    ],
)
def test_no_program_lets_a_payout_pass_the_look(
    app_role: psycopg.Connection, statement: str
) -> None:
    decided()
    with pytest.raises(psycopg.Error), app_role.transaction():
        for part in statement.split(";"):
            app_role.execute(part)


def test_the_report_tells_in_how_many_the_third_person_differed(settings: Settings) -> None:
    settings.SECOND_LOOK_PERCENT = 100
    cases = [decided() for _ in range(4)]
    for place, row in enumerate(cases[:3]):
        act = second_look.disagree if place == 0 else second_look.agree
        act(row.looks.get(), by=rows.clerk("manager"), text="見た")
    table = look_report.looks(None)
    (line,) = table.rows
    assert [cell.value for cell in line][1:] == ["申請の決定", 4, 1, 2, 1, 0, 33.3]
    assert "全体では33.3％です。" in table.note
    assert table.note.endswith("100％で計算し直すと、食い違いはありません。")
    assert look_report.looks({"24"}).rows == []

    settings.SECOND_LOOK_PERCENT = 0
    assert "まだありません" in look_report.looks(None).note
    assert sampling.proved(100, clock.now() - timedelta(days=9), {"24"}) == []


def test_the_proof_names_what_was_drawn_wrongly(settings: Settings) -> None:
    settings.SECOND_LOOK_PERCENT = 100
    row = decided()
    since = clock.now() - timedelta(days=1)

    assert sampling.proved(100, since) == []
    assert sampling.proved(0, since) == [(row.pk, 1)]
