"""The verbs of the office: each done, each refused, and the promises behind them."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications import matching, review
from applications.models import Application, Claim
from config import clock
from config.clock import JST
from config.states import Refused
from coupons import sealing
from payouts import links, opening
from payouts.models import Message, Payout
from tests.applications import rows

pytestmark = pytest.mark.django_db
BEFORE = datetime(2023, 4, 6, 10, tzinfo=JST)


def proposals(row: Application, *reasons: str) -> dict[int, tuple[str, str]]:
    """Approve each coupon, but for those with a reason at their place."""
    ids = row.claims.filter(state="pending").order_by("position").values_list("pk", flat=True)
    given = [*reasons, *[""] * len(ids)]
    return {
        pk: ("not_covered", reason) if reason else ("approved", "")
        for pk, reason in zip(ids, given, strict=False)
    }


def checked(row: Application, *reasons: str, by: Any = None) -> Application:
    """The application with its first signature."""
    return review.check(row, proposals(row, *reasons), by=by or rows.clerk("reviewer"))


def refusal(act: Any, *given: Any, **named: Any) -> str:
    """The code with which an act refuses."""
    with pytest.raises(Refused) as caught:
        act(*given, **named)
    return caught.value.code


def steps(row: Any) -> list[tuple[str, str, str]]:
    """The history as (old, new, reason)."""
    return list(row.steps.order_by("id").values_list("old", "new", "reason"))


def test_check_stores_a_proposal_for_each_coupon_and_the_first_signature() -> None:
    by, row = rows.clerk("reviewer"), rows.application(rows.coupon(), "999999999999")

    row = checked(row, "", "unconfirmed", by=by)

    claims = row.claims.order_by("position").values_list("proposal", "reason", "state")
    assert (row.state, row.checked_by, row.by_matching) == ("checked", by, False)
    assert list(claims) == [("approved", "", "pending"), ("not_covered", "unconfirmed", "pending")]


@pytest.mark.parametrize(
    ("proposal", "code"),
    [
        (("", ""), "incomplete"),
        (("not_covered", ""), "reason"),
        (("not_covered", "whatever"), "reason"),
        (("approved", "outside"), "incomplete"),
        (("paid", ""), "incomplete"),
    ],
)
def test_check_refuses_what_is_no_decision(proposal: tuple[str, str], code: str) -> None:
    row = rows.application(rows.coupon())

    given = {row.claims.get().pk: proposal}

    assert refusal(review.check, row, given, by=rows.clerk()) == code


def test_check_wants_every_coupon_decided() -> None:
    row = rows.application(rows.coupon(), rows.coupon())
    given = proposals(row)
    given.popitem()

    assert refusal(review.check, row, given, by=rows.clerk()) == "incomplete"


def test_check_refuses_to_approve_a_number_that_the_ledger_lacks() -> None:
    row = rows.application("999999999999")

    assert refusal(checked, row) == "no_coupon"


def test_check_refuses_to_approve_a_coupon_of_another_prefecture() -> None:
    row = rows.application(rows.coupon(prefecture_code="24"))

    assert refusal(checked, row) == "prefecture"


def test_check_refuses_to_approve_a_coupon_that_the_seal_does_not_know() -> None:
    rows.coupon()
    with clock.at(BEFORE):
        sealing.seal()
        row = rows.application(rows.coupon())
        assert refusal(checked, row) == "after_seal"
        assert checked(row, "unconfirmed").state == "checked"


def test_a_contested_coupon_is_approved_only_after_the_other_was_turned_down() -> None:
    coupon = rows.coupon()
    one, two = rows.application(coupon), rows.application(coupon)

    assert refusal(checked, one) == "contested"
    checked(two, "unconfirmed")
    assert checked(one).state == "checked"


def test_check_clean_signs_by_the_matching_itself() -> None:
    row = review.check_clean(rows.application(rows.coupon()))

    assert (row.state, row.checked_by, row.by_matching) == ("checked", None, True)
    assert steps(row)[-1] == ("received", "checked", "matching")


@pytest.mark.parametrize(
    "values",
    [
        {"expires_on_outage_day": "no"},
        {"marks": ["many"]},
        {"method": "bank", "holder_relation": "family"},
    ],
)
def test_check_clean_leaves_to_a_person_what_is_not_plain(values: dict[str, Any]) -> None:
    row = rows.application(rows.coupon(), **values)

    assert refusal(review.check_clean, row) == "unclean"


def test_check_clean_leaves_to_a_person_what_a_clerk_entered() -> None:
    row = rows.application(rows.coupon(), entered_by=rows.clerk("call_centre"))

    assert refusal(review.check_clean, row) == "unclean"


def test_approve_decides_every_coupon_and_opens_one_payout() -> None:
    one, two, by = rows.coupon(), rows.coupon(), rows.clerk("approver")
    row = checked(rows.application(one, two, "999999999999"), "", "", "unconfirmed")

    with clock.at(BEFORE):
        row = review.approve(row, by=by)

    payout = Payout.objects.get()
    claims = row.claims.order_by("position").values_list("state", "payout", "reason")
    assert (row.state, row.decided_by, row.decided_at) == ("decided", by, BEFORE)
    assert list(claims) == [
        ("approved", payout.pk, ""),
        ("approved", payout.pk, ""),
        ("not_covered", None, "unconfirmed"),
    ]
    assert set(payout.lines.values_list("coupon", flat=True)) == {one.pk, two.pk}
    assert (payout.prepared_by, payout.approved_by) == (row.checked_by, by)
    assert steps(row)[-1] == ("checked", "decided", "")
    assert [claim.steps.count() for claim in row.claims.all()] == [2, 2, 2]


def test_approve_writes_a_decision_only_where_some_coupon_is_not_covered() -> None:
    full = checked(rows.application(rows.coupon()))
    part = checked(rows.application(rows.coupon(), "999999999999"), "", "unconfirmed")
    for row in (full, part):
        review.approve(row, by=rows.clerk("approver"))

    message = Message.objects.get()
    assert (message.kind, message.subject) == ("decision", f"application:{part.pk}")
    assert (message.channel, message.address) == ("sms", part.delivery)
    assert [coupon["position"] for coupon in message.facts["coupons"]] == [1, 2]
    assert message.facts["coupons"][0]["sentence"] == ""
    assert "確認できませんでした" in message.facts["coupons"][1]["sentence"]


def test_approve_without_a_covered_coupon_opens_no_payout() -> None:
    row = review.approve(
        checked(rows.application("999999999999"), "unconfirmed"), by=rows.clerk("approver")
    )

    assert (row.state, Payout.objects.count(), Message.objects.count()) == ("decided", 0, 1)


def test_the_payout_asks_for_what_a_stranger_does_not_know() -> None:
    coupon = rows.coupon("111122223333")
    row = checked(rows.application(coupon, phone="+81541234567"))
    review.approve(row, by=rows.clerk("approver"))

    wanted = {links.proof_hash(proof) for proof in ("3333", "シズオカハナコ", "4567")}
    payout = Payout.objects.get()
    assert {bytes(proof) for proof in payout.proofs} == wanted
    assert payout.phone_proof


def test_the_phone_that_gets_the_link_proves_nothing() -> None:
    review.approve(
        checked(rows.application(rows.coupon("111122223333"))), by=rows.clerk("approver")
    )

    wanted = {links.proof_hash(proof) for proof in ("3333", "シズオカハナコ")}
    payout = Payout.objects.get()
    assert {bytes(proof) for proof in payout.proofs} == wanted
    assert not payout.phone_proof


@pytest.mark.parametrize(
    ("values", "proves"),
    [
        ({}, False),
        ({"phone": "+815412345678"}, False),  # another number that ends in the same digits
        ({"phone": "+81541234567"}, True),
        ({"channel": "email", "delivery": "hanako@example.jp"}, True),
        ({"phone": "", "email": "hanako@example.jp"}, False),
    ],
)
def test_the_phone_proves_only_what_the_message_does_not_tell(
    values: dict[str, str], proves: bool
) -> None:
    assert review.phone_proves(rows.application(rows.coupon(), **values)) is proves


def test_a_bank_applicant_without_channel_is_written_to() -> None:
    row = rows.application(rows.coupon(), method="bank")
    review.approve(checked(row), by=rows.clerk("approver"))

    payout = Payout.objects.get()
    assert (payout.road, payout.channel) == ("bank", "letter")
    assert (payout.address, payout.bank_account) == ("〒420-0001 静岡市1-2-3", row.bank_account)


def test_who_checked_does_not_approve() -> None:
    by = rows.clerk("manager")
    row = checked(rows.application(rows.coupon()), by=by)

    assert refusal(review.approve, row, by=by) == "two_people"


def test_who_entered_does_not_approve() -> None:
    by = rows.clerk("manager")
    row = checked(rows.application(rows.coupon(), entered_by=by))

    assert refusal(review.approve, row, by=by) == "two_people"


@pytest.mark.parametrize("field", ["checked_by", "entered_by"])
def test_the_database_refuses_one_person_for_two_signatures(field: str) -> None:
    row = checked(rows.application(rows.coupon()), by=rows.clerk("reviewer"))
    by = rows.clerk("approver")
    with pytest.raises(IntegrityError, match="application_two_people"), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(
            **{"state": "decided", "decided_by": by, "decided_at": BEFORE, field: by}
        )


def test_the_database_refuses_a_check_that_nobody_signed() -> None:
    row = rows.application(rows.coupon())
    with pytest.raises(IntegrityError, match="application_first_signature"), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(state="checked")


def test_the_database_refuses_an_approved_claim_without_payout() -> None:
    row = rows.application(rows.coupon())
    with pytest.raises(IntegrityError, match="claim_approved_is_paid"), transaction.atomic():
        Claim.objects.filter(application=row).update(state="approved")


def test_a_broken_constraint_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where every check before it is blind."""
    coupon = rows.coupon()
    first = checked(rows.application(coupon))
    second = rows.application(coupon)
    monkeypatch.setattr(review, "proposable", lambda claim: None)
    review.approve(first, by=rows.clerk("approver"))

    second = checked(second)
    assert refusal(review.approve, second, by=rows.clerk("approver")) == "taken"
    second.refresh_from_db()
    assert (second.state, Payout.objects.count()) == ("checked", 1)


def test_approve_needs_a_checked_application() -> None:
    row = rows.application(rows.coupon())

    assert refusal(review.approve, row, by=rows.clerk("approver")) == "moved"


def test_approving_twice_opens_one_payout() -> None:
    row = checked(rows.application(rows.coupon()))
    stale = Application.objects.get(pk=row.pk)
    review.approve(row, by=rows.clerk("approver"))

    assert refusal(review.approve, stale, by=rows.clerk("approver")) == "moved"
    assert Payout.objects.count() == 1


def test_a_rival_that_came_after_the_check_stops_the_approval() -> None:
    coupon = rows.coupon()
    row = review.check_clean(rows.application(coupon))
    rows.application(coupon)

    assert refusal(review.approve, row, by=rows.clerk("approver")) == "contested"


def test_a_match_that_changed_since_the_matching_signed_stops_the_approval() -> None:
    coupon = rows.coupon()
    row = review.check_clean(rows.application(coupon))
    rows.spent(coupon, 2000, datetime(2023, 3, 30, tzinfo=JST))

    assert refusal(review.approve, row, by=rows.clerk("approver")) == "changed"


def test_hold_and_resume_keep_reason_and_remark() -> None:
    by, row = rows.clerk(), rows.application(rows.coupon())

    review.hold(row, by=by, reason="issuer", text="見本旅館に電話済み")
    review.resume(row, by=by, reason="answered")

    assert steps(row)[1:] == [("received", "held", "issuer"), ("held", "received", "answered")]
    assert list(row.notes.values_list("text", "by")) == [("見本旅館に電話済み", by.pk)]


def test_a_reason_has_to_be_one_of_the_list() -> None:
    row = rows.application(rows.coupon())

    assert refusal(review.hold, row, by=rows.clerk(), reason="花子さんの件") == "reason"


def test_ask_writes_what_is_asked_and_until_when() -> None:
    row = rows.application(rows.coupon())
    with clock.at(BEFORE):
        row = review.ask(row, ["inquiry_number", "travel"], by=rows.clerk())

    message = Message.objects.get(kind="ask")
    assert row.state == "asked"
    assert message.facts["what"] == "地域クーポン（紙）のお問合せ番号、旅行の種類と日付"
    assert message.facts["until"] == "2023年4月20日（木）23:59"


@pytest.mark.parametrize("what", [[], ["whatever"]])
def test_ask_refuses_to_ask_nothing(what: list[str]) -> None:
    assert refusal(review.ask, rows.application("1"), what, by=rows.clerk()) == "reason"


def test_ask_refuses_after_the_last_day_for_corrections() -> None:
    with clock.at(datetime(2023, 5, 16, tzinfo=JST)):
        code = refusal(review.ask, rows.application("1"), ["travel"], by=rows.clerk())

    assert code == "late"


def test_send_back_takes_the_first_signature_away_and_keeps_the_proposal() -> None:
    row = checked(rows.application(rows.coupon()))

    review.send_back(row, by=rows.clerk("approver"), reason="match")

    assert (row.state, row.checked_by, row.claims.get().proposal) == ("received", None, "approved")


def test_only_what_is_checked_is_sent_back() -> None:
    row = rows.application(rows.coupon())

    code = refusal(review.send_back, row, by=rows.clerk("approver"), reason="match")

    assert code == "moved"


@pytest.mark.parametrize("ready", [False, True])
def test_revoke_cancels_the_payout_and_frees_its_coupons(ready: bool) -> None:
    coupon, by = rows.coupon(), rows.clerk("approver")
    row = review.approve(checked(rows.application(coupon)), by=by)
    if ready:
        with clock.at(BEFORE):
            sealing.seal()
            opening.release_due()

    review.revoke(row, by=by, reason="mistake")

    claim = row.claims.get()
    assert (row.state, claim.state, claim.payout) == ("received", "pending", None)
    assert Payout.objects.get().state == "cancelled"
    assert review.approve(checked(row), by=by).state == "decided"


def test_revoke_refuses_once_the_payout_is_on_its_way() -> None:
    row = review.approve(checked(rows.application(rows.coupon())), by=rows.clerk("approver"))
    with clock.at(BEFORE):
        sealing.seal()
        opening.release_due()
    Payout.objects.get().move("issuing")

    assert refusal(review.revoke, row, by=rows.clerk("approver"), reason="mistake") == "paid"
    assert Application.objects.get(pk=row.pk).state == "decided"


def test_a_reopened_case_without_payout_goes_back_to_review() -> None:
    row = checked(rows.application("999999999999"), "unconfirmed")
    row = review.approve(row, by=rows.clerk("approver"))

    review.revoke(row, by=rows.clerk("manager"), reason="new_fact")

    assert (row.state, row.claims.get().state) == ("received", "pending")


def test_withdraw_takes_back_the_coupons_too() -> None:
    row = rows.application(rows.coupon(), rows.coupon())

    review.withdraw(row, by=None, reason="by_applicant")

    assert row.state == "withdrawn"
    assert list(row.claims.values_list("state", flat=True)) == ["withdrawn", "withdrawn"]


def test_a_checked_case_is_not_withdrawn() -> None:
    row = checked(rows.application(rows.coupon()))

    assert refusal(review.withdraw, row, by=None, reason="by_applicant") == "arrow"


def test_a_note_may_not_be_empty() -> None:
    row = rows.application("1")

    assert refusal(review.note, row, "　", by=rows.clerk()) == "empty"
    assert review.note(row, " 折り返し待ち ", by=rows.clerk()).text == "折り返し待ち"


def test_nobody_touches_the_case_of_another_prefecture() -> None:
    row, by = rows.application(rows.coupon()), rows.clerk("manager", "24")

    acts = [
        lambda: review.take(row, by=by),
        lambda: checked(row, by=by),
        lambda: review.approve(row, by=by),
        lambda: review.hold(row, by=by, reason="issuer"),
        lambda: review.ask(row, ["travel"], by=by),
        lambda: review.withdraw(row, by=by, reason="duplicate"),
        lambda: review.note(row, "メモ", by=by),
    ]

    with clock.at(BEFORE):
        codes = [refusal(act) for act in acts]

    assert codes == ["prefecture"] * len(acts)


def test_a_case_in_other_hands_is_left_alone() -> None:
    row = rows.application(rows.coupon())
    review.take(row, by=rows.clerk())

    assert refusal(checked, row) == "taken"
    assert refusal(review.hold, row, by=rows.clerk(), reason="issuer") == "taken"


def test_history_can_not_be_rewritten() -> None:
    row = rows.application(rows.coupon())
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE applications_applicationstep SET by_id = NULL")
    assert matching.match(row.claims.all()) == {"clean": 1}
