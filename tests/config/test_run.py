"""`make run`: settings that stay, ports that are free, children that end."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import run
from tests.stories.waiting import until

SECRETS = ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS", "GIFT_SECRET")


def secrets_of(var: Path) -> dict[str, str]:
    found = run.read_settings(var)
    return {name: found[name] for name in SECRETS}


def test_a_second_start_keeps_the_secrets_and_takes_the_new_address(tmp_path: Path) -> None:
    run.write_settings(tmp_path, 8000)
    first = secrets_of(tmp_path)
    run.write_settings(tmp_path, 8001)
    assert secrets_of(tmp_path) == first
    assert run.read_settings(tmp_path)["SITE_URL"] == "http://127.0.0.1:8001"
    assert len(set(first.values())) == len(SECRETS)
    assert min(map(len, first.values())) >= 32


def test_every_folder_has_secrets_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        run.write_settings(tmp_path / name, 8000)
    assert not set(secrets_of(tmp_path / "one").values()) & set(
        secrets_of(tmp_path / "two").values()
    )


def test_secrets_are_the_owner_s_only(tmp_path: Path) -> None:
    run.write_settings(tmp_path, 8000)
    assert (tmp_path / "rehearsal.env").stat().st_mode & 0o777 == 0o600


def test_a_rehearsal_says_so_and_sends_nothing_out(tmp_path: Path) -> None:
    run.write_settings(tmp_path, 8000)
    found = run.read_settings(tmp_path)
    assert found["REHEARSAL"] == "1"
    assert {"EMAIL_URL", "SMS_PROVIDER"} & set(found) == set()  # the demo's, by default
    at = f"api+http://127.0.0.1:{found['SIMULATOR_PORT']}"
    assert found["GIFT_PROVIDERS"] == f"amazon={at},paypay={at}"  # others: stock


def test_another_notice_stays_with_its_folder_and_pays_from_the_stock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTICE_FILE", "tests/another_notice.toml")
    run.write_settings(tmp_path, 8000)
    monkeypatch.delenv("NOTICE_FILE")
    run.write_settings(tmp_path, 8001)
    found = run.read_settings(tmp_path)
    assert found["NOTICE_FILE"] == str(Path("tests/another_notice.toml").resolve())
    assert found["GIFT_PROVIDERS"] == ""


def test_the_simulator_keeps_its_port_unless_it_is_taken(tmp_path: Path) -> None:
    run.write_settings(tmp_path, 8000)
    port = int(run.read_settings(tmp_path)["SIMULATOR_PORT"])
    run.write_settings(tmp_path, 8000)
    assert int(run.read_settings(tmp_path)["SIMULATOR_PORT"]) == port
    with socket.create_server(("127.0.0.1", port)):
        run.write_settings(tmp_path, 8000)
    other = int(run.read_settings(tmp_path)["SIMULATOR_PORT"])
    assert other != port


def test_nothing_was_set_before_the_first_start(tmp_path: Path) -> None:
    assert run.read_settings(tmp_path) == {}


def test_a_free_port_is_free_until_somebody_listens() -> None:
    port = run.free_port()
    assert not run.taken(port)
    with socket.create_server(("127.0.0.1", port)):
        assert run.taken(port)


def test_a_port_in_use_is_told_and_nothing_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("VAR_DIR", str(tmp_path))
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(SystemExit, match=f"Port {port} is in use"):
            run.main()
    assert list(tmp_path.iterdir()) == []


def test_stop_ends_a_child_and_what_it_left_behind() -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', "
        "'import time; time.sleep(60)']); print(p.pid, flush=True); p.wait()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with child.stdout:
        grandchild = int(child.stdout.readline())
    began = time.monotonic()
    run.stop(child)
    assert child.returncode == -15
    assert time.monotonic() - began < 9  # it did not have to insist
    until(lambda: not alive(grandchild), "what it left behind is gone")


def alive(pid: int) -> bool:
    """Whether a process still runs (one that only waits to be collected does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_stop_takes_what_never_began_or_ended_by_itself() -> None:
    run.stop(None)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run.stop(ended)
    assert ended.returncode == 0
