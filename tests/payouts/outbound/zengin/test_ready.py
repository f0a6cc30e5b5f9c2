"""Records from ready parts: the same bytes as the writer of single payments, and nothing less."""

import io
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payouts.outbound.zengin import ready
from payouts.outbound.zengin.kana import NotBankKana, bank_kana, cut30
from payouts.outbound.zengin.records import BadRecord, Payment, Style, Totals, read, write
from tests.payouts.outbound.zengin.test_records import (
    DAY,
    GOLDEN,
    NAMES,
    OFFICE,
    ONE,
    PAYMENTS,
    ROWS,
)

STYLES = [Style(), Style(crlf=False), Style(clearing_house="    "), Style(full_stop=False)]


def line(payment: Payment) -> ready.Line:
    account = (payment.bank_code, payment.branch_code, payment.account_type, payment.account_number)
    part = ready.part(*account, payment.holder)
    return part, payment.yen, payment.new_code.encode(), payment.customer


def names(*payments: Payment) -> dict[bytes, tuple[bytes, bytes]]:
    blank = ready.name("")
    found = defaultdict(lambda: (blank, blank))
    for each in payments:
        key = (each.bank_code + each.branch_code).encode()
        found[key] = ready.name(each.bank_name), ready.name(each.branch_name)
    return found


def written(*payments: Payment, style: Style | None = None) -> tuple[bytes, Totals]:
    stream = io.BytesIO()
    lines = [line(payment) for payment in payments]
    totals = ready.write(stream, OFFICE, DAY, lines, names(*payments), style)
    return stream.getvalue(), totals


def test_write_gives_the_golden_file() -> None:
    assert written(*PAYMENTS)[0] == GOLDEN


@pytest.mark.parametrize("style", STYLES)
def test_write_agrees_with_the_writer_of_single_payments_in_every_style(style: Style) -> None:
    stream = io.BytesIO()
    totals = write(stream, OFFICE, DAY, PAYMENTS, style)
    assert written(*PAYMENTS, style=style) == (stream.getvalue(), totals)


@given(NAMES, ROWS, st.sampled_from(STYLES))
def test_any_name_that_the_form_takes_makes_a_record_that_is_read_back(
    typed: str, row: Payment, style: Style
) -> None:
    try:
        holder = cut30(bank_kana(typed))
    except NotBankKana:
        assume(False)
    payment = replace(row, holder=holder)
    content, totals = written(payment, style=style)
    stream = io.BytesIO()
    assert (write(stream, OFFICE, DAY, [payment], style), stream.getvalue()) == (totals, content)
    shown = holder if style.full_stop else holder.replace(".", " ").rstrip()
    assert list(read(io.BytesIO(content)))[1] == replace(payment, holder=shown)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"holder": "ｱﾞ"}, "holder"),
        ({"holder": "ｺｰﾋｰ"}, "holder"),
        ({"holder": "ｱ" * 31}, "holder"),
        ({"bank_code": "0000"}, "bank_code"),
        ({"branch_code": "11"}, "branch_code"),
        ({"account_number": "0000000"}, "account_number"),
        ({"account_type": "3"}, "account_type"),
    ],
)
def test_part_refuses_what_no_bank_takes(change: dict[str, str], field: str) -> None:
    with pytest.raises(BadRecord) as refusal:
        line(replace(ONE, **change))
    assert refusal.value.field == field


GOOD = line(ONE)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ((b" " * ready.PART, *GOOD[1:]), "bank_code"),
        ((GOOD[0][:-1], *GOOD[1:]), "customer_2"),
        ((GOOD[0][:20] + b"\xb0" + GOOD[0][21:], *GOOD[1:]), "holder"),
        ((GOOD[0], 0, *GOOD[2:]), "yen"),
        ((GOOD[0], -5, *GOOD[2:]), "yen"),
        ((GOOD[0], 10_000_000_000, *GOOD[2:]), "yen"),
        ((*GOOD[:2], b"3", GOOD[3]), "new_code"),
        ((*GOOD[:3], 12_345_678_901), "customer_2"),
    ],
)
def test_write_names_the_record_that_is_wrong(wrong: ready.Line, field: str) -> None:
    lines = [GOOD] * 700 + [wrong] + [GOOD] * 3
    with pytest.raises(BadRecord) as refusal:
        ready.write(io.BytesIO(), OFFICE, DAY, lines, names(ONE))
    assert (refusal.value.number, refusal.value.field) == (702, field)


def test_write_refuses_an_empty_file_and_a_total_of_thirteen_digits() -> None:
    with pytest.raises(BadRecord, match="record 2: count"):
        ready.write(io.BytesIO(), OFFICE, DAY, [], {})
    rich = [(GOOD[0], 9_999_999_999, *GOOD[2:])] * 101
    with pytest.raises(BadRecord, match="record 103: total"):
        ready.write(io.BytesIO(), OFFICE, DAY, rich, names(ONE))


def test_write_holds_a_few_records_in_memory() -> None:
    def many() -> Iterator[ready.Line]:
        for number in range(1, 20_001):
            yield (*GOOD[:3], number)

    with open("/dev/null", "wb") as nowhere:
        tracemalloc.start()
        totals = ready.write(nowhere, OFFICE, DAY, many(), names(ONE))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (totals.count, totals.yen) == (20_000, 20_000 * ONE.yen)
    assert peak < 1_000_000
