import pytest

from applications import summary
from applications.forms.journey import Journey
from payouts.models import Bank, Branch
from tests.applications.conftest import BANK, BY_BANK, COUPONS, OPEN, PERSON, RECEIVE

pytestmark = pytest.mark.django_db


def rows(steps, typed_number=""):
    answers = Journey(steps, at=OPEN, extended={}).answers()
    return {
        row.label: (row.value, row.note)
        for section in summary.sections(answers, typed_number)
        for row in section.rows
    }


def test_every_answer_is_shown_in_its_stored_form():
    found = rows({"coupons": COUPONS, "person": PERSON, "receive": RECEIVE})
    assert found == {
        "ご利用の都道府県": ("静岡県", ""),
        "旅行の種類": ("宿泊旅行", ""),
        "チェックイン日": ("2023年2月23日（木）", ""),
        "チェックアウト日": ("2023年2月24日（金）", ""),
        "有効期限が2023年2月24日（金）まで": ("はい", ""),
        "1枚目のお問合せ番号": ("1234 5678 9012", "紙のまま"),
        "お名前": ("静岡 花子", ""),
        "お名前（カナ）": ("シズオカ　ハナコ", ""),
        "電話番号": ("054-251-1111", ""),
        "受取方法": ("キャッシュレスポイント", ""),
        "受取案内の配信先": ("090-1234-5678", "携帯電話のSMS（ショートメッセージ）"),
    }


def test_account_says_what_was_changed():
    steps = {"coupons": COUPONS, "person": PERSON, "receive": BY_BANK, "bank": BANK}
    found = rows(steps, "123456")
    assert found["口座番号"] == ("0123456", "7けたになるように、先頭に0を付けました。")
    assert found["口座名義（カナ）"] == ("シズオカ　ハナコ", "銀行へは「ｼｽﾞｵｶ ﾊﾅｺ」と送ります。")
    assert found["郵便番号"] == ("420-8601", "")


def test_yucho_says_that_it_was_converted():
    account = dict.fromkeys(["bank", "branch", "account_type", "account_number"], "")
    bank = {**BANK, **account, "yucho_symbol": "14030", "yucho_number": "12345671"}
    found = rows({"coupons": COUPONS, "person": PERSON, "receive": BY_BANK, "bank": bank})
    assert found["支店"] == (
        "四〇八（408）",
        "記号 14030　番号 12345671 を振込用の番号に直しました。",
    )


def test_odd_carrier_address_is_warned_of():
    receive = {"method": "points", "channel": "email", "delivery_email": "ha..na@docomo.ne.jp"}
    found = rows({"coupons": COUPONS, "person": PERSON, "receive": receive})
    assert found["受取案内の配信先"] == ("ha..na@docomo.ne.jp", summary.ODD_DOTS)


def test_a_bank_of_the_master_is_written_as_people_write_it():
    seen = {"first_seen": "20230501", "last_seen": "20230501"}
    Bank.objects.create(code="0033", name="ＰａｙＰａｙ", kana="ペイペイ", **seen)
    Branch.objects.create(bank_id="0033", code="001", name="本店営業部", kana="ホンテン", **seen)
    bank = {**BANK, "bank": "0033", "branch": "001"}
    found = rows({"coupons": COUPONS, "person": PERSON, "receive": BY_BANK, "bank": bank})
    assert found["金融機関"] == ("PayPay銀行（0033）", "")
    assert found["支店"] == ("本店営業部（001）", "")


def test_a_code_that_the_master_lacks_is_asked_to_be_looked_at():
    found = rows({"coupons": COUPONS, "person": PERSON, "receive": BY_BANK, "bank": BANK})
    assert found["金融機関"] == ("0149", summary.NO_BANK)
    assert found["支店"] == ("112", summary.NO_BRANCH)


def test_contact_of_the_app_and_consent_are_shown():
    coupons = {**COUPONS, "coupon_use_0": "charged"}
    bank = {
        **BANK,
        "holder_relation": "family",
        "holder_consent": "on",
        "app_contact": "０９０１２３４５６７８",
    }
    found = rows({"coupons": coupons, "person": PERSON, "receive": BY_BANK, "bank": bank})
    assert found["アプリに登録した連絡先"] == ("090-1234-5678", "")
    assert found["名義の方とのご関係"][1] == "名義の方の同意を得ています"
