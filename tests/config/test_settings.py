"""What a start refuses, by name; each start is a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ROOT

LONG = "0123456789abcdef0123456789abcdef"  # the shortest secret that is taken
EARNEST = {
    "SECRET_KEY": LONG,
    "FIELD_KEYS": f"{LONG},{LONG}",
    "LINK_KEYS": LONG,
    "ALLOWED_HOSTS": "hosho.example",
    "SITE_URL": "https://hosho.example",
    "DATABASE_URL": "postgres://hosho_app:x@db/hosho",
    "REDIS_URL": "redis://broker:6379/0",
    "OFFICE_EMAIL": "office@office.example",
    "EMAIL_URL": "smtp+tls://u:p@mail.example:587",
    "SMS_PROVIDER": "http_json+https://KEY:SECRET@sms.example/send",
}
API = "amazon=api+https://gifts.example,ponta=stock,paypay=stock,edy=stock,nanaco=stock"
SHOW = """
import json
from config import settings
print(json.dumps({name: getattr(settings, name) for name in NAMES}, default=str))
"""


def start(var: Path, environment: dict[str, str], *names: str) -> tuple[dict[str, object], str]:
    """The named settings of a process with this environment only, and its last words."""
    code = f"NAMES = {names!r}" + SHOW
    kept = {name: os.environ[name] for name in ("PATH",)}
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "VAR_DIR": str(var), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return (json.loads(found.stdout) if found.stdout else {}), found.stderr


def refused(var: Path, environment: dict[str, str]) -> list[str]:
    """The names for which a start is refused."""
    shown, said = start(var, environment, "SECRET_KEY")
    assert shown == {}
    told = said.split("ImproperlyConfigured: ")[-1]
    return [line.split(":")[0] for line in told.splitlines()]


def test_a_start_in_earnest_with_all_that_it_needs(tmp_path: Path) -> None:
    names = ("SECRET_KEY", "FIELD_KEYS", "SITE_URL", "REHEARSAL", "REDIS_URL")
    assert start(tmp_path, EARNEST, *names) == (
        {
            "SECRET_KEY": LONG,
            "FIELD_KEYS": [LONG, LONG],
            "SITE_URL": "https://hosho.example",
            "REHEARSAL": False,
            "REDIS_URL": "redis://broker:6379/0",
        },
        "",
    )
    assert list(tmp_path.iterdir()) == []  # no engine of ours was started


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    assert sorted(refused(tmp_path, {})) == sorted(EARNEST)


@pytest.mark.parametrize("name", EARNEST)
def test_each_setting_that_is_missing_is_told_by_name(name: str, tmp_path: Path) -> None:
    assert refused(tmp_path, EARNEST | {name: ""}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", LONG[1:]),
        ("SECRET_KEY", "only for trying out: SECRET_KEY and longer"),
        ("FIELD_KEYS", f"{LONG},short"),
        ("LINK_KEYS", f"short,{LONG}"),
        ("EMAIL_URL", "demo://"),
        ("SMS_PROVIDER", "demo"),
    ],
)
def test_a_short_secret_and_a_default_are_told_by_name(
    name: str, value: str, tmp_path: Path
) -> None:
    assert refused(tmp_path, EARNEST | {name: value}) == [name]


@pytest.mark.parametrize("secret", ["", "only for trying out", "short"])
def test_a_gift_provider_needs_its_secret(secret: str, tmp_path: Path) -> None:
    asked = EARNEST | {"GIFT_PROVIDERS": API, "GIFT_SECRET": secret}
    assert refused(tmp_path, asked) == ["GIFT_SECRET"]


@pytest.mark.parametrize(
    "given",
    [
        {"GIFT_PROVIDERS": API, "GIFT_SECRET": LONG},
        {"GIFT_PROVIDERS": API.replace("//", "//Partner:its-own@")},
    ],
    ids=["common", "its own"],
)
def test_a_gift_provider_with_a_secret_is_taken(given: dict[str, str], tmp_path: Path) -> None:
    assert start(tmp_path, EARNEST | given, "REHEARSAL") == ({"REHEARSAL": False}, "")


def test_a_rehearsal_stays_on_the_loopback(tmp_path: Path) -> None:
    asked = EARNEST | {"REHEARSAL": "1"}
    assert refused(tmp_path, asked) == ["REHEARSAL"]
    assert refused(tmp_path, asked | {"REHEARSAL_HOSTS": "other.example"}) == ["REHEARSAL"]
    for more in ({"REHEARSAL_HOSTS": "hosho.example"}, {"SITE_URL": "http://127.0.0.1:8001"}):
        assert start(tmp_path, asked | more, "REHEARSAL") == ({"REHEARSAL": True}, "")


def test_every_name_may_come_from_a_file(tmp_path: Path) -> None:
    environment = {}
    given = EARNEST | {
        "DATABASE_OWNER_URL": "postgres://hosho_owner:y@db/hosho",
        "GIFT_PROVIDERS": API,
        "GIFT_SECRET": LONG,
    }
    for name, value in given.items():
        (tmp_path / name).write_text(value + "\n")
        environment[f"{name}_FILE"] = str(tmp_path / name)
    names = [name for name in given if name not in ("DATABASE_URL", "DATABASE_OWNER_URL")]
    shown, said = start(tmp_path, environment, *names, "OWNER_URL", "DATABASES")
    assert said == ""
    databases = shown.pop("DATABASES")
    wanted = {name: given[name] for name in names}
    assert shown == wanted | {
        "FIELD_KEYS": [LONG, LONG],
        "LINK_KEYS": [LONG],
        "ALLOWED_HOSTS": ["hosho.example"],
        "GIFT_PROVIDERS": dict(part.split("=") for part in API.split(",")),
        "OWNER_URL": given["DATABASE_OWNER_URL"],
        "OFFICE_EMAIL": [given["OFFICE_EMAIL"]],
    }
    assert (databases["default"]["USER"], databases["default"]["HOST"]) == ("hosho_app", "db")


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    asked = EARNEST | {"SECRET_KEY_FILE": str(tmp_path / "nothing")}
    assert refused(tmp_path, asked) == ["SECRET_KEY_FILE"]


def test_a_rehearsal_left_in_the_folder_is_not_taken_for_earnest(tmp_path: Path) -> None:
    (tmp_path / "rehearsal.env").write_text("REHEARSAL=1\nSITE_URL=http://127.0.0.1:8000\n")
    (tmp_path / "url").write_text(EARNEST["DATABASE_URL"])
    environment = {name: value for name, value in EARNEST.items() if name != "DATABASE_URL"}
    environment["DATABASE_URL_FILE"] = str(tmp_path / "url")
    assert start(tmp_path, environment, "REHEARSAL") == ({"REHEARSAL": False}, "")
