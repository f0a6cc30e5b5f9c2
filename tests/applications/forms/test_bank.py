import pytest
from crispy_forms.layout import Layout

from applications.forms.bank import BY_ITS_PAGE, BankForm, kind_of
from payouts.models import Bank, Branch
from tests.applications.conftest import BANK, OPEN

pytestmark = pytest.mark.django_db
NO_BANK = dict.fromkeys(["bank", "branch", "account_type", "account_number"], "")


def form(stay=True, charged=False, kind="", **changes):
    trip = {"stay": stay, "charged": charged, "kind": kind}
    found = BankForm({**BANK, **changes}, at=OPEN, extended={}, **trip)
    found.full_clean()
    return found


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
    assert found.asks_again == {"yucho_confirm"}
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


@pytest.fixture
def master():
    seen = {"first_seen": "20230501", "last_seen": "20230501"}
    rows = {"0149": ("静岡", "シズオカ"), "0538": ("静岡中央", "シズオカチユウオウ")}
    Bank.objects.bulk_create(
        Bank(code=code, name=name, kana=kana, **seen)
        for code, (name, kana) in [*rows.items(), ("9900", ("ゆうちょ", "ユウチヨ"))]
    )
    branches = {"112": ("呉服町", "ゴフクチヨウ"), "113": ("呉服町東", "ゴフクチヨウヒガシ")}
    Branch.objects.bulk_create(
        Branch(bank_id="0149", code=code, name=name, kana=kana, **seen)
        for code, (name, kana) in branches.items()
    )


@pytest.mark.usefixtures("master")
def test_several_banks_are_listed_and_the_chosen_one_stands_in_its_box():
    asked = form(bank="静")
    assert list(asked.errors) == ["bank_choice"]
    assert asked.fields["bank_choice"].choices == [
        ("0149", "静岡銀行（0149）"),
        ("0538", "静岡中央銀行（0538）"),
    ]
    assert "bank_choice" in names_on_the_page(asked)
    boxes = list(asked.fields)  # so the summary of errors goes down the page
    assert boxes.index("bank_choice") == boxes.index("bank") + 1
    chosen = form(bank="静", bank_choice="0149")
    assert chosen.is_valid(), chosen.errors
    assert (chosen.account.bank_code, chosen.account.known) == ("0149", True)
    assert chosen.typed()["bank"] == chosen.raw()["bank"] == "静岡銀行（0149）"
    assert form(**chosen.typed()).is_valid()


@pytest.mark.usefixtures("master")
def test_a_choice_from_another_list_counts_for_nothing():
    assert list(form(bank="静", bank_choice="9900").errors) == ["bank_choice"]
    other = form(bank="静岡中央", branch="1", bank_choice="0149")
    assert other.errors["branch"]
    assert form(bank="静岡", bank_choice="0538").account.bank_code == "0149"


@pytest.mark.usefixtures("master")
def test_several_branches_are_listed_too():
    asked = form(branch="呉服")
    assert list(asked.errors) == ["branch_choice"]
    chosen = form(branch="呉服", branch_choice="113")
    assert (chosen.is_valid(), chosen.account.branch_code) == (True, "113")


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize("changes", [{"bank": "9998"}, {"branch": "999"}])
def test_a_code_unheard_of_is_asked_back_once_and_then_believed(changes):
    asked = form(**changes)
    assert list(asked.errors) == list(changes)
    assert "code_confirm" in names_on_the_page(asked)
    assert "code_confirm" not in names_on_the_page(form())
    confirmed = form(**changes, code_confirm="on")
    assert (confirmed.is_valid(), confirmed.account.known) == (True, False)


@pytest.mark.usefixtures("master")
def test_a_closed_branch_is_taken_and_marked_without_a_question():
    Branch.objects.filter(code="112").update(is_current=False)
    found = form()
    assert (found.is_valid(), found.account.known) == (True, False)
    assert found.account.branch_name == "呉服町"


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize("branch", ["本店", "東京支店", ""])
def test_yucho_without_a_branch_number_is_shown_its_own_page(branch):
    assert form(bank="ゆうちょ銀行", branch=branch).errors["bank"] == [str(BY_ITS_PAGE)]


def names_on_the_page(found):
    return [pointer.name for pointer in Layout(*found.layout()).get_field_names()]


def test_each_kind_of_bank_has_its_own_page():
    ordinary, yucho = names_on_the_page(form(kind="bank")), names_on_the_page(form(kind="yucho"))
    assert ordinary[:5] == ["account_kind", "bank", "branch", "account_type", "account_number"]
    assert yucho[:4] == ["account_kind", "yucho_symbol", "yucho_number", "yucho_savings"]
    assert ordinary[5:] == yucho[4:]
    assert set(names_on_the_page(form())) == {*ordinary, *yucho} - {"account_kind"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({}, "bank"),
        ({"account_kind": "yucho"}, "yucho"),
        ({"yucho_number": "1"}, "yucho"),
        ({"yucho_number": "1", "account_kind": "bank"}, "bank"),
        ({"account_kind": "x"}, "bank"),
    ],
)
def test_page_goes_by_what_is_filled_in(data, kind):
    assert kind_of(data) == kind


def test_an_empty_page_of_yucho_asks_for_symbol_and_number():
    empty = form(kind="yucho", **NO_BANK)
    assert sorted(empty.errors) == ["yucho_number", "yucho_symbol"]


def test_savings_of_yucho_are_ticked():
    assert yucho(yucho_savings="on").account.account_type == "4"
