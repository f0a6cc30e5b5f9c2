import pytest

from applications.forms.coupons import CouponsForm, rows_in
from tests.applications.conftest import COUPONS, OPEN


def form(**changes):
    return CouponsForm({**COUPONS, **changes}, at=OPEN, extended={})


def test_form_gives_the_coupons_in_order():
    found = form(
        inquiry_number_1="",
        coupon_use_1="",
        inquiry_number_2="１２３４５６７８９０１３",
        coupon_use_2="left",
    )
    assert found.is_valid(), found.errors
    assert [(coupon.inquiry_number, coupon.use) for coupon in found.coupons()] == [
        ("123456789012", "paper"),
        ("123456789013", "left"),
    ]
    assert found.coupons()[1].typed == "１２３４５６７８９０１３"


@pytest.mark.parametrize(
    ("changes", "boxes"),
    [
        ({"prefecture": ""}, ["prefecture"]),
        ({"prefecture": "99"}, ["prefecture"]),
        ({"travel_type": "cruise"}, ["travel_type"]),
        ({"travel_start_day": ""}, ["travel_start"]),
        ({"travel_start_day": "24"}, ["travel_start"]),
        ({"travel_start_day": "31"}, ["travel_start"]),
        ({"travel_end_year": "5"}, ["travel_end"]),
        ({"travel_end_month": "5"}, ["travel_end"]),
        ({"expires_on_outage_day": ""}, ["expires_on_outage_day"]),
        ({"inquiry_number_0": ""}, ["inquiry_number_0"]),
        ({"inquiry_number_0": "12"}, ["inquiry_number_0"]),
        ({"coupon_use_0": ""}, ["coupon_use_0"]),
        ({"coupon_use_0": "lost"}, ["coupon_use_0"]),
        ({"inquiry_number_0": "", "coupon_use_0": ""}, ["inquiry_number_0", "coupon_use_0"]),
        ({"inquiry_number_0": "12", "coupon_use_0": ""}, ["inquiry_number_0", "coupon_use_0"]),
        ({"coupon_use_1": "paper"}, ["inquiry_number_1"]),
        ({"inquiry_number_1": "12"}, ["inquiry_number_1", "coupon_use_1"]),
        ({"inquiry_number_1": "123456789013", "coupon_use_1": "none"}, ["coupon_use_1"]),
        ({"travel_start_year": "2021", "travel_end_year": "2021"}, ["travel_end", "travel_start"]),
        ({"travel_start_year": "2025"}, ["travel_start"]),
        ({"travel_start_year": "2022", "travel_start_month": "12"}, ["travel_start"]),
        ({"inquiry_number_1": "123456789012", "coupon_use_1": "paper"}, ["inquiry_number_1"]),
        ({"number_unknown": "on"}, ["issuer"]),
        ({"number_unknown": "on", "inquiry_number_0": "", "issuer": ""}, ["issuer"]),
    ],
)
def test_form_tells_each_mistake_at_its_box(changes, boxes):
    assert list(form(**changes).errors) == boxes


def test_a_chosen_use_without_its_number_says_which_coupon():
    found = form(coupon_use_1="paper")
    assert found.errors["inquiry_number_1"] == ["2枚目：お問合せ番号を入力してください。"]


def test_a_row_that_is_not_used_is_left_out():
    found = form(coupon_use_1="none", coupon_use_2="", inquiry_number_2="")
    assert found.is_valid(), found.errors
    assert [coupon.inquiry_number for coupon in found.coupons()] == ["123456789012"]
    assert "coupon_use_1" not in found.typed()


def test_an_unknown_number_may_have_a_row_with_its_use():
    found = form(number_unknown="on", issuer="富士旅館", coupon_use_1="paper")
    assert found.is_valid(), found.errors


def test_the_first_row_cannot_be_left_unused():
    found = form(coupon_use_1="", inquiry_number_1="")
    names = [[value for value, _ in found.fields[f"coupon_use_{row}"].choices] for row in (0, 1)]
    assert ["none" in values for values in names] == [False, True]


@pytest.mark.parametrize(
    ("changes", "box", "sentence"),
    [
        (
            {"travel_end_year": "2013", "travel_start_year": "2013"},
            "travel_end",
            "旅行の年をもう一度ご確認ください。",
        ),
        (
            {"travel_start_month": "12", "travel_start_year": "2022"},
            "travel_start",
            "チェックイン日からチェックアウト日までが60日を超えています。"
            "日付をもう一度ご確認ください。",
        ),
        (
            {"travel_start_day": "24"},
            "travel_start",
            "チェックイン日は、チェックアウト日より前の日を入力してください。"
            "日帰りの方は、旅行の種類で「日帰り旅行」を選んでください。",
        ),
    ],
)
def test_a_trip_that_cannot_be_is_asked_back_kindly(changes, box, sentence):
    assert form(**changes).errors[box] == [sentence]


def test_a_stay_of_sixty_days_is_taken():
    found = form(travel_start_year="2022", travel_start_month="12", travel_start_day="26")
    assert found.is_valid(), found.errors


def test_day_trip_needs_no_first_day():
    found = form(travel_type="day_trip", travel_start_day="99")
    assert list(found.errors) == ["travel_start"]
    empty = {f"travel_start_{part}": "" for part in ("year", "month", "day")}
    found = form(travel_type="day_trip", **empty)
    assert found.is_valid()
    assert found.cleaned_data["travel_start"] is None


def test_unknown_number_needs_no_number():
    found = form(number_unknown="on", inquiry_number_0="", issuer="富士旅館")
    assert found.is_valid()
    assert found.coupons() == ()


@pytest.mark.parametrize(
    ("changes", "not_covered"),
    [
        ({}, False),
        ({"expires_on_outage_day": "no"}, False),
        ({"travel_end_day": "25"}, False),
        ({"travel_end_day": "25", "expires_on_outage_day": "unknown"}, False),
        ({"travel_end_day": "25", "expires_on_outage_day": "no"}, True),
    ],
)
def test_not_covered_is_said_only_when_both_answers_are_no(changes, not_covered):
    found = form(**changes)
    assert found.is_valid()
    assert found.not_covered() is not_covered


@pytest.mark.parametrize(
    ("uses", "unknown", "nothing"),
    [
        (["charged"], "", True),
        (["charged", "charged"], "", True),
        (["charged", "paper"], "", False),
        (["charged", "left"], "", False),
        (["unknown"], "", False),
        (["charged"], "on", False),
    ],
)
def test_nothing_to_do_only_where_all_are_charged(uses, unknown, nothing):
    rows = {f"inquiry_number_{row}": f"{row:012}" for row in range(len(uses))}
    answers = {f"coupon_use_{row}": use for row, use in enumerate(uses)}
    found = form(**rows, **answers, number_unknown=unknown, issuer="富士旅館")
    assert found.is_valid()
    assert found.nothing_to_do() is nothing


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        ([], 1),
        (["inquiry_number_0"], 1),
        (["inquiry_number_3"], 4),
        (["inquiry_number_9"], 10),
        (["inquiry_number_0", "coupon_use_2"], 3),
        (["inquiry_number_10", "inquiry_number_x", "inquiry_number_"], 1),
        (["inquiry_number_²"], 1),
    ],
)
def test_rows_are_as_many_as_were_sent(names, rows):
    assert rows_in(dict.fromkeys(names, "")) == rows


def test_after_the_deadline_the_form_says_so():
    late = CouponsForm(COUPONS, at=OPEN.replace(month=5, day=1, hour=0), extended={})
    assert late.non_field_errors() == ["申請の受付は2023年4月30日（日）23:59で終わりました。"]
