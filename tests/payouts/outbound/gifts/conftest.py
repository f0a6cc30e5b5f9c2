"""The simulator of the repository, running for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from payouts.outbound.gifts.api import Api
from payouts.outbound.gifts.providers import PARTNER
from payouts.outbound.gifts.simulator import Simulator
from payouts.outbound.signed_http import Endpoint

SECRET = "a secret of the tests"


def client(url: str, *, secret: str = SECRET, timeout: float = 2) -> Api:
    return Api(Endpoint.of(url, timeout, PARTNER, secret))


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(tmp_path / "gifts.sqlite", secret=SECRET) as running:
        yield running


@pytest.fixture
def api(simulator: Simulator) -> Api:
    return client(simulator.url)
