import pytest

from applications.forms.bank import BankForm
from tests.applications.conftest import BANK, OPEN

pytestmark = pytest.mark.django_db
NO_BANK = dict.fromkeys(["bank", "branch", "account_type", "account_number"], "")


def form(stay=True, charged=False, **changes):
    return BankForm({**BANK, **changes}, at=OPEN, extended={}, stay=stay, charged=charged)


def yucho(symbol="14030", number="12345671", **changes):
    return form(**NO_BANK | {"yucho_symbol": symbol, "yucho_number": number} | changes)


def test_account_is_taken_in_stored_forms():
    found = form()
    assert found.is_valid(), found.errors
    account = found.account
    assert (account.bank_code, account.branch_code) == ("0149", "112")
    assert (account.account_number, account.holder_kana) == ("0123456", "シズオカ　ハナコ")


def test_yucho_is_converted_for_the_transfer():
    found = yucho()
    assert found.is_valid(), found.errors
    account = found.account
    assert (account.bank_code, account.branch_code, account.branch_name) == (
        "9900",
        "408",
        "四〇八",
    )
    assert (account.account_type, account.account_number) == ("1", "1234567")
    assert (account.symbol, account.number) == ("14030", "12345671")


def test_yucho_that_does_not_add_up_is_asked_back_once():
    found = yucho("10540", "12045071")
    assert list(found.errors) == ["yucho_symbol"]
    assert found.asks_again
    confirmed = yucho("10540", "12045071", yucho_confirm="on")
    assert confirmed.is_valid()
    assert not confirmed.account.looks_right


@pytest.mark.parametrize(
    ("changes", "boxes"),
    [
        ({"bank": ""}, ["bank"]),
        ({"bank": "14"}, ["bank"]),
        ({"branch": ""}, ["branch"]),
        ({"bank": "", "branch": ""}, ["bank", "branch"]),
        (NO_BANK, ["account_type", "account_number", "bank", "branch"]),
        ({"account_type": ""}, ["account_type"]),
        ({"account_type": "9"}, ["account_type"]),
        ({"account_number": ""}, ["account_number"]),
        ({"account_number": "12345678"}, ["account_number"]),
        ({"account_holder_kana": "静岡花子"}, ["account_holder_kana"]),
        ({"holder_relation": ""}, ["holder_relation"]),
        ({"holder_relation": "family"}, ["holder_consent"]),
        ({"postal_code": "1"}, ["postal_code"]),
        ({"address": ""}, ["address"]),
        ({"address": "あ" * 121}, ["address"]),
        ({"lodging": ""}, ["lodging"]),
        ({"yucho_symbol": "14030"}, ["yucho_symbol"]),
    ],
)
def test_form_tells_each_mistake_at_its_box(changes, boxes):
    assert sorted(form(**changes).errors) == sorted(boxes)


@pytest.mark.parametrize(
    ("symbol", "number", "box"),
    [
        ("14030", "", "yucho_number"),
        ("", "12345671", "yucho_symbol"),
        ("20000", "11111111", "yucho_symbol"),
        ("14030", "12345678", "yucho_number"),
    ],
)
def test_yucho_mistake_is_told_at_its_box(symbol, number, box):
    assert list(yucho(symbol, number).errors) == [box]


def test_former_name_needs_no_consent():
    assert form(holder_relation="former_name").is_valid()
    assert form(holder_relation="family", holder_consent="on").is_valid()


def test_day_trip_asks_for_the_agency_in_place_of_the_lodging():
    assert list(form(stay=False).errors) == ["agency"]
    assert form(stay=False, agency="富士ツアー 日帰りバス").is_valid()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("090-1234-5678", "+819012345678"),
        ("hanako@example.jp", "hanako@example.jp"),
        ("", ""),
    ],
)
def test_charged_coupons_ask_for_the_contact_in_the_app(typed, stored):
    found = form(charged=True, app_contact=typed)
    assert found.is_valid()
    assert found.cleaned_data["app_contact"] == stored


def test_uncharged_coupons_ask_for_no_app_contact():
    assert "app_contact" not in form().fields
