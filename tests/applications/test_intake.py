from dataclasses import replace
from datetime import date, datetime, timedelta
from json import loads
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from applications import intake, receipts
from applications.answers import AccountAnswer, Answers, CouponAnswer
from applications.models import Application, ApplicationStep, Claim, ClaimStep
from config import cipher, clock
from config.models import Postponement
from config.states import Refused
from payouts.models import BankAccount, Message
from tests.applications import rows as cases

pytestmark = pytest.mark.django_db

OPENS = datetime(2023, 3, 22, 10, tzinfo=clock.JST)
CLOSES = datetime(2023, 5, 1, tzinfo=clock.JST)
MICROSECOND = timedelta(microseconds=1)
POINTS = Answers(
    prefecture="22",
    travel_type="stay",
    travel_start=date(2023, 2, 23),
    travel_end=date(2023, 2, 24),
    expires_on_outage_day="yes",
    coupons=(
        CouponAnswer("1234-5678-9012", "123456789012", "paper"),
        CouponAnswer("1234-5678-9013", "123456789013", "left"),
    ),
    number_unknown=False,
    issuer="",
    name="静岡 花子",
    kana="シズオカ　ハナコ",
    phone="+81542511111",
    email="",
    method="points",
    channel="sms",
    delivery="+819012345678",
)
ACCOUNT = AccountAnswer("0149", "静岡", "112", "呉服町", "1", "0123456", "シズオカ　ハナコ")
BANK = replace(
    POINTS,
    method="bank",
    channel="",
    delivery="",
    account=ACCOUNT,
    holder_relation="self",
    postal_code="4208601",
    address="静岡市葵区追手町9番6号",
    lodging="富士旅館",
)


def receive(answers=POINTS, at=OPENS, submission_id=None, **options):
    with clock.at(at):
        return intake.receive(
            answers, arrived_at=at, submission_id=submission_id or uuid4(), **options
        )


def test_application_is_stored_with_claims_history_and_receipt():
    application = receive()
    claims = list(application.claims.order_by("position"))
    assert receipts.parse(application.receipt_number) == application.receipt_number
    assert [claim.inquiry_number for claim in claims] == ["123456789012", "123456789013"]
    assert [claim.match for claim in claims] == [Claim.Match.NOT_FOUND] * 2
    assert [step.new for step in ApplicationStep.objects.all()] == ["received"]
    assert ClaimStep.objects.count() == 2


def test_receipt_message_names_number_and_time_and_no_amount():
    application = receive()
    message = Message.objects.get()
    assert (message.kind, message.channel, message.address) == ("receipt", "sms", "+819012345678")
    link = message.facts.pop("token")
    assert (link["path"], link["subject"], link["length"]) == ("/p/", application.pk, 12)
    assert message.facts == {
        "receipt": receipts.written(application.receipt_number),
        "arrived": "2023年3月22日（水）10:00",
    }


def test_an_application_that_looks_made_is_taken_marked_and_its_receipt_held():
    application = receive(suspect=["many_from_address"])
    application.refresh_from_db()
    assert (application.state, application.marks) == ("received", ["many_from_address"])
    message = Message.objects.get()
    assert (message.state, message.failure) == ("given_up", "busy_address")


@pytest.mark.parametrize("answers", [POINTS, BANK])
@pytest.mark.parametrize("at", [OPENS, CLOSES - MICROSECOND])
def test_arrival_in_time_is_stored_with_its_bounds(answers, at):
    application = receive(answers, at)
    application.refresh_from_db()
    assert application.arrived_at == at
    assert (application.opened_at, application.closes_at) == (OPENS, CLOSES)


@pytest.mark.parametrize("answers", [POINTS, BANK])
@pytest.mark.parametrize(
    ("at", "code", "words"),
    [
        (OPENS - MICROSECOND, "before", "2023年3月22日（水）10:00"),
        (CLOSES, "closed", "2023年4月30日（日）23:59"),
    ],
)
def test_arrival_out_of_time_is_refused_and_leaves_nothing(answers, at, code, words):
    with pytest.raises(Refused) as caught:
        receive(answers, at)
    assert caught.value.code == code
    assert words in caught.value.message
    assert not Application.objects.exists()
    assert not BankAccount.objects.exists()
    assert not Message.objects.exists()


def test_arrival_is_judged_as_an_instant_whatever_its_zone():
    at = datetime.fromisoformat("2023-04-30T14:59:59.999999+00:00")
    assert receive(at=at).arrived_at == at
    with pytest.raises(Refused):
        receive(at=datetime.fromisoformat("2023-04-30T15:00:00+00:00"))


def test_postponement_of_points_does_not_move_the_bank(django_user_model):
    one, two = (django_user_model.objects.create_user(name) for name in ("one", "two"))
    until = CLOSES + timedelta(days=3)
    Postponement.objects.create(
        key="applications_close",
        until=until,
        reason="障害",
        prepared_at=CLOSES,
        prepared_by=one,
        approved_at=CLOSES,
        approved_by=two,
    )
    assert receive(at=until - MICROSECOND).closes_at == until
    with pytest.raises(Refused) as caught:
        receive(BANK, until - MICROSECOND)
    assert caught.value.code == "bank_closed"


def test_old_stamp_is_refused_at_commit():
    with clock.at(OPENS + timedelta(seconds=61)), pytest.raises(Refused) as caught:
        intake.receive(POINTS, arrived_at=OPENS, submission_id=uuid4())
    assert caught.value.code == "stale"
    assert not Application.objects.exists()


def test_stamp_of_a_minute_is_fresh_enough():
    with clock.at(OPENS + timedelta(seconds=60)):
        assert intake.receive(POINTS, arrived_at=OPENS, submission_id=uuid4())


def test_clerk_enters_with_the_day_of_the_post(django_user_model):
    clerk = django_user_model.objects.create_user("clerk")
    with clock.at(CLOSES + timedelta(days=2)):
        application = intake.receive(
            POINTS, arrived_at=CLOSES - MICROSECOND, submission_id=uuid4(), entered_by=clerk
        )
    assert application.entered_by == clerk
    assert application.steps.get().by == clerk


def test_arrival_in_the_future_is_refused(django_user_model):
    clerk = django_user_model.objects.create_user("clerk")
    with clock.at(OPENS), pytest.raises(Refused) as caught:
        intake.receive(
            POINTS, arrived_at=OPENS + MICROSECOND, submission_id=uuid4(), entered_by=clerk
        )
    assert caught.value.code == "future"


def test_same_submission_gives_the_same_application_also_after_the_deadline():
    submission_id = uuid4()
    first = receive(at=CLOSES - MICROSECOND, submission_id=submission_id)
    assert receive(at=CLOSES, submission_id=submission_id) == first
    assert Application.objects.count() == 1


def test_same_content_from_another_browser_is_accepted_and_marked():
    first = receive()
    other_spelling = replace(
        POINTS,
        coupons=tuple(replace(coupon, typed=coupon.inquiry_number) for coupon in POINTS.coupons),
    )
    second = receive(other_spelling)
    assert first.receipt_number != second.receipt_number
    assert (first.marks, second.marks) == ([], ["twin"])


def test_account_is_stored_encrypted_for_its_row_only():
    account = receive(BANK).bank_account
    content = cipher.decrypt(account.blob, f"bank_account:{account.id}")
    assert content[:45].decode("cp932") == f"014911210123456{'ｼｽﾞｵｶ ﾊﾅｺ':30}"
    assert loads(content[45:]) == [
        *["0149", "112", "1", "0123456", "シズオカ　ハナコ", "静岡", "呉服町"],
        *["", ""],
    ]
    with pytest.raises(cipher.Unreadable):
        cipher.decrypt(account.blob, f"bank_account:{uuid4()}")


def test_equal_accounts_have_equal_hashes():
    one, same = receive(BANK).bank_account, receive(BANK).bank_account
    other = receive(replace(BANK, account=replace(ACCOUNT, account_number="0123457"))).bank_account
    assert bytes(one.account_hash) == bytes(same.account_hash)
    assert bytes(one.account_hash) != bytes(other.account_hash)


def test_bank_applicant_without_a_channel_gets_a_letter():
    receive(BANK)
    message = Message.objects.get()
    assert message.channel == "letter"
    assert message.address == "〒420-8601 静岡市葵区追手町9番6号 静岡 花子"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (BANK, []),
        (replace(BANK, account=replace(ACCOUNT, known=False)), ["bank_unknown"]),
        (replace(BANK, account=replace(ACCOUNT, looks_right=False)), ["yucho_check"]),
        (replace(BANK, account=replace(ACCOUNT, holder_kana="フジ　タロウ")), ["holder_differs"]),
        (replace(BANK, account=replace(ACCOUNT, holder_kana="シズオカハナコ")), []),
        (replace(BANK, holder_relation="family"), ["other_holder"]),
        (
            replace(BANK, coupons=(CouponAnswer("1", "123456789012", "charged"),)),
            ["no_app_contact"],
        ),
        (
            replace(POINTS, channel="email", delivery="ha..na@docomo.ne.jp"),
            ["odd_dots"],
        ),
    ],
)
def test_marks_show_the_office_what_to_look_at(answers, expected):
    application = receive(answers)
    assert application.marks == expected
    assert set(expected) <= set(intake.MARKS)


def test_unknown_number_is_one_claim_to_follow():
    application = receive(replace(POINTS, number_unknown=True, issuer="富士旅館"))
    claims = list(application.claims.order_by("position"))
    assert [claim.inquiry_number for claim in claims] == ["123456789012", "123456789013", ""]
    assert claims[2].match == Claim.Match.TO_FOLLOW


def test_door_is_held_while_an_application_comes_in(monkeypatch):
    held = []

    def look(claims):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            held.extend(row[0] for row in cursor.fetchall())

    monkeypatch.setattr(intake.matching, "match", look)
    receive()
    assert "ShareLock" in held


@pytest.mark.parametrize("state", ["checked", "decided"])
def test_what_a_clerk_entered_is_never_checked_by_the_matching(state):
    values = {"decided_by": cases.clerk("approver"), "decided_at": cases.ARRIVED}
    row = cases.application("", entered_by=cases.clerk("call_centre"))
    with pytest.raises(IntegrityError, match="application_first_signature"), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(state="checked", by_matching=True)
    with pytest.raises(IntegrityError, match="application_first_signature"), transaction.atomic():
        cases.application("", entered_by=row.entered_by, state=state, by_matching=True, **values)
