"""Personal links: one generation alive, nothing but a hash stored."""

import pytest
from django.db import IntegrityError, transaction

from applications import tokens
from applications.models import ChannelLink, Correction
from tests.applications import rows

pytestmark = pytest.mark.django_db
DUE = rows.ARRIVED.replace(day=20)


def correction(row: object) -> Correction:
    return tokens.make(Correction, row, rows.ARRIVED, items=["person"], due_at=DUE)


def test_a_token_is_found_and_never_stored() -> None:
    link = correction(rows.application(rows.coupon()))
    token = tokens.token_of(link)
    assert len(token) == 20
    assert tokens.find(Correction, token) == link
    assert token.encode() not in bytes(link.token_hash)
    assert token not in str(tokens.facts(link))
    assert tokens.address_of(link).endswith(f"/c/{token}")


def test_the_next_generation_kills_the_one_before() -> None:
    row = rows.application(rows.coupon())
    first, second = correction(row), correction(row)
    assert (first.generation, second.generation) == (1, 2)
    assert tokens.find(Correction, tokens.token_of(first)) is None
    assert tokens.find(Correction, tokens.token_of(second)) == second


def test_purposes_and_applications_have_tokens_of_their_own() -> None:
    row, other = rows.application(rows.coupon()), rows.application(rows.coupon())
    channel = tokens.make(ChannelLink, row, rows.ARRIVED)
    found = {tokens.token_of(link) for link in (correction(row), correction(other), channel)}
    assert len(found) == 3
    assert len(tokens.token_of(channel)) == 12
    assert tokens.find(Correction, tokens.token_of(channel)) is None


@pytest.mark.parametrize("token", ["", "A" * 20, "\x00", "\ud800", "x" * 5000])
def test_unknown_tokens_are_nothing(token: str) -> None:
    assert tokens.find(Correction, token) is None


def test_the_database_keeps_one_living_link() -> None:
    link = correction(rows.application(rows.coupon()))
    link.pk, link.generation, link.token_hash = None, 9, b"y" * 32
    with pytest.raises(IntegrityError, match="correction_one_live"), transaction.atomic():
        link.save()
