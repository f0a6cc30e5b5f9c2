"""Batches of bank transfers: cut, taken out, released by a second person, handed over once."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from config import clock
from config.states import Refused
from payouts import accounts, bank_files, transfers
from payouts.models import Bank, Batch, Branch, Office, Payout, Transfer
from payouts.outbound.zengin.records import Payment, Style, Totals, read
from tests.payouts.bank_rows import CUT_AT, MONDAY, account, clerk, ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def cut(payer: User, **options: int) -> Batch:
    batch = transfers.cut("22", MONDAY, by=payer, **options).batch
    assert batch is not None
    return batch


def handed_over(payer: User, approver: User) -> Batch:
    batch = transfers.release(cut(payer), by=approver)
    transfers.hand_over(batch, by=approver)
    batch.refresh_from_db()
    return batch


def state(row: Payout | Batch | Transfer) -> str:
    row.refresh_from_db()
    return row.state


def history(row: Payout | Batch | Transfer) -> list[tuple[str, str]]:
    return list(row.steps.order_by("id").values_list("old", "new"))


def test_cut_lists_the_ready_payouts_of_one_office(payer: User) -> None:
    mine = [ready(yen) for yen in (1730, 1)]
    other = ready(500, code="23")
    batch = cut(payer)
    assert (batch.state, batch.count, batch.total_yen) == ("cut", 2, 1731)
    assert [state(payout) for payout in [*mine, other]] == ["listed", "listed", "ready"]
    assert list(batch.transfers.order_by("id").values_list("payout", "amount", "state")) == [
        (mine[0].pk, 1730, "listed"),
        (mine[1].pk, 1, "listed"),
    ]
    assert history(mine[0])[-1] == ("ready", "listed")
    assert history(batch.transfers.first()) == [("", "listed")]


def test_cut_takes_points_and_waiting_payouts_nowhere(payer: User) -> None:
    points, waiting = ready(), ready()
    Payout.objects.filter(pk=points.pk).update(road="points", bank_account=None)
    Payout.objects.filter(pk=waiting.pk).update(state="waiting", amount=None)
    assert transfers.cut("22", MONDAY, by=payer) == transfers.Cut(None, [])


def test_cut_stops_at_the_limit_of_a_file(payer: User) -> None:
    for _ in range(3):
        ready()
    assert [cut(payer, most=2).count, cut(payer, most=2).count] == [2, 1]
    assert transfers.cut("22", MONDAY, by=payer).batch is None


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2023, 5, 12), "first_bank_day"),
        (date(2023, 5, 20), "bank_day"),
        (date(2023, 12, 31), "bank_day"),
        (date(2024, 1, 3), "bank_day"),
    ],
)
def test_cut_refuses_a_day_on_which_no_bank_pays(payer: User, day: date, code: str) -> None:
    ready()
    with pytest.raises(Refused) as refusal:
        transfers.cut("22", day, by=payer)
    assert refusal.value.code == code


def test_cut_refuses_today_and_the_past(payer: User) -> None:
    ready()
    with clock.at(datetime(2023, 5, 15, 0, 0, tzinfo=clock.JST)), pytest.raises(Refused) as refusal:
        transfers.cut("22", MONDAY, by=payer)
    assert refusal.value.code == "past"
    with clock.at(datetime(2023, 5, 14, 23, 59, tzinfo=clock.JST)):
        assert cut(payer).pay_on == MONDAY


def test_cut_leaves_out_an_account_that_no_file_can_carry(payer: User) -> None:
    bad = [
        ready(to=account(holder="髙橋")),
        ready(to=account(number="12345678")),
        ready(to=accounts.Account("", "", "1", "1234567", "ヤマダ", "どこか銀行")),
        ready(),
    ]
    accounts.BankAccount.objects.filter(pk=bad[3].bank_account_id).update(blob=b"")
    good = ready()
    found = transfers.cut("22", MONDAY, by=payer, most=1)
    assert [(left.payout, left.field) for left in found.left_out] == [
        (bad[0], "holder"),
        (bad[1], "account_number"),
        (bad[2], "bank_code"),
        (bad[3], "account"),
    ]
    assert found.batch is not None
    assert found.batch.transfers.get().payout == good
    assert state(bad[0]) == "ready"


def test_cut_names_branches_that_the_newest_master_does_not_have(payer: User) -> None:
    seen = {"first_seen": "20230401", "last_seen": "20230401"}
    bank = Bank.objects.create(code="0001", name="みずほ", kana="ミズホ", **seen)
    Branch.objects.create(bank=bank, code="001", name="東京", kana="トウキヨウ", **seen)
    closed = Branch.objects.create(
        bank=bank, code="026", name="八重洲", kana="ヤエス", is_current=False, **seen
    )
    elsewhere = ready(to=accounts.Account("0001", closed.code, "1", "1234567", "ヤマダ"))
    ready()
    found = transfers.cut("22", MONDAY, by=payer)
    assert found.batch.count == 2
    assert [transfer.payout for transfer in found.doubtful] == [elsewhere]


def test_cut_needs_an_office_and_a_clerk_of_it(payer: User) -> None:
    with pytest.raises(Refused) as refusal:
        transfers.cut("23", MONDAY, by=payer)
    assert refusal.value.code == "prefecture"
    with pytest.raises(Refused) as refusal:
        transfers.cut("23", MONDAY, by=clerk("aichi", "23"))
    assert refusal.value.code == "office"


@pytest.mark.django_db(transaction=True)
def test_two_payers_cutting_at_once_never_list_a_payout_twice(payer: User) -> None:
    for _ in range(20):
        ready()

    payers = [payer, clerk("second")]

    def run(number: int) -> int:
        try:
            with clock.at(CUT_AT):
                batch = transfers.cut("22", MONDAY, by=payers[number % 2], most=7).batch
            return batch.count if batch else 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(run, range(4)))
    assert (
        sum(counts) == Transfer.objects.count() == 20 - Payout.objects.filter(state="ready").count()
    )
    assert Transfer.objects.values("payout").distinct().count() == sum(counts)


def test_a_payout_never_has_two_living_transfers(payer: User) -> None:
    ready()
    transfer = cut(payer).transfers.get()
    transfer.pk = None
    with pytest.raises(IntegrityError, match="transfer_one_live"), transaction.atomic():
        transfer.save(force_insert=True)


def test_take_out_makes_the_payout_ready_again(payer: User) -> None:
    first, second = ready(100), ready(20)
    batch = cut(payer)
    transfers.take_out(batch.transfers.get(payout=first), by=payer, reason="call")
    batch.refresh_from_db()
    assert (batch.count, batch.total_yen, state(first), state(second)) == (
        1,
        20,
        "ready",
        "listed",
    )
    assert cut(payer).transfers.get().payout == first


def test_take_out_is_too_late_after_the_release(payer: User, approver: User) -> None:
    ready()
    batch = transfers.release(cut(payer), by=approver)
    with pytest.raises(Refused) as refusal:
        transfers.take_out(batch.transfers.get(), by=payer, reason="call")
    assert refusal.value.code == "released"


def test_release_takes_a_second_person(payer: User, approver: User) -> None:
    ready()
    batch = cut(payer)
    with pytest.raises(Refused) as refusal:
        transfers.release(batch, by=payer)
    assert refusal.value.code == "two_people"
    with pytest.raises(IntegrityError, match="batch_two_people"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(state="released", approved_at=CUT_AT)
    assert transfers.release(batch, by=approver).approved_by == approver


def test_release_freezes_the_file_with_its_controls(payer: User, approver: User) -> None:
    for yen, holder in ((1730, "ヤマダ　タロウ"), (1, "コーヒー　ヴァイオリン")):
        ready(yen, to=account(holder=holder))
    batch = transfers.release(cut(payer), by=approver)
    batch.refresh_from_db()
    content = bank_files.frozen(batch)
    numbers = list(batch.transfers.order_by("id").values_list("id", flat=True))
    header, *payments, totals = read(io.BytesIO(content))
    assert header.month_day == "0515"
    assert payments == [
        Payment("0001", "001", "1", "1234567", "ﾔﾏﾀﾞ ﾀﾛｳ", 1730, numbers[0]),
        Payment("0001", "001", "1", "1234567", "ｺ-ﾋ- ｳﾞｱｲｵﾘﾝ", 1, numbers[1]),
    ]
    assert totals == Totals(2, 1731, batch.sha256)
    assert hashlib.sha256(content).hexdigest() == batch.sha256
    assert "ﾔﾏﾀﾞ".encode("cp932") not in bytes(batch.blob)


def test_release_names_the_branches_that_the_master_knows(payer: User, approver: User) -> None:
    seen = {"first_seen": "20230501", "last_seen": "20230501"}
    bank = Bank.objects.create(code="0001", name="みずほ銀行", kana="ミズホ", **seen)
    bank.branches.create(code="001", name="東京営業部", kana="トウキヨウ", **seen)
    ready()
    batch = transfers.release(cut(payer), by=approver)
    found = list(read(io.BytesIO(bank_files.frozen(batch))))[1]
    assert (found.bank_name, found.branch_name) == ("ﾐｽﾞﾎ", "ﾄｳｷﾖｳ")


def test_release_writes_as_the_offices_bank_wants_it(
    payer: User, approver: User, settings: object
) -> None:
    ready(to=account(holder="ジャン・ジャック"))
    settings.BANK_FILE = {"22": "no_line_ends+blank_clearing_house+no_full_stop"}
    content = bank_files.frozen(transfers.release(cut(payer), by=approver))
    assert (len(content), content[120 + 38 : 120 + 42]) == (480, b"    ")
    assert list(read(io.BytesIO(content)))[1].holder == "ｼﾞﾔﾝ ｼﾞﾔﾂｸ"
    assert bank_files.style_of("23") == Style()


def test_release_refuses_a_day_that_has_come_and_a_wrong_office(
    payer: User, approver: User
) -> None:
    ready()
    batch = cut(payer)
    with clock.at(datetime(2023, 5, 15, 0, 0, tzinfo=clock.JST)), pytest.raises(Refused) as refusal:
        transfers.release(batch, by=approver)
    assert refusal.value.code == "past"
    Office.objects.update(remitter_code="12-3")
    with pytest.raises(Refused) as refusal:
        transfers.release(batch, by=approver)
    assert (refusal.value.code, state(batch)) == ("record", "cut")


def test_release_refuses_a_file_that_is_not_what_was_cut(payer: User, approver: User) -> None:
    ready()
    batch = cut(payer)
    Batch.objects.filter(pk=batch.pk).update(total_yen=1731)
    with pytest.raises(Refused) as refusal:
        transfers.release(batch, by=approver)
    assert refusal.value.code == "totals"


def test_hand_over_happens_once_and_then_there_are_copies(payer: User, approver: User) -> None:
    payout = ready()
    batch = transfers.release(cut(payer), by=approver)
    first = transfers.hand_over(batch, by=payer)
    assert (first.copy, state(payout), state(batch)) == (False, "handed_over", "handed_over")
    with pytest.raises(Refused):
        transfers.hand_over(batch, by=payer)
    again = transfers.copy(batch, by=approver)
    assert (again.copy, again.content == first.content, "hikae" in again.name) == (
        True,
        True,
        True,
    )
    assert list(batch.steps.order_by("id").values_list("new", "by__username", "reason")) == [
        ("cut", "payer", ""),
        ("released", "approver", ""),
        ("handed_over", "payer", ""),
        ("handed_over", "approver", "copy"),
    ]
    assert history(payout)[-2:] == [("ready", "listed"), ("listed", "handed_over")]


def test_hand_over_waits_for_the_release(payer: User) -> None:
    ready()
    batch = cut(payer)
    for act in (transfers.hand_over, transfers.copy):
        with pytest.raises(Refused):
            act(batch, by=payer)
    assert state(batch) == "cut"


def test_hand_over_refuses_a_file_that_was_touched(payer: User, approver: User) -> None:
    payout = ready()
    batch = transfers.release(cut(payer), by=approver)
    with connection.cursor() as cursor:  # past the guard, as a restored backup might be
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE payouts_batch DISABLE TRIGGER frozen_file_stays")
        Batch.objects.filter(pk=batch.pk).update(sha256="0" * 64)
        cursor.execute("ALTER TABLE payouts_batch ENABLE TRIGGER frozen_file_stays")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(Refused) as refusal:
        transfers.hand_over(batch, by=payer)
    assert (refusal.value.code, state(payout), state(batch)) == ("sha256", "listed", "released")


def test_dissolve_frees_the_payouts_of_a_batch_not_handed_over(payer: User, approver: User) -> None:
    payout = ready()
    batch = transfers.release(cut(payer), by=approver)
    assert transfers.dissolve(batch, by=payer, reason="late").blob is None
    assert (state(payout), batch.transfers.get().state) == ("ready", "removed")
    with pytest.raises(Refused):
        transfers.dissolve(handed_over(payer, approver), by=payer, reason="late")


def test_pay_again_sends_a_second_transfer_marked_as_changed(payer: User, approver: User) -> None:
    payout = ready()
    first = handed_over(payer, approver).transfers.get()
    first.move("returned")
    payout.refresh_from_db()
    payout.move("returned")
    again = accounts.store(account("7777777"))
    transfers.pay_again(payout, again, prepared_by=payer, approved_by=approver)
    batch = transfers.release(cut(payer), by=approver)
    second = list(read(io.BytesIO(bank_files.frozen(batch))))[1]
    assert (second.account_number, second.new_code) == ("7777777", "2")
    assert second.customer == batch.transfers.get().pk != first.pk


def test_the_acts_of_one_office_are_closed_to_the_clerks_of_another(
    payer: User, approver: User
) -> None:
    ready()
    batch, stranger = cut(payer), clerk("stranger", "23")
    acts = [
        lambda: transfers.release(batch, by=stranger),
        lambda: transfers.hand_over(batch, by=stranger),
        lambda: transfers.copy(batch, by=stranger),
        lambda: transfers.dissolve(batch, by=stranger, reason="x"),
        lambda: transfers.take_out(batch.transfers.get(), by=stranger, reason="x"),
    ]
    for act in acts:
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "prefecture"


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def test_the_commands_take_a_batch_from_cut_to_copy(
    payer: User, approver: User, tmp_path: Path
) -> None:
    ready(1730), ready(to=account(holder="髙橋"))
    told = run("cut_batch", "--date", MONDAY, "--by", "payer")
    batch = Batch.objects.get()
    assert told.splitlines() == [
        f"振込データ {batch.pk}: 都道府県 22、1件、1,730円（確定待ち）",
        f"{Payout.objects.get(state='ready')}: 口座を確認してください（holder）",
    ]
    assert "作成する振込データはありません。" in run(
        "cut_batch", "--date", MONDAY, "--by", "payer", "--prefecture", "22"
    )
    with pytest.raises(CommandError, match="別の人"):
        run("export_batch", batch.pk, "--by", "payer", "--to", tmp_path)
    told = run("export_batch", batch.pk, "--by", "approver", "--to", tmp_path)
    batch.refresh_from_db()
    path = tmp_path / f"furikomi-22-20230515-{batch.pk}.txt"
    assert told.splitlines() == [
        f"振込データ {batch.pk} を確定しました。",
        f"銀行へ引き渡すファイル: {path}",
        "件数 1",
        "合計 1730円",
        f"SHA-256 {batch.sha256}",
    ]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == batch.sha256
    assert "控（引渡し済み）" in run("export_batch", batch.pk, "--by", "payer", "--to", tmp_path)


def test_the_commands_take_only_signers_with_the_right(payer: User, tmp_path: Path) -> None:
    User.objects.create_user("auditor", is_staff=True)
    for command in (["cut_batch", "--date", MONDAY], ["export_batch", 1], ["book_results", "x"]):
        with pytest.raises(CommandError, match="auditor"):
            run(*command, "--by", "auditor")
    with pytest.raises(CommandError, match="はありません"):
        run("export_batch", 999, "--by", "payer", "--to", tmp_path)


def test_another_account_takes_two_people(payer: User, approver: User) -> None:
    payout = ready()
    handed_over(payer, approver).transfers.get().move("returned")
    payout.refresh_from_db()
    payout.move("returned")
    again = accounts.store(account("7777777"))
    with pytest.raises(Refused) as refusal:
        transfers.pay_again(payout, again, prepared_by=payer, approved_by=payer)
    assert (refusal.value.code, state(payout)) == ("two_people", "returned")

    transfers.pay_again(payout, again, prepared_by=payer, approved_by=approver)
    payout.refresh_from_db()
    assert (payout.prepared_by, payout.approved_by, payout.state) == (payer, approver, "ready")
