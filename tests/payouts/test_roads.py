"""Moving a payout that has not gone: never both roads, never a second link alive."""

import pytest

from config import clock
from config.states import Refused
from payouts import links, opening, roads, transfers
from payouts.models import Link, Message, Payout
from tests.payouts import bank_rows, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(rows.LINKS_GO):
        yield


def bank(*, sealed: bool = True) -> Payout:
    """A payout by bank with a channel on record, ready once it is sealed."""
    coupon = rows.coupon()
    if sealed:
        rows.seal(coupon)
    payout = rows.payout(coupon, road="bank", bank_account=rows.account())
    opening.release_due()
    payout.refresh_from_db()
    return payout


def steps(payout: Payout) -> list[tuple[str, str, str]]:
    return list(payout.steps.order_by("id").values_list("old", "new", "reason"))


def test_a_ready_bank_payout_goes_by_points_with_a_link() -> None:
    payout = bank()
    roads.to_points(payout, at=rows.LINKS_GO, reason="to_points")
    payout.refresh_from_db()
    assert (payout.road, payout.state, payout.bank_account) == ("points", "ready", None)
    assert Link.objects.filter(payout=payout, replaced_at=None).count() == 1
    assert Message.objects.get(kind="link").address == "+819012345678"
    assert steps(payout)[-1] == ("ready", "ready", "to_points")


def test_a_waiting_one_gets_its_link_when_it_is_released() -> None:
    payout = bank(sealed=False)
    roads.to_points(payout, at=rows.LINKS_GO, reason="to_points")
    assert Link.objects.count() == 0
    rows.seal(payout.lines.get().coupon)
    opening.release_due()
    assert Link.objects.count() == 1


def test_what_is_in_a_batch_stays_there() -> None:
    payout = bank_rows.ready()
    bank_rows.office()
    transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer"))
    with pytest.raises(Refused) as caught:
        roads.to_points(payout, at=rows.LINKS_GO, reason="to_points")
    payout.refresh_from_db()
    assert (caught.value.code, payout.state, payout.road) == ("gone", "listed", "bank")


def test_another_contact_gets_a_new_link_and_new_proofs() -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    payout = rows.payout(coupon)
    opening.release_due()
    old = Link.objects.get()
    roads.to_contact(
        payout,
        "email",
        "a@example.jp",
        ["7777", ""],
        at=rows.LINKS_GO,
        by=rows.clerk("approver"),
        reason="to_contact",
    )
    payout.refresh_from_db()
    old.refresh_from_db()
    assert (payout.channel, payout.address) == ("email", "a@example.jp")
    assert [bytes(proof) for proof in payout.proofs] == [links.proof_hash("7777")]
    assert old.replaced_at == rows.LINKS_GO
    assert Message.objects.filter(kind="link").last().address == "a@example.jp"
