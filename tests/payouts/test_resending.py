"""A link sent anew by the office: the old one dies, the lock is gone, kindly refused elsewhere."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from config import clock
from config.models import Limit, Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import dispatch, gifts, links, opening, resending
from payouts.models import Message, Payout
from tests.applications import rows as office
from tests.payouts import rows

pytestmark = pytest.mark.django_db
OPEN = rows.LINKS_GO + timedelta(hours=2)


def ready() -> Payout:
    """A points payout whose link went out."""
    coupon = rows.coupon()
    payout = rows.payout(coupon)
    rows.seal(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    payout.refresh_from_db()
    return payout


def locked(payout: Payout) -> None:
    """Somebody guessed too often."""
    link = payout.links.get(replaced_at=None)
    for _ in range(links.TRIES):
        with pytest.raises(Refused):
            links.prove(link, ["0000"])
    assert link.locked_at


def refusal(payout: Payout, at: datetime = OPEN, reason: str = "resend_lost") -> Refused:
    with clock.at(at), pytest.raises(Refused) as refused:
        resending.resend(payout, by=office.clerk("call_centre"), reason=reason)
    return refused.value


def test_the_locked_link_dies_and_the_next_one_opens() -> None:
    payout = ready()
    locked(payout)
    by = office.clerk("call_centre")

    with clock.at(OPEN):
        assert resending.resend(payout, by=by, reason="resend_locked") == OPEN

    old, new = payout.links.order_by("generation")
    assert (old.replaced_at, new.locked_at, new.wrong_proofs) == (OPEN, None, 0)
    links.prove(new, [rows.HOLDER])
    assert links.find(links.token_of(old)) is None
    message = Message.objects.latest("pk")
    assert (message.kind, message.link, message.due_at) == ("link", new, OPEN)
    step = payout.steps.latest("pk")
    assert (step.old, step.new, step.by, step.reason) == ("ready", "ready", by, "resend_locked")


def test_at_night_the_message_waits_for_the_next_working_hour() -> None:
    payout = ready()
    with clock.at(OPEN.replace(hour=22)):
        goes = resending.resend(payout, by=office.clerk("manager"), reason="resend_lost")

    assert goes == rows.LINKS_GO + timedelta(days=1)
    assert Message.objects.latest("pk").due_at == goes


def test_a_payout_gets_no_more_than_three_in_a_day() -> None:
    payout = ready()
    with clock.at(OPEN):
        for _ in range(resending.RESENDS):
            resending.resend(payout, by=office.clerk("manager"), reason="resend_lost")

    assert refusal(payout).code == "limit"
    assert payout.links.count() == 1 + resending.RESENDS
    assert Limit.objects.get(scope="office_resend").count == resending.RESENDS


def test_it_takes_a_reason_of_the_list() -> None:
    assert refusal(ready(), reason="because").code == "reason"


def test_a_clerk_of_another_office_sends_nothing() -> None:
    payout = ready()
    with clock.at(OPEN), pytest.raises(Refused) as refused:
        resending.resend(payout, by=office.clerk("manager", "24"), reason="resend_lost")
    assert refused.value.code == "prefecture"


def test_every_other_state_of_a_points_payout_says_why_not() -> None:
    bank_only = {"listed", "handed_over", "paid", "returned", "given_up"}
    assert set(resending.NO_LINK) == set(Payout.State.values) - bank_only - {"ready", "issued"}

    waiting = rows.payout(rows.coupon())
    assert refusal(waiting).message == resending.NO_LINK["waiting"]
    payout = rows.payout(rows.coupon("000000000002"), road="bank", bank_account=rows.account())
    assert refusal(payout).code == "road"


def test_after_the_end_nothing_is_sent_unless_it_was_postponed() -> None:
    payout, end = ready(), NOTICE.dates.receiving_closes
    later = end + timedelta(days=3)
    assert refusal(payout, end).code == "late"

    Postponement.objects.create(
        key="receiving_closes",
        until=end + timedelta(days=7),
        reason="障害",
        prepared_at=OPEN,
        prepared_by=rows.clerk("one"),
        approved_at=OPEN,
        approved_by=rows.clerk("two"),
    )
    with clock.at(later):
        assert resending.can(payout)
        resending.resend(payout, by=office.clerk("manager"), reason="resend_lost")
    assert payout.links.count() == 2


def test_the_first_day_of_links_moves_with_its_postponement() -> None:
    day = timedelta(days=1)
    Postponement.objects.create(
        key="first_links",
        until=rows.LINKS_GO + 2 * day,
        reason="障害",
        prepared_at=OPEN,
        prepared_by=rows.clerk("one"),
        approved_at=OPEN,
        approved_by=rows.clerk("two"),
    )
    coupon = rows.coupon()
    rows.payout(coupon)
    rows.seal(coupon)
    with clock.at(rows.LINKS_GO):
        assert opening.release_due() == {"ready": 0, "nothing_due": 0}
    with clock.at(rows.LINKS_GO + 2 * day):
        assert opening.release_due() == {"ready": 1, "nothing_due": 0}


@pytest.mark.parametrize(
    ("role", "status"),
    [("call_centre", 302), ("reviewer", 302), ("manager", 302), ("approver", 403), ("payer", 403)],
)
def test_the_button_is_for_who_talks_to_applicants(client: Client, role: str, status: int) -> None:
    payout = ready()
    office.signed_in(client, office.clerk(role))
    page = f"/admin/payouts/payout/{payout.pk}/change/"
    with clock.at(OPEN):
        text = client.get(page).content.decode()
        answer = client.post(
            f"/admin/payouts/payout/{payout.pk}/resend/", {"reason": "resend_lost", "back": page}
        )

    assert answer.status_code == status
    assert ("受取用URLを作り直して送る" in text) == (status == 302)
    assert payout.links.count() == (2 if status == 302 else 1)


def test_the_page_tells_why_nothing_was_sent_and_leads_nowhere_else(client: Client) -> None:
    payout = rows.payout(rows.coupon())
    office.signed_in(client, office.clerk("call_centre"))
    address = f"/admin/payouts/payout/{payout.pk}/resend/"

    answer = client.post(
        address, {"reason": "resend_lost", "back": "https://elsewhere.example/"}, follow=True
    )

    assert answer.redirect_chain == [(f"/admin/payouts/payout/{payout.pk}/change/", 302)]
    assert resending.NO_LINK["waiting"] in answer.content.decode()
    assert client.get(address).status_code == 302


def test_who_received_sees_the_code_again_by_a_new_link(client: Client) -> None:
    """Also after a lock: the code was given out, and its holder may look at it until the end."""
    payout = ready()
    rows.codes("ponta", payout.amount, 1)
    with clock.at(OPEN):
        gifts.choose(payout, "ponta")
        payout.refresh_from_db()
        old = payout.links.get()
        payout.links.update(locked_at=OPEN, wrong_proofs=5)
        resending.resend(payout, by=office.clerk("manager"), reason="resend_locked")
        message = Message.objects.latest("pk")
        batch = Message.objects.filter(pk=message.pk).select_related("link__payout")
        assert dispatch.refusals(list(batch)) == {}
        link = payout.links.get(replaced_at=None)
        assert client.get(f"/r/{links.token_of(old)}/").status_code == 404
        proof = {"proof": payout.lines.get().coupon.inquiry_number[-4:]}
        page = client.post(f"/r/{links.token_of(link)}/", proof, follow=True)
    assert '<p class="code">' in page.content.decode()
