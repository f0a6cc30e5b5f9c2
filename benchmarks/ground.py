"""What the benchmarks stand on: tables, exports of any size, two clerks, moments to act at."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from config.notice import NOTICE  # noqa: E402
from payouts.models import Clerk  # noqa: E402

SEALED_AT = NOTICE.dates.cut_off + timedelta(hours=10)
LINKS_GO = NOTICE.dates.first_links
OURS = ("coupons_", "payouts_", "applications_", "config_")
BLOCK = 1 << 16


def lay() -> None:
    """Migrate the benchmark's database, once; the folder of static files must be there too."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, skip_checks=True)


def execute(query: str, params: object = None) -> int:
    """One statement, its own transaction."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.rowcount


def value(query: str, params: object = None) -> int:
    """One number."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()[0]


def empty(*keep: str) -> None:
    """Truncate our tables, except those named and what they stand on."""
    tables = [
        name
        for name in connection.introspection.table_names()
        if name.startswith(OURS) and name not in keep
    ]
    execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")


def clerks() -> list[object]:
    """Two people who work everywhere."""
    made = []
    for name in ("preparer", "approver"):
        user, _ = get_user_model().objects.get_or_create(username=name)
        Clerk.objects.get_or_create(user=user, defaults={"everywhere": True})
        made.append(user)
    return made


def export(coupons: int) -> Path:
    """The generator's export of this size, made once."""
    folder = settings.VAR_DIR / f"export-{coupons}"
    if not (folder / "expected.csv").exists():
        generator = settings.BASE_DIR / "tests" / "ledger_export.py"
        command = [sys.executable, str(generator), "--coupons", str(coupons), "--seed", "1"]
        subprocess.run([*command, "--out", str(folder)], check=True)
    return folder


def copy_out(query: str, path: Path) -> None:
    """A query's rows to a file in COPY's text form."""
    copy_text = f"COPY ({query}) TO STDOUT"
    with connection.cursor() as cursor, path.open("wb") as file, cursor.copy(copy_text) as copy:
        for block in copy:
            file.write(block)


def copy_in(table: str, columns: str, path: Path) -> None:
    """A file in COPY's text form into a table."""
    copy_text = f"COPY {table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, path.open("rb") as file, cursor.copy(copy_text) as copy:
        while block := file.read(BLOCK):
            copy.write(block)


def columns_of(table: str) -> str:
    """The columns of a table, in order, as a list for SQL."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(f'"{column.name}"' for column in found)


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """Our guards of these tables off, foreign keys and checks on: the bare engine."""
    for table in tables:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        for table in tables:
            execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
