"""Changing answers: the old value is kept, what follows from it is made anew."""

import pytest

from applications import amendments
from applications.answers import AccountAnswer
from applications.models import Amendment
from payouts import accounts
from tests.applications import rows

pytestmark = pytest.mark.django_db
AT = rows.ARRIVED
ACCOUNT = AccountAnswer("0001", "見本銀行", "002", "支店", "1", "7654321", "ベツノ ナマエ")


def told() -> list[tuple[str, str, str]]:
    return list(Amendment.objects.order_by("id").values_list("field", "old", "new"))


def test_old_and_new_are_kept_for_what_differs() -> None:
    row = rows.application(rows.coupon())
    amendments.amend(row, {"name": "静岡 太郎", "phone": row.phone}, at=AT)
    row.refresh_from_db()
    assert row.name == "静岡 太郎"
    assert told() == [("name", "静岡 花子", "静岡 太郎")]


def test_a_number_is_rematched() -> None:
    coupon, row = rows.coupon(), rows.application("")
    claim = row.claims.get()
    given = {claim.pk: {"inquiry_number": coupon.inquiry_number, "typed_number": "1-2"}}
    amendments.amend(row, {}, given, at=AT)
    claim.refresh_from_db()
    assert (claim.match, claim.coupon, claim.typed_number) == ("clean", coupon, "1-2")
    assert told() == [("inquiry_number", "", coupon.inquiry_number)]


def test_another_prefecture_goes_for_every_coupon() -> None:
    row = rows.application(rows.coupon(), rows.coupon())
    amendments.amend(row, {"prefecture_code": "13"}, at=AT)
    assert {claim.prefecture_code for claim in row.claims.all()} == {"13"}
    assert {claim.match_reasons[0] for claim in row.claims.all()} == {"prefecture"}


def test_an_account_is_kept_encrypted_and_told_by_its_row() -> None:
    row = rows.application(rows.coupon(), method="bank", holder_relation="self")
    old = row.bank_account
    amendments.amend(row, {}, at=AT, account=ACCOUNT)
    row.refresh_from_db()
    assert accounts.read(row.bank_account).account_number == "7654321"
    assert accounts.read(old).account_number == "1234567"
    assert told() == [("bank_account", str(old.pk), str(row.bank_account_id))]


def test_marks_follow_the_answers() -> None:
    row = rows.application(
        rows.coupon(), method="bank", holder_relation="self", marks=["twin", "bank_unknown"]
    )
    amendments.amend(row, {}, at=AT, account=ACCOUNT)
    assert row.marks == ["twin", "holder_differs"]
    amendments.amend(row, {"holder_relation": "family"}, at=AT)
    assert row.marks == ["twin", "other_holder"]


def test_another_contact_is_not_proved() -> None:
    row = rows.application(rows.coupon(), channel_proved_at=AT)
    amendments.amend(row, {"name": "静岡 太郎"}, at=AT)
    assert row.channel_proved_at == AT
    amendments.amend(row, {"channel": "email", "delivery": "a@example.jp"}, at=AT)
    row.refresh_from_db()
    assert row.channel_proved_at is None


def test_decided_coupons_stay_as_they_are() -> None:
    row = rows.application(rows.coupon())
    claim = row.claims.get().move("withdrawn")
    amendments.amend(row, {}, {claim.pk: {"inquiry_number": "9" * 12}}, at=AT)
    assert row.claims.get().inquiry_number == claim.inquiry_number
    assert told() == []


@pytest.mark.parametrize("field", [*amendments.FIELDS, "inquiry_number", "coupon_use"])
def test_every_answer_has_the_offices_word(field: str) -> None:
    assert amendments.label(field)
