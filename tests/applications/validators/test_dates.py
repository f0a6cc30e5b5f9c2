from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators.dates import day_of, year

OUTAGE = date(2023, 2, 24)


@pytest.mark.parametrize(
    "typed",
    [
        "2023",
        "２０２３",
        "2023年",
        "2023年度",
        " 2023 ",
        "\u200b2023",
        "二〇二三",
        "令和5",
        "令和５",
        "令和5年",
        "令和五年",
        "令和 5 年",
        "令5",
        "㋿5",
        "R5",
        "r5",
        "R.5",
        "Ｒ５",
        "R5年",
    ],
)
def test_year_is_understood_in_every_spelling(typed):
    assert year(typed) == 2023


@pytest.mark.parametrize(
    ("typed", "code"), [("5", "bare"), ("23", "bare"), ("２３", "bare"), ("5年", "bare")]
)
def test_bare_year_is_asked_back(typed, code):
    with pytest.raises(ValidationError, match="西暦か令和か") as caught:
        year(typed)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "typed", ["", "去年", "20233", "平成35", "H35", "R", "٢٠٢٣", "-5", "2023.5", None, "9" * 99]
)
def test_year_that_is_none_is_refused(typed):
    with pytest.raises(ValidationError) as caught:
        year(typed)
    assert caught.value.code == "year"


@pytest.mark.parametrize(
    "boxes",
    [
        ("2023", "2", "24"),
        ("2023", "02", "24"),
        ("２０２３", "２", "２４"),
        ("令和5", "2月", "24日"),
        ("R5", "2", "24日（金）"),
        ("2023年", "２月", "２４日"),
        ("2023", "二", "24"),
        ("2023/2/24", "", ""),
        ("2023-02-24", "", ""),
        ("2023.2.24", "", ""),
        ("２０２３／２／２４", "", ""),
        ("2023年2月24日", "", ""),
        ("2023年2月24日（金）", "", ""),
        ("令和5年2月24日", "", ""),
        ("R5.2.24", "", ""),
        ("Ｒ５．２．２４", "", ""),
        ("20230224", "", ""),
    ],
)
def test_day_is_understood_in_every_spelling(boxes):
    assert day_of(boxes, "旅行日") == OUTAGE


@pytest.mark.parametrize(
    ("boxes", "code"),
    [
        (("", "", ""), "required"),
        ((None, None, None), "required"),
        (("2023", "", ""), "incomplete"),
        (("", "2", "24"), "incomplete"),
        (("2023", "2", "30"), "no_day"),
        (("2023", "13", "1"), "no_day"),
        (("2023", "0", "0"), "no_day"),
        (("0000", "1", "1"), "no_day"),
        (("5", "2", "24"), "bare"),
        (("5/2/24", "", ""), "bare"),
        (("2023", "Feb", "24"), "not_digits"),
        (("2023", "2", "9" * 5000), "not_digits"),
        (("02/24/23", "", ""), "bare"),
    ],
)
def test_day_that_cannot_be_is_refused(boxes, code):
    with pytest.raises(ValidationError) as caught:
        day_of(boxes, "旅行日")
    assert caught.value.code == code


def test_missing_boxes_are_named():
    with pytest.raises(ValidationError, match="旅行日の月・日を入力してください"):
        day_of(("2023", "", ""), "旅行日")


@given(st.dates(date(2019, 5, 1), date(2099, 12, 31)))
def test_day_reads_back_in_either_calendar(day):
    assert day_of((str(day.year), str(day.month), str(day.day)), "旅行日") == day
    assert day_of((f"令和{day.year - 2018}", f"{day.month}月", f"{day.day}日"), "旅行日") == day


@given(st.tuples(st.text(max_size=12), st.text(max_size=5), st.text(max_size=5)))
def test_any_boxes_give_a_day_or_a_sentence(sentences, boxes):
    said = sentences(day_of, boxes, "旅行日")
    assert [sentence for sentence in said if not sentence.endswith("。")] == []
