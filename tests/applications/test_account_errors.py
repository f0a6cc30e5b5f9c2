"""People with every kind of mistake in an account: each is told, corrects it and arrives."""

import pytest

from applications.models import Application
from payouts import accounts
from payouts.models import Bank, Branch
from tests.applications.conftest import BANK, Traveller

pytestmark = pytest.mark.django_db
SEEN = {"first_seen": "20230401", "last_seen": "20230401"}
YUCHO = {"account_kind": "yucho", **dict.fromkeys(["bank", "branch", "account_number"], "")}
HEAD = "0149112"  # bank and branch of the account that all but the Japan Post Bank's reach
# what somebody does wrong, a word of what they are told, what they do then, the part in the file
PEOPLE = {
    "full width and hyphens": ({"account_number": "０１２－３４５６"}, "", {}, HEAD + "10123456"),
    "six digits": ({"account_number": "123456"}, "", {}, HEAD + "10123456"),
    "eight digits": (
        {"account_number": "12345678"},
        "7けたまで",
        {"account_number": "1234567"},
        HEAD + "11234567",
    ),
    "all zeros": (
        {"account_number": "0000000"},
        "ご確認ください",
        {"account_number": "1"},
        HEAD + "10000001",
    ),
    "name in kanji": (
        {"account_holder_kana": "静岡花子"},
        "「静」は漢字です",
        {"account_holder_kana": "しずおか はなこ"},
        HEAD + "10123456",
    ),
    "no kind of account": (
        {"account_type": ""},
        "預金種目を選んでください",
        {"account_type": "4"},
        HEAD + "40123456",
    ),
    "a bank that several could be": (
        {"bank": "静"},
        "この中から選んでください",
        {"bank": "静", "bank_choice": "0149"},
        HEAD + "10123456",
    ),
    "no branch": (
        {"branch": ""},
        "支店名を入力してください",
        {"branch": "呉服町支店"},
        HEAD + "10123456",
    ),
    "somebody else's account": (
        {"holder_relation": "family"},
        "同意を得て",
        {"holder_relation": "family", "holder_consent": "on"},
        HEAD + "10123456",
    ),
    "yucho as a bank with a head office": (
        {"bank": "ゆうちょ銀行", "branch": "本店"},
        "通帳の記号と番号",
        YUCHO | {"yucho_symbol": "14030", "yucho_number": "12345671"},
        "99004081" + "1234567",
    ),
    "a wrong figure of yucho": (
        YUCHO | {"yucho_symbol": "10540", "yucho_number": "12045071"},
        "もう一度ご確認ください",
        YUCHO | {"yucho_symbol": "14030", "yucho_number": "12345671"},
        "99004081" + "1234567",
    ),
}


@pytest.fixture(autouse=True)
def _master() -> None:
    rows = {"0149": ("静岡", "シズオカ"), "0538": ("静岡中央", "シズオカチユウオウ")}
    Bank.objects.bulk_create(
        Bank(code=code, name=name, kana=kana, **SEEN)
        for code, (name, kana) in [*rows.items(), ("9900", ("ゆうちょ", "ユウチヨ"))]
    )
    Branch.objects.create(bank_id="0149", code="112", name="呉服町", kana="ゴフクチヨウ", **SEEN)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_mistake_is_told_and_the_right_account_arrives(traveller: Traveller, who: str) -> None:
    wrong, told, right, part = PEOPLE[who]
    traveller.fill(bank=True)
    if told:
        answer = traveller.post("bank", {**BANK, **wrong})
        page = traveller.client.get(answer["Location"]).content.decode()
        assert "<title>エラー：" in page
        assert told in page
        assert Application.objects.count() == 0
    answer = traveller.post("bank", {**BANK, **(right or wrong)})
    assert answer["Location"] == "/apply/check/"
    assert traveller.send()["Location"] == "/apply/done/"
    row = Application.objects.get()
    account = accounts.read(row.bank_account)
    fields = ("bank_code", "branch_code", "account_type", "account_number")
    assert "".join(getattr(account, name) for name in fields) == part
    assert account.holder_kana == "シズオカ　ハナコ"
