"""The two questions of /status/, and what app holders are asked."""

import pytest

from applications.forms.status import HolderPart, StatusForm
from applications.forms.status_parts import LASTING
from tests.applications import rows


@pytest.mark.parametrize("missing", ["receipt", "proof"])
def test_both_are_needed(missing: str) -> None:
    form = StatusForm({"receipt": "K7Q2", "proof": "1234"} | {missing: ""})
    assert list(form.errors) == [missing]


def test_what_is_too_long_is_told() -> None:
    form = StatusForm({"receipt": "K" * 61, "proof": "1" * 255})
    assert {str(told[0]) for told in form.errors.values()} == {"長すぎます。お確かめください。"}


def test_an_app_holder_is_told_apart_by_coupon_and_contact() -> None:
    said = {
        "prefecture": "22",
        "inquiry_number": "１２３４-5678-4321",
        "name": "静岡 花子",
        "old_contact": "Hanako@Example.jp",
    }
    part = HolderPart(said, at=rows.ARRIVED, extended=LASTING)
    assert part.is_valid(), part.errors
    assert part.answer().values == {
        "prefecture_code": "22",
        "inquiry_number": "123456784321",
        "name": "静岡 花子",
        "old_contact": "Hanako@example.jp",
    }


def test_everything_is_needed_of_an_app_holder() -> None:
    part = HolderPart({}, at=rows.ARRIVED, extended=LASTING)
    assert set(part.errors) == {"prefecture", "inquiry_number", "name", "old_contact"}
