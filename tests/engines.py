"""The engines of the suite, as a pytest plugin: loaded before Django reads its settings.

Tests own their database (role hosho_owner may make and drop it); what must hold for the processes'
role connects as hosho_app.
"""

import os
from pathlib import Path

import psycopg

from config import embedded

ROOT = Path(__file__).resolve().parent.parent
# No test outlives a power cut, and each truncated table waits for the disk. What a killed server
# keeps, as in the fault tests, is the same: the system has it.
UNSYNCED = "ALTER SYSTEM SET fsync = off"

os.environ.setdefault("VAR_DIR", str(ROOT / "var" / "tests"))
os.environ.setdefault("REHEARSAL", "1")
os.environ.setdefault("HASHED_STATIC", "0")
os.environ.setdefault("EVEN_MS", "0")
os.environ.setdefault("KEPT_SECONDS", "0")  # a test sees what it just changed
os.environ.setdefault("SECOND_LOOK_PERCENT", "0")  # a draw by chance is no ground to stand on
if "DATABASE_URL" not in os.environ:
    var = Path(os.environ["VAR_DIR"])
    urls = embedded.database_urls(var)
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = urls["DATABASE_OWNER_URL"]
    with psycopg.connect(embedded.postgres(var).get_uri(), autocommit=True) as connection:
        if connection.execute("SHOW fsync").fetchone() == ("on",):
            connection.execute(UNSYNCED)
            connection.execute("SELECT pg_reload_conf()")
(Path(os.environ["VAR_DIR"]) / "static").mkdir(
    parents=True, exist_ok=True
)  # whitenoise looks there
