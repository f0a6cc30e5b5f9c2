import pytest
from django.core.exceptions import ValidationError

from applications.validators import banks
from payouts.models import Bank, Branch

pytestmark = pytest.mark.django_db


@pytest.fixture
def master():
    banks.forget()
    rows = {
        "0001": ("みずほ", "ミズホ"),
        "0005": ("三菱ＵＦＪ", "ミツビシユ－エフジエイ"),
        "0149": ("静岡", "シズオカ"),
        "0538": ("静岡中央", "シズオカチユウオウ"),
        "1501": ("しずおか焼津信金", "シズオカヤイヅシンキン"),
        "5837": ("ハイナン農協", "ハイナンノウキヨウ"),
        "9900": ("ゆうちょ", "ユウチヨ"),
    }
    seen = {"first_seen": "20230501", "last_seen": "20230501"}
    Bank.objects.bulk_create(
        Bank(code=code, name=name, kana=kana, **seen) for code, (name, kana) in rows.items()
    )
    branches = {"111": ("本店営業部", "ホンテン"), "112": ("呉服町", "ゴフクチヨウ")}
    Branch.objects.bulk_create(
        Branch(bank_id="0149", code=code, name=name, kana=kana, **seen)
        for code, (name, kana) in branches.items()
    )
    yield
    banks.forget()


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0149", "0149"),
        ("０１４９", "0149"),
        ("0149 静岡銀行", "0149"),
        ("静岡銀行（0149）", "0149"),
        ("静岡", "0149"),
        ("静岡銀行", "0149"),
        ("株式会社静岡銀行", "0149"),
        ("シズオカ", "0149"),
        ("しずおか", "0149"),
        ("静岡中央銀行", "0538"),
        ("みずほ銀行", "0001"),
        ("三菱UFJ銀行", "0005"),
        ("三菱ｕｆｊ", "0005"),
        ("しずおか焼津信用金庫", "1501"),
        ("しずおか焼津", "1501"),
        ("JAハイナン", "5837"),
        ("ハイナン農業協同組合", "5837"),
        ("しずおかぎんこう", "0149"),
        ("シズオカチュウオウギンコウ", "0538"),
        ("しずおかやいづしんようきんこ", "1501"),
        ("静銀", "0149"),
        ("しずぎん", "0149"),
        ("三菱東京UFJ銀行", "0005"),
        ("三菱東京ＵＦＪ", "0005"),
        ("UFJ銀行", "0005"),
        ("JAバンクハイナン", "5837"),
        ("ゆうちょ銀行", "9900"),
        ("郵便局", "9900"),
    ],
)
def test_bank_is_found_by_name_reading_and_code(typed, code):
    assert banks.bank(typed).code == code


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("呉服町", "112"),
        ("呉服町支店", "112"),
        ("ごふくちょう", "112"),
        ("１１２", "112"),
        ("本店", "111"),
    ],
)
def test_branch_is_found_by_name_reading_and_code(typed, code):
    assert banks.branch(typed, banks.bank("0149")).code == code


@pytest.mark.usefixtures("master")
def test_a_code_that_the_master_lacks_is_accepted_and_marked():
    assert banks.bank("9999") == banks.Place("9999", "", known=False)
    assert banks.branch("999", banks.bank("0149")) == banks.Place("999", "", known=False)


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("149", "bank_code"),
        ("ドラゴン銀行", "not_found"),
        ("1" * 50, "bank_code"),
    ],
)
def test_bank_that_cannot_be_found_is_asked_back(typed, code):
    with pytest.raises(ValidationError) as caught:
        banks.bank(typed)
    assert caught.value.code == code


@pytest.mark.usefixtures("master")
def test_a_name_of_several_banks_shows_them():
    with pytest.raises(ValidationError, match="静岡（0149）、静岡中央（0538）"):
        banks.bank("静")


def test_without_a_master_the_name_is_kept_for_the_office():
    banks.forget()
    assert banks.bank("静岡銀行") == banks.Place("", "静岡銀行", known=False)


@pytest.mark.usefixtures("master")
def test_master_is_read_once(django_assert_num_queries):
    banks.bank("静岡")
    with django_assert_num_queries(0):
        banks.bank("みずほ")


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize("typed", ["JAバンク", "ＪＡ", "農協", "JA銀行"])
def test_ja_alone_is_asked_for_its_name(typed):
    with pytest.raises(ValidationError) as caught:
        banks.bank(typed)
    assert caught.value.message == banks.WHICH_JA % {"names": "ハイナン農協"}


@pytest.mark.usefixtures("master")
def test_an_old_name_that_the_master_still_has_is_taken_at_its_word():
    Bank.objects.create(
        code="0537", name="新生", kana="シンセイ", first_seen="20230501", last_seen="20230501"
    )
    assert banks.bank("新生銀行").code == "0537"


@pytest.mark.usefixtures("master")
def test_an_old_name_of_a_bank_unknown_to_the_master_is_not_found():
    with pytest.raises(ValidationError, match="見つかりません"):
        banks.bank("ジャパンネット銀行")


@pytest.mark.parametrize(
    ("code", "name", "written"),
    [
        ("0149", "静岡", "静岡銀行"),
        ("0033", "ＰａｙＰａｙ", "PayPay銀行"),
        ("0288", "三菱ＵＦＪ信託", "三菱UFJ信託銀行"),
        ("0501", "北洋", "北洋銀行"),
        ("9900", "ゆうちょ", "ゆうちょ銀行"),
        ("9900", "ゆうちょ銀行", "ゆうちょ銀行"),
        ("0200", "ワイズ・ペイメンツ・ジャパン", "ワイズ・ペイメンツ・ジャパン"),
        ("1501", "しずおか焼津信金", "しずおか焼津信金"),
        ("9998", "", ""),
        ("0999", "", ""),
        ("", "見本", "見本"),
    ],
)
def test_a_bank_is_written_as_people_write_it(code, name, written):
    assert banks.written(code, name) == written
