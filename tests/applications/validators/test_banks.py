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
def test_a_code_that_no_snapshot_had_is_unheard_of():
    unheard = {"known": False, "unheard": True}
    assert banks.bank("9998") == banks.Place("9998", "", **unheard)
    assert banks.branch("999", banks.bank("0149")) == banks.Place("999", "", **unheard)


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize("typed", ["0142", "清水銀行", "しみず", "清水"])
def test_a_bank_that_only_an_older_snapshot_had_is_found_and_marked(typed):
    Bank.objects.create(
        code="0142", name="清水", kana="シミズ", is_current=False, first_seen="1", last_seen="2"
    )
    assert banks.bank(typed) == banks.Place("0142", "清水", "シミズ", known=False)


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize("typed", ["115", "鷹匠支店", "たかじょう"])
def test_a_branch_that_was_closed_is_found_and_marked(typed):
    row = {"name": "鷹匠", "kana": "タカジヨウ", "first_seen": "1", "last_seen": "2"}
    Branch.objects.create(bank_id="0149", code="115", is_current=False, **row)
    found = banks.branch(typed, banks.bank("0149"))
    assert found == banks.Place("115", "鷹匠", "タカジヨウ", known=False)


@pytest.mark.usefixtures("master")
def test_the_bank_of_today_goes_before_a_former_one_of_the_same_name():
    row = {"name": "静岡", "kana": "シズオカ", "first_seen": "1", "last_seen": "2"}
    Bank.objects.create(code="0100", is_current=False, **row)
    assert banks.bank("静岡").code == "0149"


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
@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("静", ["0149", "0538"]),
        ("シズ", ["0149", "0538", "1501"]),  # by the beginning of the reading
        ("焼津", ["1501"]),  # one guess is asked back too
        ("信金", ["1501"]),
    ],
)
def test_a_text_that_several_banks_fit_brings_them_to_choose_from(typed, codes):
    with pytest.raises(banks.Several, match=f"「{typed}」に当てはまる金融機関です") as caught:
        banks.bank(typed)
    assert [place.code for place in caught.value.places] == codes


@pytest.mark.usefixtures("master")
def test_a_list_to_choose_from_stays_readable():
    row = {"kana": "ミナミ", "first_seen": "1", "last_seen": "1"}
    Branch.objects.bulk_create(
        Branch(bank_id="0149", code=f"{n:03d}", name=f"南{n}", **row) for n in range(300, 340)
    )
    with pytest.raises(banks.Several, match="一部を表示しています") as caught:
        banks.branch("南", banks.bank("0149"))
    assert len(caught.value.places) == banks.LISTED


def test_a_place_is_spelled_as_the_boxes_understand_it():
    bank = banks.Place("0005", "三菱ＵＦＪ")
    assert banks.spelled(bank) == "三菱UFJ銀行（0005）"
    assert banks.bank(banks.spelled(bank)).code == "0005"
    assert banks.spelled(banks.Place("112", "呉服町")) == "呉服町（112）"


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
