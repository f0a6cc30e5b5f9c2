"""The office's pages of batches: previewed, cut, released by a second person, handed over once."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from config import clock
from config.models import AccessLog
from payouts import banks, transfers
from payouts.accounts import Account
from payouts.models import Batch, BatchStep, Office, Payout, PayoutStep, Transfer, TransferStep
from tests.applications import rows as clerks
from tests.payouts.bank_rows import CUT_AT, account, office, ready

pytestmark = pytest.mark.django_db
NEW, LIST = "/admin/payouts/batch/new/", "/admin/payouts/batch/"
MINUTE = timedelta(minutes=1)
ASKED = {"prefecture": "22", "pay_on": "2023-05-15"}


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.at(CUT_AT):
        office()
        yield


def logged_in(role: str, *prefectures: str) -> Client:
    """The office as one role sees it, past both factors."""
    return clerks.signed_in(Client(), clerks.clerk(role, *prefectures))


def of(batch: Batch, path: str = "change") -> str:
    return f"{LIST}{batch.pk}/{path}/"


def text(client: Client, path: str, **typed: str) -> str:
    return client.get(path, typed).content.decode()


def cut(client: Client) -> Batch:
    """A batch of all that is ready, cut by the page."""
    assert client.post(NEW, ASKED).status_code == 302
    return Batch.objects.latest("pk")


def released(payer: Client) -> Batch:
    batch = cut(payer)
    assert logged_in("approver").post(of(batch, "act/release")).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "released"
    return batch


def exports() -> list[tuple[str, str, str]]:
    return list(
        AccessLog.objects.filter(act="export")
        .order_by("id")
        .values_list("subject", "subject_id", "detail")
    )


def test_the_preview_tells_all_and_writes_nothing(settings: Any) -> None:
    settings.BATCH_LIMIT = 2
    for yen in (1730, 1, 500):
        ready(yen)
    bad = ready(900, to=account("0000000"))
    steps = [each.objects.count() for each in (BatchStep, PayoutStep, TransferStep)]
    page = text(logged_in("payer"), NEW, **ASKED)
    assert re.findall(r'<td class="yen">([\d,]+円?)</td>', page) == [
        *["2", "1,731円"],
        *["1", "500円"],
        *["3", "2,231円"],
        "900円",
    ]
    assert f"{bad}</a></th><td>口座番号が正しくありません" in page
    assert steps == [each.objects.count() for each in (BatchStep, PayoutStep, TransferStep)]
    assert not Batch.objects.exists()
    assert set(Payout.objects.values_list("state", flat=True)) == {"ready"}


def test_cutting_makes_as_many_files_as_the_limit_asks(settings: Any) -> None:
    settings.BATCH_LIMIT = 2
    for yen in (1730, 1, 500):
        ready(yen)
    page = logged_in("payer").post(NEW, ASKED, follow=True).content.decode()
    made = Batch.objects.order_by("id")
    assert list(made.values_list("count", "total_yen", "state")) == [
        (2, 1731, "cut"),
        (1, 500, "cut"),
    ]
    assert [f"振込データ{each.pk}を作成しました" in page for each in made] == [True, True]
    assert "ご自身で作成した振込データです" in page


@pytest.mark.parametrize(("asked", "used"), [(1, 1), (9_999, 9_999), (90_000, 50_000), (0, 1)])
def test_the_limit_is_held_between_its_ends(settings: Any, asked: int, used: int) -> None:
    settings.BATCH_LIMIT = asked
    assert transfers.limit() == used


def test_a_closed_branch_is_marked_and_may_be_left_out() -> None:
    banks.load()
    fine, gone = ready(1730), ready(500, to=at_a_closed_branch())
    client = logged_in("payer")
    page = text(client, NEW, **ASKED)
    assert "いまの一覧にない金融機関・支店　1件" in page
    assert re.findall(r'name="without" value="(\d+)"', page) == [str(gone.pk)]
    assert "1234567" not in page
    client.post(NEW, ASKED | {"without": str(gone.pk)})
    assert list(Transfer.objects.values_list("payout", flat=True)) == [fine.pk]
    gone.refresh_from_db()
    assert gone.state == "ready"


def at_a_closed_branch() -> Account:
    """An account at a branch that the master never had."""
    return Account("0001", "998", "1", "1234567", "ヤマダ　タロウ", "みずほ銀行", "閉じた支店")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2023-05-20", "銀行の営業日ではありません"),
        ("2023-07-17", "銀行の営業日ではありません"),
        ("2024-01-02", "銀行の営業日ではありません"),
        ("2023-05-12", "口座振込は2023年5月15日"),
        ("", "振込指定日を入力してください。"),
        ("soon", "日付を、年-月-日の順に"),
    ],
)
def test_a_day_without_banks_is_refused_at_its_field(day: str, told: str) -> None:
    ready()
    client = logged_in("payer")
    for page in (
        client.get(NEW, ASKED | {"pay_on": day}),
        client.post(NEW, ASKED | {"pay_on": day}),
    ):
        assert page.status_code == 422
        assert told in re.findall(r'id="id_pay_on_error">(.*?)</p>', page.content.decode())[0]
    assert not Batch.objects.exists()


def test_another_office_is_neither_cut_nor_seen() -> None:
    ready()
    batch = cut(logged_in("payer"))
    other = logged_in("payer", "23")
    assert other.post(NEW, ASKED).status_code == 422
    for path in ("change", "sheet"):
        assert other.get(of(batch, path)).status_code == 404
    for path in ("act/release", "act/dissolve", "file/hand_over", "file/copy", "file/csv"):
        assert other.post(of(batch, path)).status_code == 404


def test_a_line_is_taken_out_with_a_reason_before_release() -> None:
    ready(1730)
    payout = ready(500)
    batch = cut(client := logged_in("payer"))
    line = payout.transfers.get()
    client.post(of(batch, f"out/{line.pk}"))
    line.refresh_from_db()
    assert line.state == "listed"
    client.post(of(batch, f"out/{line.pk}"), {"reason": "asked"})
    batch.refresh_from_db()
    line.refresh_from_db()
    assert (line.state, batch.count, batch.total_yen) == ("removed", 1, 1730)
    assert line.steps.latest("id").reason == "asked"
    logged_in("approver").post(of(batch, "act/release"))
    rest = batch.transfers.get(state="listed")
    client.post(of(batch, f"out/{rest.pk}"), {"reason": "asked"})
    rest.refresh_from_db()
    assert rest.state == "listed"


def test_who_cut_does_not_release() -> None:
    ready()
    batch = cut(client := logged_in("payer"))
    page = client.post(of(batch, "act/release"), follow=True).content.decode()
    assert "作成した人と確定する人は、別の人でなければなりません。" in page
    batch.refresh_from_db()
    assert (batch.state, batch.sha256) == ("cut", "")
    assert "で確定する" in text(logged_in("approver"), of(batch))


def test_the_page_masks_accounts_and_shows_steps() -> None:
    ready(to=account("5556677"))
    batch = released(client := logged_in("payer"))
    page = text(client, of(batch))
    assert "みずほ銀行（0001） 東京営業部（001） ＊＊＊＊677" in page
    assert "5556677" not in page
    assert ("普通　7654321" in page, "シズオカケンジムキヨク　（ｼｽﾞｵｶｹﾝｼﾞﾑｷﾖｸ）" in page) == (
        True,
        True,
    )
    assert batch.sha256 in page
    assert AccessLog.objects.filter(act="view", subject="batch", subject_id=batch.pk).exists()


def test_the_file_is_handed_over_once_and_then_a_copy() -> None:
    payout = ready()
    batch = released(client := logged_in("payer"))
    first = client.post(of(batch, "file/hand_over"))
    name = f"furikomi-22-20230515-{batch.pk}"
    assert first["Content-Disposition"] == f'attachment; filename="{name}.txt"'
    assert hashlib.sha256(first.content).hexdigest() == batch.sha256
    payout.refresh_from_db()
    assert payout.state == "handed_over"
    again = client.post(of(batch, "file/hand_over"), follow=True)
    assert "すでに「銀行へ引渡し済み」です。" in again.content.decode()
    copy = client.post(of(batch, "file/copy"))
    assert copy["Content-Disposition"] == (
        f'attachment; filename="{name}-hikae.txt"; '
        f"filename*=UTF-8''{name}%EF%BC%88%E6%8E%A7%EF%BC%89.txt"
    )
    assert copy.content == first.content
    key = str(batch.pk)
    assert exports() == [("batch", key, "hand_over"), ("batch", key, "copy")]
    assert "1回ダウンロードされました" in text(client, of(batch))


def test_a_csv_has_the_lines_of_the_frozen_file() -> None:
    ready()
    batch = released(client := logged_in("payer"))
    early = client.post(of(batch, "file/csv"), follow=True).content.decode()
    assert "まだ銀行へ引き渡していない振込データです。" in early
    client.post(of(batch, "file/hand_over"))
    found = client.post(of(batch, "file/csv"), {"encoding": "cp932"}).content.decode("cp932")
    line = batch.transfers.get()
    assert found.split("\r\n") == [
        "銀行コード,銀行名カナ,支店コード,支店名カナ,預金種目,口座番号,受取人名カナ,振込金額,顧客コード1",
        f"0001,,001,,1,1234567,ﾔﾏﾀﾞ ﾀﾛｳ,1730,{line.pk:010}",
        "",
    ]
    plain = client.post(of(batch, "file/csv")).content
    assert plain.decode("utf-8") == "\ufeff" + found
    assert client.post(of(batch, "file/csv"), {"encoding": "rot13"}).status_code == 404
    assert [detail for *_, detail in exports()] == ["hand_over", "csv", "csv"]
    reasons = batch.steps.filter(old="handed_over").values_list("reason", flat=True)
    assert list(reasons) == ["copy_csv", "copy_csv"]


def test_the_control_sheet_is_for_a_frozen_file() -> None:
    ready()
    batch = cut(client := logged_in("payer"))
    assert client.get(of(batch, "sheet"))["Location"] == of(batch)
    logged_in("approver").post(of(batch, "act/release"))
    batch.refresh_from_db()
    page = text(client, of(batch, "sheet"))
    told = [
        "1件",
        "1,730円",
        batch.sha256,
        f"furikomi-22-20230515-{batch.pk}.txt",
        "まだ引き渡して",
    ]
    assert [each in page for each in told] == [True] * 5
    assert page.count("<td>署名</td>") == 3
    Office.objects.update(account_number="1111111")  # the sheet goes by the frozen file
    page = text(client, of(batch, "sheet"))
    assert ("普通　7654321" in page, "1111111" in page) == (True, False)
    assert "ﾔﾏﾀﾞ" not in page
    assert "＊＊＊" not in page


def test_a_dissolved_batch_gives_its_payouts_back() -> None:
    payout = ready()
    batch = released(client := logged_in("payer"))
    client.post(of(batch, "act/dissolve"))
    batch.refresh_from_db()
    assert batch.state == "released"
    client.post(of(batch, "act/dissolve"), {"reason": "mistake"})
    payout.refresh_from_db()
    batch.refresh_from_db()
    assert (batch.state, payout.state) == ("dissolved", "ready")
    assert "作成の誤り" in text(client, of(batch))


def test_the_life_of_a_payout_is_one_timeline() -> None:
    payout = ready()
    client, second = logged_in("payer"), logged_in("approver")
    with clock.at(CUT_AT + MINUTE):
        batch = cut(client)
    acts = [(second, "act/release"), (client, "file/hand_over"), (client, "file/copy")]
    for minutes, (each, act) in enumerate(acts, 2):
        with clock.at(CUT_AT + minutes * MINUTE):
            each.post(of(batch, act))
    line = payout.transfers.get()
    page = text(client, f"/admin/payouts/payout/{payout.pk}/life/")
    steps = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page)
    assert steps == [
        (f"支払い{payout}", "支払時期待ち"),
        (f"支払い{payout}", "受取・振込の準備完了"),
        (f"振込データ{batch.pk}", "作成済み（確定待ち）"),
        (f"振込{line.pk}", "作成済み"),
        (f"支払い{payout}", "振込データ作成済み"),
        (f"振込データ{batch.pk}", "確定"),
        (f"振込データ{batch.pk}", "銀行へ引渡し済み"),
        (f"振込{line.pk}", "引渡し済み"),
        (f"支払い{payout}", "銀行へ引渡し済み"),
        (f"振込データ{batch.pk}", ""),
    ]
    assert "控のダウンロード" in page
    change = f"/admin/payouts/payout/{payout.pk}/change/"
    assert f"/admin/payouts/payout/{payout.pk}/life/" in text(client, change)


def test_the_list_and_the_first_page_lead_there() -> None:
    ready()
    cut(client := logged_in("payer"))
    page = text(client, LIST)
    assert NEW in page
    assert "作成済み（確定待ち）" in page
    assert "口座振込（振込データ）" in text(client, "/admin/")
    assert NEW not in text(logged_in("approver"), LIST)
