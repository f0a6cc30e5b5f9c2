"""The paying accounts of the offices: proposed by one person, put in force by another."""

import re
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client

from config.states import Refused
from payouts import bank_files, banks, offices, transfers
from payouts.models import Batch, Office, OfficeChange
from payouts.offices import OwnAccount
from tests.applications import rows as clerks
from tests.payouts.bank_rows import CUT_AT, MONDAY, clerk, office, ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
OWN = OwnAccount("1234567", "しずおかけんじむきょく", "0149", "112", "1", "765")
STORED = OwnAccount("0001234567", "ｼｽﾞｵｶｹﾝｼﾞﾑｷﾖｸ", "0149", "112", "1", "0000765")
LIST = "/admin/payouts/office/"
CHANGES = "/admin/payouts/officechange/"


@pytest.fixture
def payer() -> User:
    return clerk("payer")


@pytest.fixture
def manager() -> User:
    return clerk("manager")


def proposed(by: User, account: OwnAccount = OWN) -> OfficeChange:
    return offices.prepare("22", account, reason="銀行との契約", by=by)


def test_an_account_is_in_force_when_a_second_person_approves(payer: User, manager: User) -> None:
    row = proposed(payer)
    assert (offices.account_of(row), offices.of("22")) == (STORED, None)
    with pytest.raises(Refused, match="別の人"):
        offices.approve(row, by=payer)
    assert offices.approve(row, by=manager).approved_by == manager
    assert offices.of("22") == STORED
    with pytest.raises(Refused, match="先に処理"):
        offices.drop(row, by=manager)


def test_one_proposal_at_a_time_and_a_dropped_one_changes_nothing(
    payer: User, manager: User
) -> None:
    office("22")
    row = proposed(payer)
    with pytest.raises(Refused, match="すでに起案されています"):
        proposed(manager)
    offices.drop(row, by=payer)
    assert offices.of("22").account_number == "7654321"
    with pytest.raises(Refused, match="先に処理"):
        offices.approve(row, by=manager)
    offices.approve(proposed(payer), by=manager)
    with pytest.raises(Refused, match="同じ内容"):
        proposed(payer)


def test_another_prefectures_clerk_does_neither(payer: User) -> None:
    other = clerk("other", "23")
    with pytest.raises(Refused, match="担当者ではありません"):
        proposed(other)
    row = proposed(payer)
    for act in (offices.approve, offices.drop):
        with pytest.raises(Refused, match="担当者ではありません"):
            act(row, by=other)
    assert offices.of("22") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"remitter_code": ""}, "remitter_code"),
        ({"remitter_code": "12345678901"}, "remitter_code"),
        ({"remitter_code": "１２３"}, "remitter_code"),
        ({"remitter_kana": "静岡県事務局"}, "remitter_kana"),
        ({"remitter_kana": "ガ" * 21}, "remitter_kana"),
        ({"bank_code": "149"}, "bank_code"),
        ({"branch_code": "12"}, "branch_code"),
        ({"branch_code": "998"}, "branch_code"),
        ({"bank_code": "9998"}, "bank_code"),
        ({"account_type": "4"}, "account_type"),
        ({"account_number": "12345678"}, "account_number"),
        ({"account_number": "0"}, "account_number"),
    ],
)
def test_what_no_bank_takes_is_refused_at_its_field(
    payer: User, changes: dict[str, str], field: str
) -> None:
    seen = {"first_seen": "20230401", "last_seen": "20230401"}
    bank = banks.Bank.objects.create(code="0149", name="静岡", kana="シズオカ", **seen)
    bank.branches.create(code="112", name="呉服町", kana="ゴフクチヨウ", **seen)
    with pytest.raises(Refused) as refused:
        proposed(payer, replace(OWN, **changes))
    assert refused.value.code == field
    assert proposed(payer).pk


def test_nothing_changes_while_a_frozen_file_waits(payer: User, manager: User) -> None:
    office("22")
    ready()
    batch = transfers.cut("22", MONDAY, by=payer).batch
    transfers.release(batch, by=manager)
    row = proposed(payer)
    with pytest.raises(Refused, match=f"振込データ{batch.pk}が確定しています"):
        offices.approve(row, by=manager)
    transfers.hand_over(batch, by=payer)
    offices.approve(row, by=manager)
    batch = Batch.objects.get()
    assert bank_files.payer(batch).account_number == "7654321"  # as the file says
    assert bank_files.payer_of(bank_files.office_of("22")).account_number == "0000765"


def test_a_batch_that_is_not_frozen_goes_from_the_new_account(payer: User, manager: User) -> None:
    office("22")
    ready()
    batch = transfers.cut("22", MONDAY, by=payer).batch
    offices.approve(proposed(payer), by=manager)
    assert bank_files.payer(batch).account_number == "0000765"
    transfers.release(batch, by=manager)
    assert bank_files.payer(Batch.objects.get()).remitter_code == "0001234567"


def test_the_database_wants_two_people(payer: User, manager: User) -> None:
    row = proposed(payer)
    with pytest.raises(IntegrityError, match="officechange_two_people"), transaction.atomic():
        OfficeChange.objects.filter(pk=row.pk).update(approved_at=CUT_AT, approved_by=payer)
    values = {"prefecture_code": "23", **vars(STORED), "reason": "x", "prepared_at": CUT_AT}
    with pytest.raises(IntegrityError, match="born decided"), transaction.atomic():
        OfficeChange.objects.create(
            **values, prepared_by=payer, approved_by=manager, approved_at=CUT_AT
        )


BREAKING = {
    "account written": "UPDATE payouts_office SET account_number = '9999999'",
    "account added": "INSERT INTO payouts_office SELECT '23', '1', 'x', '1', '1', '1', '1'",
    "account deleted": "DELETE FROM payouts_office",
    "proposal rewritten": "UPDATE payouts_officechange SET account_number = '9999999'",
    "proposal deleted": "DELETE FROM payouts_officechange",
    "decision undone": "UPDATE payouts_officechange SET approved_at = NULL, approved_by_id = NULL",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_processes_can_not(app_role: psycopg.Connection, statement: str) -> None:
    payer, manager = clerk("payer"), clerk("manager")
    offices.approve(proposed(payer), by=manager)
    with pytest.raises(psycopg.Error), app_role.transaction():
        app_role.execute(statement)


def test_the_processes_role_puts_it_in_force_by_its_signature(app_role: psycopg.Connection) -> None:
    row = proposed(clerk("payer"))
    manager = clerk("manager")
    with app_role.transaction():
        app_role.execute(
            "UPDATE payouts_officechange SET approved_at = now(), approved_by_id = %s"
            " WHERE id = %s",
            [manager.pk, row.pk],
        )
    assert offices.of("22") == STORED


def logged_in(role: str, *prefectures: str) -> Client:
    """The office as one role sees it, past both factors."""
    return clerks.signed_in(Client(), clerks.clerk(role, *prefectures))


def typed(**changes: str) -> dict[str, Any]:
    return {"prefecture": "22", **vars(OWN), "reason": "銀行との契約"} | changes


def test_the_pages_lead_from_the_proposal_to_the_account() -> None:
    payer = logged_in("payer")
    assert "口座の登録・変更を起案する" in payer.get(LIST).content.decode()
    answer = payer.post(f"{LIST}propose/", typed())
    row = OfficeChange.objects.get()
    assert answer["Location"] == f"{CHANGES}{row.pk}/change/"
    page = payer.get(answer["Location"]).content.decode()
    assert ("ご自身で起案しました" in page, "承認する</button>" in page) == (True, False)
    approver = logged_in("approver")
    page = approver.get(answer["Location"]).content.decode()
    assert "シズオカケンジムキヨク　（ｼｽﾞｵｶｹﾝｼﾞﾑｷﾖｸ）" in page
    assert page.count("（登録なし）") == 5
    approver.post(f"{CHANGES}{row.pk}/approve/")
    assert offices.of("22") == STORED
    page = payer.get(f"{LIST}22/change/").content.decode()
    assert ("普通　0000765" in page, "事務局の負担です" in page, "承認済み" in page) == (True,) * 3
    form = payer.get(f"{LIST}propose/?prefecture=22").content.decode()
    assert re.findall(r'name="account_number" value="(\d+)"', form) == ["0000765"]


def test_a_mistake_is_told_at_its_box_and_all_stays_typed() -> None:
    answer = logged_in("payer").post(f"{LIST}propose/", typed(account_number="12345678"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.findall(r'id="id_account_number_error">(.*?)<', page) == [
        "口座番号は7けたまでの数字です。"
    ]
    assert ('value="しずおかけんじむきょく"' in page, "銀行との契約" in page) == (True, True)


def test_another_prefectures_pages_do_not_exist() -> None:
    logged_in("payer").post(f"{LIST}propose/", typed())
    row = OfficeChange.objects.get()
    offices.approve(row, by=clerk("manager"))
    other = logged_in("manager", "23")
    assert other.get(f"{LIST}22/change/").status_code == 404
    assert other.get(f"{CHANGES}{row.pk}/change/").status_code == 404
    assert other.post(f"{CHANGES}{row.pk}/approve/").status_code == 404
    assert other.post(f"{CHANGES}{row.pk}/drop/").status_code == 404
    assert other.post(f"{LIST}propose/", typed()).status_code == 422
    assert "0000765" not in other.get(f"{LIST}propose/?prefecture=22").content.decode()
    assert Office.objects.count() == 1
