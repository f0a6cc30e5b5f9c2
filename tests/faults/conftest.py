"""The engines and the providers of the fault tests."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import clock, embedded, rehearsal
from config.models import Offset
from tests.faults.processes import SEED, Redis
from tests.faults.provider import Provider
from tests.payouts import rows


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A counting provider."""
    with Provider(SEED) as running:
        yield running


@pytest.fixture
def broker() -> Iterator[Redis]:
    """A Redis that a test may kill."""
    with Redis() as running:
        yield running


@pytest.fixture
def environment(
    app_database_url: str, tmp_path: Path, provider: Provider, broker: Redis
) -> Iterator[dict[str, str]]:
    """Engines, and a worker's environment with a short lease, at a moment when links may go."""
    var = tmp_path / "var"
    (var / "static").mkdir(parents=True)
    Offset.objects.update_or_create(id=1, defaults={"ahead": rows.LINKS_GO - clock.real_now()})
    rehearsal.refresh()
    broker.start(var)
    yield {
        **os.environ,
        "VAR_DIR": str(var),
        "DATABASE_URL": app_database_url,
        "REDIS_URL": embedded.redis_url(var),
        "SMS_PROVIDER": provider.setting,
        "LEASE_SECONDS": "3",
        "PROVIDER_TIMEOUT_SECONDS": "1",
        "SMS_RECEIPT_BUDGET_YEN": "100000000",
        "PYTHONWARNINGS": "ignore",
    }
    clock.set_offset(timedelta())
