"""One migrated database that every process of the suite copies.

Migrating takes a quarter of a minute, copying a fraction of a second. It bears the hash of what the
migrations say, so that a changed one makes another. `python -m tests.template` makes it where it is
missing; the suite starts that at once, so that it is made while the tests are collected.
"""

import ast
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from django.db import connection

from tests import engines
from tests.house import APPS

PREFIX = "hosho_template_"
COMMAND = [sys.executable, "-m", "tests.template"]


def sources() -> Iterator[Path]:
    """The migrations, the modules of ours that they import, and the versions of all others."""
    yield engines.ROOT / "requirements.txt"
    for path in sorted(engines.ROOT.glob("*/migrations/*.py")):
        yield path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in APPS:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                found = [engines.ROOT / f"{each.replace('.', '/')}.py" for each in names]
                yield from filter(Path.exists, found)


def name() -> str:
    """The database of these migrations."""
    said = hashlib.sha256()
    for path in sources():
        said.update(path.read_bytes())
    return PREFIX + said.hexdigest()[:12]


def server() -> psycopg.Connection:
    """A connection to the server, beside all databases of ours."""
    return psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True)


def known() -> list[str]:
    """The templates that there are, finished or not."""
    with server() as found:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        return [row[0] for row in found.execute(query, [PREFIX])]


def begin() -> subprocess.Popen[bytes] | None:
    """Let it be made beside what the caller does; None where it is there."""
    return None if name() in known() else subprocess.Popen(COMMAND, cwd=engines.ROOT)


def ready() -> str:
    """The name of the template; whoever makes it is waited for."""
    while (wanted := name()) not in known():
        subprocess.run(COMMAND, cwd=engines.ROOT, check=True)
    return wanted


def make() -> None:
    """Migrate a new template where it is missing, and drop those of other migrations."""
    wanted, unfinished = name(), f"{name()}_new"
    with (Path(os.environ["VAR_DIR"]) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if wanted in (there := known()):
            return
        with server() as found:
            for old in there:
                found.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")
            found.execute(f"CREATE DATABASE {unfinished}")
        django.setup()
        connection.settings_dict["NAME"] = unfinished
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        connection.close()
        with server() as found:
            found.execute(f"ALTER DATABASE {unfinished} RENAME TO {wanted}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    make()
