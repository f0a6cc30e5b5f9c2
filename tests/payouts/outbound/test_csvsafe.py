"""CSV that a spreadsheet never runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.outbound.csvsafe import safe, write


@pytest.mark.parametrize("first", list("=+-@\t\r\0＝＋－＠−"))
@pytest.mark.parametrize("blanks", ["", " ", "　", "\u200b "])
def test_safe_puts_an_apostrophe_before_a_formula(first: str, blanks: str) -> None:
    cell = f"{blanks}{first}HYPERLINK(1)"
    assert safe(cell) == "'" + cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [("山田", "山田"), ("", ""), (None, ""), (-100, "-100"), (1730, "1730"), ("a=b", "a=b")],
)
def test_safe_leaves_the_rest(value: object, cell: str) -> None:
    assert safe(value) == cell


def test_write_opens_in_excel() -> None:
    stream = io.StringIO(newline="")
    assert write(stream, ["氏名", "円"], [["=1+1", 10], ["山田,太郎", 20]]) == 2
    assert stream.getvalue().encode() == (
        b"\xef\xbb\xbf" + '氏名,円\r\n\'=1+1,10\r\n"山田,太郎",20\r\n'.encode()
    )


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4)))
def test_write_never_leaves_a_cell_that_starts_a_formula(rows: list[list[str]]) -> None:
    stream = io.StringIO(newline="")
    write(stream, ["a"], rows)
    found = csv.reader(io.StringIO(stream.getvalue().removeprefix("\ufeff"), newline=""))
    cells = [cell for row in found for cell in row]
    assert [cell for cell in cells if cell[:1] and cell[0] in "=+-@\t\r\0＝＋－＠"] == []
    assert [cell for cell in cells if cell.lstrip(" 　")[:1] in tuple("=+-@")] == []
