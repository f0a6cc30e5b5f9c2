"""What every test stands on: one clock at rest, no network beyond this machine."""

import gc
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config import clock
from tests import template

# A busy machine is no fault of the code: speed is measured in benchmarks/.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
real_connect = socket.socket.connect


def guarded_connect(self: socket.socket, address: object) -> None:
    """Connect on this machine only."""
    if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
        raise AssertionError(f"a test wants the network: {address}")
    real_connect(self, address)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    yield
    clock.set_offset(timedelta())


@pytest.fixture
def app_role(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection to the test database as the processes have it: role hosho_app."""
    parameters = connection.get_connection_params() | {"user": "hosho_app"}
    wanted = ("host", "port", "user", "password", "dbname")
    own = {key: value for key, value in parameters.items() if key in wanted and value}
    with psycopg.connect(**own, autocommit=True) as found:
        yield found


@pytest.fixture
def app_database_url(transactional_db: None) -> str:
    """DATABASE_URL of the test database for the processes' role."""
    found = settings.DATABASES["default"]
    place = found["OPTIONS"].get("host") or f"{found['HOST']}:{found['PORT'] or 5432}"
    name = connection.settings_dict["NAME"]
    if found["OPTIONS"].get("host"):
        return f"postgres://hosho_app@/{name}?host={place}"
    return f"postgres://hosho_app@{place}/{name}"


making: list[subprocess.Popen[bytes]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Let the database be migrated while the tests are collected; passwords cost no time."""
    settings.PASSWORD_HASHERS = ["tests.hashers.Quick"]
    if not hasattr(config, "workerinput") and (begun := template.begin()):
        making.append(begun)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; to look through it for garbage takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    while making:
        making.pop().wait()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each process copies the one migrated database instead of migrating its own."""
    own = {"TEMPLATE": template.ready(), "SERIALIZE": False}
    connection.settings_dict["TEST"] |= own


def pytest_report_header() -> str:
    return f"engines under {os.environ['VAR_DIR']}"
