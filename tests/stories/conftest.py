"""The real processes (web, worker, beat, gift provider, Redis) on the test's own database."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from applications import roles
from config import clock, embedded, rehearsal, run
from config.models import Offset
from payouts.outbound.gifts.simulator import Simulator

SECRETS = {
    "SECRET_KEY": "only for trying out: stories, secret",
    "FIELD_KEYS": "only for trying out: stories, fields",
    "LINK_KEYS": "only for trying out: stories, links",
}


@dataclass
class Site:
    """A running site: its address, its folder, and the environment of its processes."""

    url: str
    port: int
    var: Path
    environment: dict[str, str]
    simulator: Simulator
    logins: dict[str, roles.DemoClerk] = field(default_factory=dict)

    def go_to(self, moment: datetime) -> None:
        """Let the shared clock of all processes, and of this one, go on from a moment."""
        ahead = moment - clock.real_now()
        Offset.objects.update_or_create(id=1, defaults={"ahead": ahead})
        rehearsal.refresh()


@pytest.fixture
def site(
    transactional_db: None, app_database_url: str, tmp_path: Path, settings: object
) -> Iterator[Site]:
    """The site at a working morning in April 2023, with the demo's clerks."""
    var = tmp_path / "var"
    (var / "static").mkdir(parents=True)
    port = run.free_port()
    with ExitStack() as stack:
        stack.callback(clock.set_offset, timedelta())
        simulator = stack.enter_context(Simulator(tmp_path / "book.sqlite"))
        api = f"api+{simulator.url}"
        environment = {
            **os.environ,
            "VAR_DIR": str(var),
            "DATABASE_URL": app_database_url,
            "REDIS_URL": embedded.redis_url(var),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "GIFT_PROVIDERS": f"amazon={api},paypay={api},ponta=stock,edy=stock,nanaco=stock",
            "LEASE_SECONDS": "6",
            "PROVIDER_TIMEOUT_SECONDS": "2",
            "BEAT_FILE": str(var / "beat-schedule"),
            "PYTHONWARNINGS": "ignore",
        }
        settings.SITE_URL = environment["SITE_URL"]
        settings.GIFT_PROVIDERS = dict(
            part.split("=", 1) for part in environment["GIFT_PROVIDERS"].split(",")
        )
        found = Site(environment["SITE_URL"], port, var, environment, simulator)
        found.go_to(datetime(2023, 4, 10, 10, tzinfo=clock.JST))
        found.logins = {clerk.username: clerk for clerk in roles.make_demo_clerks()}
        stack.callback(run.stop, embedded.start_redis(var))
        processes = run.site(environment, port)
        for process in processes:
            stack.callback(run.stop, process)
        run.wait_until_open(port, processes)
        yield found
