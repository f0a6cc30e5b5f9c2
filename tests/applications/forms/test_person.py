import pytest

from applications.forms.person import PersonForm
from tests.applications.conftest import OPEN, PERSON


def form(**changes):
    return PersonForm({**PERSON, **changes}, at=OPEN, extended={})


@pytest.mark.parametrize(
    ("phone", "email", "boxes"),
    [
        ("054-251-1111", "", []),
        ("", "hanako@example.jp", []),
        ("054-251-1111", "hanako@example.jp", []),
        ("", "", ["phone"]),
        ("　", "\u200b", ["phone"]),
        ("12", "", ["phone"]),
        ("", "hanako", ["email"]),
        ("12", "hanako", ["phone", "email"]),
    ],
)
def test_one_contact_is_enough(phone, email, boxes):
    assert list(form(phone=phone, email=email).errors) == boxes


def test_name_and_kana_are_told_apart():
    found = form(name="", kana="静岡 花子")
    assert list(found.errors) == ["name", "kana"]


def test_latin_name_needs_no_kana():
    found = form(name="John Smith", kana="John Smith")
    assert found.is_valid()
    assert found.cleaned_data["kana"] == "John Smith"
