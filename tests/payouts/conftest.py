"""Who moves money in the tests of transfers, and the moment at which they do."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from config import clock
from tests.payouts.bank_rows import CUT_AT, clerk, office


@pytest.fixture
def morning() -> Iterator[None]:
    """The clock stands at the moment at which batches are cut."""
    with clock.at(CUT_AT):
        yield


@pytest.fixture
def payer() -> User:
    """The first of two people, and the paying account of the office in Shizuoka."""
    office()
    return clerk("payer")


@pytest.fixture
def approver() -> User:
    """The second of two people."""
    return clerk("approver")
