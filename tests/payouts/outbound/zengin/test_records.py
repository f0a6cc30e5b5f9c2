"""The bank file: a golden one, its reader, and what neither lets through."""

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payouts.outbound.zengin.kana import NotBankKana, bank_kana, cut30
from payouts.outbound.zengin.layout import DATA, HEADER, TRAILER
from payouts.outbound.zengin.records import (
    BadRecord,
    Header,
    Payer,
    Payment,
    Style,
    Totals,
    read,
    write,
)

GOLDEN = Path(__file__).with_name("transfers.zengin").read_bytes()
DAY = date(2023, 5, 15)
OFFICE = Payer(
    "0123456789",
    "ｱｲﾁｹﾝﾁｲｷｸ-ﾎﾟﾝｼﾞﾑｷﾖｸ",
    "0005",
    "401",
    "1",
    "0765432",
    "ﾐﾂﾋﾞｼﾕ-ｴﾌｼﾞｴｲ",
    "ﾅｺﾞﾔ",
)
PAYMENTS = [
    Payment("0149", "111", "1", "0012345", "ﾔﾏﾀﾞ ﾀﾛｳ", 1730, 1, "1", "ｼｽﾞｵｶ", "ｺﾞﾌｸﾁﾖｳ"),
    Payment("9900", "408", "1", "1234567", "ｺ-ﾋ- ｳﾞｱｲｵﾘﾝ", 1, 2, "1", "ﾕｳﾁﾖ", "ﾖﾝｾﾞﾛﾊﾁ"),
    Payment("0001", "001", "2", "7654321", "SMITH JOHN", 9_999_999_999, 1_234_567_890, "2"),
    Payment("0310", "101", "4", "0000001", "ｼﾞﾔﾝ.ｼﾞﾔﾂｸ (ﾃｽﾄ)", 500, 3, "0", "ｼﾞ-ｴﾑｵ-ｱｵｿﾞﾗﾈﾂﾄ", "ﾎｳｼﾞﾝ"),
]
ONE = PAYMENTS[0]
TOTAL = 1730 + 1 + 9_999_999_999 + 500


def written(*payments: Payment, payer: Payer = OFFICE, style: Style | None = None) -> bytes:
    stream = io.BytesIO()
    write(stream, payer, DAY, payments or PAYMENTS, style)
    return stream.getvalue()


def test_write_gives_the_golden_file_and_its_controls() -> None:
    stream = io.BytesIO()
    totals = write(stream, OFFICE, DAY, PAYMENTS)
    assert stream.getvalue() == GOLDEN
    assert totals == Totals(4, TOTAL, hashlib.sha256(GOLDEN).hexdigest())


def test_read_gives_back_the_golden_file() -> None:
    assert list(read(io.BytesIO(GOLDEN))) == [
        Header(OFFICE, "0515"),
        *PAYMENTS,
        Totals(4, TOTAL, hashlib.sha256(GOLDEN).hexdigest()),
    ]


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_read_takes_any_line_end_and_a_last_mark(ending: bytes) -> None:
    found = list(read(io.BytesIO(GOLDEN.replace(b"\r\n", ending) + b"\x1a")))
    assert found[1:-1] == PAYMENTS


def test_write_without_line_ends_is_the_canonical_form() -> None:
    assert written(style=Style(crlf=False)) == GOLDEN.replace(b"\r\n", b"")


def test_write_follows_the_style_of_the_bank() -> None:
    record = written(PAYMENTS[3], style=Style(clearing_house="    ", full_stop=False))[122:242]
    assert (record[38:42], record[50:80].decode("cp932")) == (
        b"    ",
        "ｼﾞﾔﾝ ｼﾞﾔﾂｸ (ﾃｽﾄ)".ljust(30),
    )


def test_columns_are_those_of_the_banks_papers() -> None:
    assert [HEADER.columns[name] for name in ("remitter_name", "month_day", "account_number")] == [
        (15, 54),
        (55, 58),
        (97, 103),
    ]
    assert [DATA.columns[name] for name in ("holder", "yen", "customer_1", "edi_mark")] == [
        (51, 80),
        (81, 90),
        (92, 101),
        (113, 113),
    ]
    assert TRAILER.columns["total"] == (8, 19)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"holder": "ﾔﾏﾀﾞ ｷｬﾛﾙ"}, "holder"),
        ({"holder": "ｺｰﾋｰ"}, "holder"),
        ({"holder": "ヤマダ"}, "holder"),
        ({"holder": "ｱﾞ"}, "holder"),
        ({"holder": "ｦﾉ"}, "holder"),
        ({"holder": "yamada"}, "holder"),
        ({"holder": "ｱ" * 31}, "holder"),
        ({"holder": "  "}, "holder"),
        ({"yen": 0}, "yen"),
        ({"yen": -1}, "yen"),
        ({"yen": 10_000_000_000}, "yen"),
        ({"bank_code": "14９0"}, "bank_code"),
        ({"bank_code": "01490"}, "bank_code"),
        ({"bank_name": "A.B"}, "bank_name"),
        ({"account_number": "12345678"}, "account_number"),
        ({"bank_code": ""}, "bank_code"),
        ({"bank_code": "0000"}, "bank_code"),
        ({"branch_code": "11"}, "branch_code"),
        ({"account_number": "0000000"}, "account_number"),
        ({"account_number": "123"}, "account_number"),
        ({"account_type": "3"}, "account_type"),
        ({"new_code": "3"}, "new_code"),
        ({"customer": 12_345_678_901}, "customer_1"),
    ],
)
def test_write_refuses_what_no_bank_takes(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadRecord) as refusal:
        written(ONE, replace(ONE, **change))  # type: ignore[arg-type]
    assert (refusal.value.number, refusal.value.field) == (3, field)


def test_write_refuses_an_empty_file_and_a_payer_that_no_bank_knows() -> None:
    with pytest.raises(BadRecord, match="record 2: count"):
        write(io.BytesIO(), OFFICE, DAY, [])
    with pytest.raises(BadRecord, match="record 1: account_type"):
        written(ONE, payer=replace(OFFICE, account_type="4"))
    with pytest.raises(BadRecord, match="record 1: remitter_name"):
        written(ONE, payer=replace(OFFICE, remitter_name="ｶﾞﾞ"))


def test_write_refuses_a_total_of_thirteen_digits() -> None:
    with pytest.raises(BadRecord, match="record 103: total"):
        written(*[replace(ONE, yen=9_999_999_999)] * 101)


def altered(at: int, text: bytes) -> io.BytesIO:
    return io.BytesIO(GOLDEN[:at] + text + GOLDEN[at + len(text) :])


@pytest.mark.parametrize(
    ("stream", "number", "field"),
    [
        (altered(122 + 80, b"0000001731"), 6, "total"),
        (altered(5 * 122 + 1, b"000003"), 6, "total"),
        (altered(122 + 50, b"\xac"), 2, "holder"),
        (altered(122 + 112, b"Y"), 2, "edi_mark"),
        (altered(122, b"8"), 2, "record"),
        (altered(1, b"11"), 1, "type"),
        (altered(114 + 122, b"\x81\x40"), 2, "dummy"),
        (altered(114 + 122, b"\x81\xff"), 2, "encoding"),
        (io.BytesIO(GOLDEN[:-122]), 7, "record"),
        (io.BytesIO(GOLDEN[:-3]), 7, "dummy"),
        (io.BytesIO(GOLDEN + b"2"), 8, "record"),
        (io.BytesIO(b""), 1, "record"),
    ],
)
def test_read_refuses_a_file_that_does_not_agree(
    stream: io.BytesIO, number: int, field: str
) -> None:
    with pytest.raises(BadRecord) as refusal:
        list(read(stream))
    assert (refusal.value.number, refusal.value.field) == (number, field)


NAMES = st.text(
    st.sampled_from("アァイガギザダバパヴッャヮヵーｶﾞﾟ゛゜がぱゃ・　 ＡＺaz09（）().-‐―"),
    min_size=1,
    max_size=45,
)
ROWS = st.builds(
    Payment,
    bank_code=st.from_regex("[0-9]{3}[1-9]", fullmatch=True),
    branch_code=st.from_regex("[0-9]{3}", fullmatch=True),
    account_type=st.sampled_from("1249"),
    account_number=st.from_regex("[0-9]{6}[1-9]", fullmatch=True),
    holder=st.just("ｱ"),
    yen=st.integers(1, 9_999_999_999),
    customer=st.integers(1, 9_999_999_999),
    new_code=st.sampled_from("012"),
)


@given(NAMES, ROWS, st.booleans())
def test_any_name_that_the_form_takes_is_read_back_equal(
    typed: str, row: Payment, crlf: bool
) -> None:
    try:
        kana = bank_kana(typed)
    except NotBankKana:
        assume(False)
    payment = replace(row, holder=cut30(kana))
    found = list(read(io.BytesIO(written(payment, style=Style(crlf=crlf)))))
    assert found[1] == payment


@given(st.lists(ROWS, min_size=1, max_size=99))
def test_the_trailer_counts_and_adds_every_payment(rows: list[Payment]) -> None:
    data = written(*rows)
    tail = data[-244:-124].decode("cp932")
    assert (int(tail[1:7]), int(tail[7:19])) == (len(rows), sum(row.yen for row in rows))


def test_write_holds_one_record_in_memory() -> None:
    def many() -> Iterator[Payment]:
        for number in range(1, 5001):
            yield replace(ONE, customer=number)

    with open("/dev/null", "wb") as nowhere:
        written(ONE)
        tracemalloc.start()
        totals = write(nowhere, OFFICE, DAY, many())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (totals.count, totals.yen) == (5000, 5000 * 1730)
    assert peak < 200_000
