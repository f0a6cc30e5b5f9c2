"""Nobody decides on their own application, or on one they entered."""

import pytest
from django.db import IntegrityError, transaction

from applications import matching, ownership, review
from applications.models import Application
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ({"email": "Hanako@example.jp"}, True),
        ({"email": "h2@example.jp"}, True),
        ({"last_name": "静岡", "first_name": "花子"}, True),
        ({"last_name": "しずおか", "first_name": "ハナコ"}, True),
        ({"last_name": "静岡", "first_name": ""}, False),
        ({"email": ""}, False),
        ({"email": "other@example.jp", "last_name": "伊勢", "first_name": "花子"}, False),
    ],
)
def test_the_own_application_is_known_by_address_or_name(said: dict[str, str], own: bool) -> None:
    row = rows.application("", email="hanako@example.jp", delivery="h2@example.jp", channel="email")

    assert ownership.is_own(row, rows.clerk(**said)) is own


def test_nobody_checks_or_approves_their_own_application() -> None:
    row = rows.application(rows.coupon())
    matching.rematch()
    proposals = {row.claims.get().pk: ("approved", "")}
    name = {"last_name": "静岡", "first_name": "花子"}

    with pytest.raises(Refused) as refused:
        review.check(row, proposals, by=rows.clerk(**name))
    assert refused.value.code == "own"
    review.check(row, proposals, by=rows.clerk())
    with pytest.raises(Refused) as refused:
        review.approve(row, by=rows.clerk("approver", **name))
    assert refused.value.code == "own"


def test_who_entered_an_application_does_not_check_it_either() -> None:
    by = rows.clerk("manager")
    row = rows.application(rows.coupon(), entered_by=by)
    matching.rematch()

    with pytest.raises(Refused) as refused:
        review.check(row, {row.claims.get().pk: ("approved", "")}, by=by)
    assert refused.value.code == "two_people"
    with pytest.raises(IntegrityError, match="application_not_own_entry"), transaction.atomic():
        Application.objects.update(checked_by=by)
