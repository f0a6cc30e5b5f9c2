"""Every state in words, with its next step and date, and nothing that would be a proof."""

from datetime import datetime

import pytest

from applications import channels, review
from applications.standing import payout_step, standing
from config import clock
from config.clock import JST
from config.notice import NOTICE
from payouts import transfers
from payouts.models import Message, Payout
from tests.applications import rows
from tests.applications.test_changes import AT, decided
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
DECIDED = ("補償が決まりました", "一部のクーポンの補償が決まりました", "確認が終わりました")


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


@pytest.mark.parametrize("method", ["points", "bank"])
@pytest.mark.parametrize(
    ("state", "headline"),
    [
        ("received", "申請を受け付けています"),
        ("held", "確認に時間をいただいています"),
        ("checked", "内容の確認が進んでいます"),
        ("withdrawn", "申請は取り下げられています"),
    ],
)
def test_every_state_before_the_decision(method: str, state: str, headline: str) -> None:
    row = rows.application(rows.coupon(), method=method)
    row.state = state
    found = standing(row)
    when = NOTICE.words.points_from if method == "points" else NOTICE.words.bank_from
    assert found.headline == headline
    assert (when in found.next_step) == (state != "withdrawn")


def test_a_question_names_its_end_and_then_its_being_over() -> None:
    row = review.ask(rows.application(rows.coupon()), ["person"], by=rows.clerk())
    found = standing(row)
    assert "2023年4月24日（月）23:59までに" in found.next_step
    assert found.due_at == datetime(2023, 4, 25, tzinfo=JST)
    with clock.at(found.due_at):
        late = standing(row)
    assert "入力の期限を過ぎました" in late.next_step
    assert late.due_at is None


@pytest.mark.parametrize("reasons", [("", ""), ("", "outside"), ("outside", "outside")])
def test_the_decision_is_told_coupon_by_coupon(reasons: tuple[str, ...]) -> None:
    row = rows.application(rows.coupon(), rows.coupon())
    claims = row.claims.order_by("position")
    given = {
        claim.pk: ("not_covered", reason) if reason else ("approved", "")
        for claim, reason in zip(claims, reasons, strict=True)
    }
    review.check(row, given, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    found = standing(row)
    words = ["補償の対象になりませんでした" if reason else "補償の対象です" for reason in reasons]
    assert found.headline == DECIDED[sum(map(bool, reasons))]
    assert [coupon.word for coupon in found.coupons] == words
    assert {coupon.why for coupon in found.coupons} == {""}
    sure = [bool(coupon.why) for coupon in standing(row, sure=True).coupons]
    assert sure == [bool(reason) for reason in reasons]


def payout_of(**values: object) -> Payout:
    """The payout of a decided application."""
    return decided(**values).claims.get().payout


def paid(state: str) -> Payout:
    """A payout by bank in a batch for a Monday, as if it were in some state."""
    payout = payout_of(method="bank", holder_relation="self")
    bank_rows.office()
    transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer"))
    payout.state = state
    return payout


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ready", "2023年5月15日（月）から順次"),
        ("listed", "2023年5月15日（月）に振り込む準備"),
        ("handed_over", "振込の日は2023年5月15日（月）です"),
        ("paid", "2023年5月15日（月）に、口座へお振り込みしました"),
        ("returned", "2023年6月30日（金）23:59までに、正しい口座を"),
        ("given_up", "コールセンターへお電話ください"),
    ],
)
def test_the_bank_road_in_words(state: str, words: str) -> None:
    assert words in payout_step(paid(state), AT)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "2023年4月10日（月）以降にお送りします"),
        ("ready", "受取用URLをお送りします。2023年5月31日（水）23:59まで"),
        ("issuing", "発行しています"),
        ("issued", "受取済みです。2023年5月31日（水）23:59まで"),
        ("lapsed", "受取期限（2023年5月31日（水）23:59）を過ぎました"),
        ("nothing_due", "2023年3月31日（金）23:59の時点で残額がなかった"),
        ("cancelled", "見直しています"),
    ],
)
def test_the_points_road_in_words(state: str, words: str) -> None:
    payout = payout_of()
    payout.state = state
    assert words in payout_step(payout, AT)


def test_every_state_of_a_payout_has_its_words() -> None:
    payout = payout_of()
    told = set()
    for state in Payout.State.values:
        payout.state = state
        told.add(payout_step(payout, AT))
    assert len(told) == len(Payout.State.values)


def test_a_sent_and_a_locked_link_are_told() -> None:
    payout = payout_of()
    Message.objects.filter(kind="link").update(state="sent", sent_at=AT)
    assert "お送りしました" in payout_step(payout, AT)
    payout.links.update(locked_at=AT)
    assert "安全のために止まっています" in payout_step(payout, AT)


def test_messages_and_whether_they_arrived() -> None:
    row = rows.application(rows.coupon())
    channels.tell_receipt(row)
    assert [letter.word for letter in standing(row).letters] == ["これからお送りします"]
    Message.objects.update(state="sent", sent_at=AT)
    assert [letter.word for letter in standing(row).letters] == ["お送りしました"]
    Message.objects.update(state="given_up", failure="no_such")
    found = standing(row).letters[0]
    assert (found.kind, found.channel, found.word, found.failed) == (
        "受付のお知らせ",
        "SMS",
        "お届けできませんでした",
        True,
    )
    Message.objects.update(failure="link_replaced")
    assert standing(row).letters == []


def test_every_kind_of_message_has_the_travellers_words() -> None:
    row = rows.application(rows.coupon())
    for kind in Message.Kind.values:
        channels.tell_receipt(row)
        Message.objects.update(kind=kind)
        assert standing(row).letters[0].kind


def test_nothing_shown_is_a_proof() -> None:
    coupon = rows.coupon("123456784321")
    row = rows.application(coupon, phone="+81542519876", method="bank", booking_name="x")
    shown = str(standing(row))
    for secret in ("4321", "シズオカ", "9876", "花子", "1234567,"):
        assert secret not in shown.replace(repr(row), "")


def test_what_may_be_done_follows_the_state() -> None:
    row = rows.application("")
    found = standing(row)
    flags = (found.number, found.change, found.withdraw, found.contact, found.again)
    assert flags == (True, True, True, True, "")
    found = standing(decided())
    flags = (found.number, found.change, found.withdraw, found.contact, found.again)
    assert flags == (False, True, False, True, "link")
    row.state = "withdrawn"
    found = standing(row)
    assert (found.number, found.change, found.withdraw, found.contact) == (False,) * 4
