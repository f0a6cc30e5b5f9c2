"""Who may see and who may change: unknown and wrong look the same in every way."""

import re
from itertools import product
from statistics import median
from time import perf_counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import receipts, status
from config.cipher import keyed_hash
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db
TRIES = 60  # of each kind; the whole 2,000 are the bench's


def refusal(act: object, *given: object) -> str:
    with pytest.raises(Refused) as caught:
        act(*given)
    return caught.value.code


@pytest.mark.parametrize(
    ("typed", "proof"),
    list(
        product(
            ["{}", " {} ", "受付番号：{}"],
            ["5678", "０９０－１２３４－５６７８", "+81 90 1234 5678"],
        )
    ),
)
def test_any_spelling_is_found(typed: str, proof: str) -> None:
    row = rows.application(rows.coupon())
    number = receipts.written(row.receipt_number)
    assert status.find(typed.format(number.lower()), proof) == row


@pytest.mark.parametrize(
    "values",
    [
        {"email": "Hanako@Example.jp", "phone": ""},
        {"channel": "email", "delivery": "hanako@example.jp", "phone": ""},
    ],
)
def test_an_address_is_a_proof(values: dict[str, str]) -> None:
    row = rows.application(rows.coupon(), **values)
    assert status.find(row.receipt_number, "ＨＡＮＡＫＯ＠example.jp") == row


@pytest.mark.parametrize(
    "proof", ["1234", "", "678", "5679", "シズオカハナコ", "a@example.jp", "\x00"]
)
def test_anything_else_is_wrong(proof: str) -> None:
    row = rows.application(rows.coupon())
    assert refusal(status.find, row.receipt_number, proof) == "wrong"


def test_what_is_empty_proves_nothing() -> None:
    row = rows.application(rows.coupon(), phone="", email="a@example.jp", method="bank")
    for proof in ("", "    ", "0000"):
        assert refusal(status.find, row.receipt_number, proof) == "wrong"


def test_after_ten_tries_nobody_gets_further() -> None:
    row = rows.application(rows.coupon())
    for _ in range(status.TRIES):
        assert refusal(status.find, row.receipt_number, "0000") == "wrong"
    assert refusal(status.find, row.receipt_number, "5678") == "limit"


def test_all_together_have_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "EVERYBODY", 2)
    row = rows.application(rows.coupon())
    for _ in range(2):
        assert refusal(status.find, receipts.new(), "0000") == "wrong"
    assert refusal(status.find, row.receipt_number, "5678") == "limit"


def test_the_second_proof_is_not_the_phone_that_got_the_message() -> None:
    row = rows.application(rows.coupon("123456784321"))
    for _ in range(status.SURE_TRIES + 1):  # a mistake, which costs no try
        assert refusal(status.make_sure, row, "090-1234-5678") == "phone"
    for proof in ("4321", "1234-5678-4321", "しずおか はなこ"):
        status.make_sure(row, proof)


def test_five_wrong_second_proofs_are_enough() -> None:
    row = rows.application(rows.coupon("123456784321"))
    for _ in range(status.SURE_TRIES):
        assert refusal(status.make_sure, row, "0000") == "wrong"
    assert refusal(status.make_sure, row, "4321") == "limit"


def test_a_coupon_without_a_number_is_no_proof() -> None:
    row = rows.application("", kana="シズオカ")
    assert refusal(status.make_sure, row, "") == "wrong"


def ask(client: Client, receipt: str) -> tuple[int, int, float]:
    """Status, length and seconds of one answer."""
    began = perf_counter()
    answer = client.post("/status/", {"receipt": receipts.written(receipt), "proof": "0000"})
    return answer.status_code, len(answer.content), perf_counter() - began


def test_unknown_and_wrong_look_the_same(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "TRIES", 10 * TRIES)
    known = rows.application(rows.coupon()).receipt_number
    ask(client, known)
    wrong, unknown = [], []
    for _ in range(TRIES):
        wrong.append(ask(client, known))
        unknown.append(ask(client, receipts.new()))
    assert {answer[:2] for answer in wrong} == {answer[:2] for answer in unknown}
    times = [sorted(seconds for *_, seconds in answers) for answers in (wrong, unknown)]
    slower = sum(a > b for a, b in product(*times)) / TRIES**2
    assert 0.25 < slower < 0.75, [median(each) for each in times]


def test_unknown_and_wrong_do_the_same_work(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(purpose: str, value: str) -> bytes:
        hashed.append(purpose)
        return keyed_hash(purpose, value)

    monkeypatch.setattr(status, "keyed_hash", counted)
    work = []
    for receipt in (rows.application(rows.coupon()).receipt_number, receipts.new()):
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            client.post("/status/", {"receipt": receipt, "proof": "0000"})
        queries = [re.split("WHERE|VALUES|unnest", query["sql"])[0] for query in asked]
        work.append((queries, len(hashed)))
    assert work[0] == work[1]
    assert (len(work[0][0]), work[0][1]) == (5, 6)  # the clock, three counters, the application
