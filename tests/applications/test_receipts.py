from hypothesis import given
from hypothesis import strategies as st

from applications import receipts

NUMBERS = st.text(receipts.ALPHABET, min_size=11, max_size=11).map(
    lambda body: body + receipts._check(body)
)


def test_new_numbers_differ_and_are_valid():
    numbers = {receipts.new() for _ in range(500)}
    assert len(numbers) == 500
    assert all(receipts.parse(number) == number for number in numbers)


def test_alphabet_has_no_look_alikes():
    assert not set("0O1IL") & set(receipts.ALPHABET)
    assert len(set(receipts.ALPHABET)) == 31


def test_number_is_written_in_groups_of_four():
    number = receipts.new()
    assert receipts.written(number) == f"{number[:4]}-{number[4:8]}-{number[8:]}"


@given(NUMBERS)
def test_number_is_read_back_in_every_form(number):
    shown = receipts.written(number)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in shown)
    for typed in (
        shown,
        shown.lower(),
        wide,
        wide.lower(),
        shown.replace("-", "ー"),
        shown.replace("-", "　"),
        " ".join(shown),
        f"受付番号：{shown}",
        f"\u200b{shown}\ufeff",
    ):
        assert receipts.parse(typed) == number


@given(NUMBERS, st.integers(0, 11), st.sampled_from(receipts.ALPHABET))
def test_one_wrong_character_is_noticed(number, place, letter):
    typed = number[:place] + letter + number[place + 1 :]
    assert receipts.parse(typed) == (number if typed == number else None)


@given(NUMBERS, st.integers(0, 11), st.integers(0, 11))
def test_two_swapped_characters_are_noticed(number, one, other):
    letters = list(number)
    letters[one], letters[other] = letters[other], letters[one]
    typed = "".join(letters)
    assert receipts.parse(typed) == (number if typed == number else None)


@given(st.text(max_size=40))
def test_any_text_is_read_without_fault(typed):
    number = receipts.parse(typed)
    assert number is None or receipts.parse(number) == number


def test_what_is_no_text_is_no_number():
    assert receipts.parse(None) is None
    assert receipts.parse(["K7Q2"]) is None
