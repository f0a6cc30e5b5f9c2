"""A lost disk: yesterday's backup is laid back by its scripts, and nothing goes out twice (R18).

What was sent after the backup stands in it as unsent. The scripts are those of production, run as
an operator would; the archive of WAL is lost as well, which is the worst case.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from config import run
from tests.faults.crowd import Crowd
from tests.faults.processes import LONG
from tests.faults.provider import Provider
from tests.faults.standing import SECRETS, Standing, manage, standing
from tests.stories.waiting import until

pytestmark = pytest.mark.story

APPLICATIONS, MESSAGES = (100_000, 3000) if LONG else (2000, 60)
SCRIPTS = run.BASE / "deploy" / "backup"
MORE_APPLICATIONS = """
    INSERT INTO applications_application
    SELECT (jsonb_populate_record(a, jsonb_build_object(
        'id', a.id + n, 'submission_id', gen_random_uuid(),
        'receipt_number', 'R' || lpad(n::text, 11, '0')))).*
    FROM applications_application a CROSS JOIN generate_series(1, %s) n
"""
MORE_MESSAGES = """
    INSERT INTO payouts_message
    SELECT (jsonb_populate_record(m, jsonb_build_object(
        'id', m.id + n, 'key', 'receipt:' || 1000000 + n, 'address', '+8190' || 20000000 + n))).*
    FROM payouts_message m CROSS JOIN generate_series(1, %s) n
"""
# The embedded engine's own pg_verifybackup ends with a segmentation fault; this is its check of the
# files, for the scripts to call here. Production's image has the real one.
VERIFY = """#!{python}
import hashlib, json, pathlib, sys
base = pathlib.Path(sys.argv[1])
for each in json.loads((base / "backup_manifest").read_text())["Files"]:
    found = hashlib.sha256((base / each["Path"]).read_bytes()).hexdigest()
    if found != each["Checksum"]:
        sys.exit(each["Path"])
"""
QUEUED = "SELECT count(*) FROM payouts_message WHERE state = 'queued'"


def fill(site: Standing) -> None:
    """Many like one that came in by the site, each with its waiting receipt."""
    site.start("web")
    crowd = Crowd(site.port)
    crowd.come(1, 100)
    crowd.settle()
    site.kill("web")
    site.act(MORE_APPLICATIONS.replace("%s", str(APPLICATIONS - 1)))
    site.act(MORE_MESSAGES.replace("%s", str(MESSAGES - 1)))
    assert site.rows(QUEUED) == [(MESSAGES,)]


def script(site: Standing, binaries: Path, name: str, *arguments: str) -> float:
    """Seconds that a script of the operators takes."""
    began = time.monotonic()
    verify = site.var / "bin" / "pg_verifybackup"
    verify.parent.mkdir(exist_ok=True)
    verify.write_text(VERIFY.format(python=sys.executable))
    verify.chmod(0o700)
    environment = {
        "PATH": f"{verify.parent}:{binaries}:{os.environ['PATH']}",
        "PGHOST": str(site.data),
        "PGUSER": "postgres",
        "ARCHIVE": str(site.var / "archive"),
    }
    command = ["bash", str(SCRIPTS / name), *arguments]
    told = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return time.monotonic() - began


def lose_the_disk(site: Standing) -> float:
    """PostgreSQL and its data go; the backup takes their place. Seconds until it answers."""
    options, owner = (site.data / "postmaster.opts").read_text(), site.data.stat().st_uid
    site.control("stop", "-m", "immediate")
    shutil.move(site.data, site.data.with_name("lost"))
    (base,) = (site.var / "archive" / "base").iterdir()
    began = time.monotonic()
    script(site, Path(options.split()[0]).parent, "restore.sh", str(base), str(site.data))
    (site.data / "postmaster.opts").write_text(options)
    for path in (site.data, *site.data.rglob("*")):
        os.chown(path, owner, owner)
    for lock in site.data.glob(".s.PGSQL.*"):  # the embedded engine has its socket among its data
        lock.unlink()
    site.control("restart", "-w", "-l", str(site.data / "restarts.log"))
    return time.monotonic() - began


def ticks(site: Standing) -> int:
    """How often the scheduled jobs ran."""
    return site.rows("SELECT count(*) FROM config_jobrun WHERE finished_at IS NOT NULL")[0][0]


def test_a_restored_backup_sends_nothing_twice(provider: Provider, settings: Settings) -> None:
    settings.FIELD_KEYS = SECRETS["FIELD_KEYS"].split(",")
    settings.HASH_KEY = settings.FIELD_KEYS[-1]
    with standing(SMS_PROVIDER=provider.setting, HASTY_SECONDS="0") as site:
        manage(site, "demo", "--logins")
        fill(site)
        server = Path((site.data / "postmaster.opts").read_text().split()[0])
        backup = script(site, server.parent, "backup.sh")
        site.start("worker", "beat")
        until(lambda: len(provider.sent) >= MESSAGES // 3, "a third is sent after the backup")
        site.kill("worker", "beat")
        restore = lose_the_disk(site)
        before = dict(provider.sent)  # with those on their way when the worker was killed
        assert site.rows(QUEUED) == [(MESSAGES,)]
        assert site.rows("SELECT count(*) FROM applications_application") == [(APPLICATIONS,)]

        manage(site, "restored", "--by", "manager")
        ran = ticks(site)
        site.start("worker", "beat")
        until(lambda: ticks(site) > ran + 3, "the jobs run again")
        assert provider.sent == before

        site.act("UPDATE payouts_pause SET ended_at = now(), ended_by_id = by_id")
        until(lambda: site.rows(QUEUED) == [(0,)], "all sent", 300)
    doubled = {key: count for key, count in provider.sent.items() if count > 1}
    print(
        f"\n{APPLICATIONS} applications: backup {backup:.1f} s, restore {restore:.1f} s;"
        f" {len(before)} of {MESSAGES} messages sent after it, {len(doubled)} twice"
    )
    assert (len(provider.sent), doubled) == (MESSAGES, {})
