"""`make run`: engines, tables, demo data, then web, worker and beat; Ctrl-C stops all of it.

Runs without Django: it writes the rehearsal's own settings to VAR_DIR/rehearsal.env first, and
hands the engines to its children by their addresses.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config import embedded, notice_file

BASE = Path(__file__).resolve().parent.parent
QUEUES = "office,sms,email"
BEGINS = timedelta(days=7)  # after the first links: there the clock of a new demo stands
BY_API = slice(0, 3, 2)  # the brands of the notice that the simulator pays, others have a stock


def main() -> None:
    var = Path(os.environ.get("VAR_DIR", BASE / "var")).resolve()
    var.mkdir(parents=True, exist_ok=True)
    port = int(os.environ.get("PORT") or 8000)
    if taken(port):
        sys.exit(f"Port {port} is in use; choose another one: make run PORT=8001")
    write_settings(var, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        redis = step("Redis", lambda: embedded.start_redis(var))
        stack.callback(stop, redis)
        environment = step("PostgreSQL", lambda: embedded.environment(var))
        environment |= read_settings(var)
        step("tables", lambda: manage(environment, "migrate", "--verbosity", "0"))
        step("static files", lambda: collect_static(var, environment))
        clock = os.environ.get("CLOCK")
        manage(environment, "rehearsal_clock", *(["--start", clock] if clock else []))
        simulator = start(environment, simulator_command(var, environment))
        stack.callback(stop, simulator)
        print("demo data (the first time takes a little longer) ...", flush=True)
        manage(environment, "demo")
        processes = site(environment, port)
        processes.append(start(environment, [sys.executable, str(BASE / "manage.py"), "watch"]))
        for process in processes:
            stack.callback(stop, process)
        wait_until_open(port, processes)
        announce(port, environment)
        try:
            watch([*processes, simulator])
        except KeyboardInterrupt:
            print("\nstopping ...", flush=True)
        manage(environment, "rehearsal_clock", "--stop")


def site(environment: dict[str, str], port: int) -> list[subprocess.Popen[bytes]]:
    """Start web, worker and beat, as production does."""
    celery = [sys.executable, "-m", "celery", "-A", "config", "--quiet"]
    worker = [*celery, "worker", "-Q", QUEUES, "-c", "2", "-l", "WARNING", "--without-mingle"]
    beat = [*celery, "beat", "-l", "WARNING", "-s", environment["BEAT_FILE"], "--pidfile="]
    return [
        web(environment, port),
        start(environment, worker),
        start(environment, beat),
    ]


def web(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Start the web server alone."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", "16"]
    command += ["--no-access-log", "--log-level", "error", "config.wsgi:application"]
    return start({**environment, "DATABASE_POOL": "1"}, command)


def simulator_command(var: Path, environment: dict[str, str]) -> list[str]:
    """The gift provider of the demo: it pays any whole yen."""
    module = "payouts.outbound.gifts.simulator"
    today = (os.environ.get("CLOCK") or str(first_moment(environment.get("NOTICE_FILE"))))[:10]
    state = ["--state", str(var / "gift-simulator.sqlite"), "--today", today]
    return [sys.executable, "-m", module, "--port", environment["SIMULATOR_PORT"], *state]


def collect_static(var: Path, environment: dict[str, str]) -> None:
    """Hash and compress what is served; again only where something changed."""
    sources = [*(BASE / "static").rglob("*"), BASE / "requirements.txt"]
    newest = str(max(path.stat().st_mtime for path in sources))
    made = var / "static" / "made"
    if not made.exists() or made.read_text() != newest:
        manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        made.write_text(newest)


def step(name: str, act: Callable[[], object]) -> object:
    """Do one thing and say how long it took."""
    began = time.monotonic()
    print(f"{name} ...", end=" ", flush=True)
    result = act()
    print(f"{time.monotonic() - began:.1f} s", flush=True)
    return result


def write_settings(var: Path, port: int) -> None:
    """Keep the secrets of this folder, made once; the addresses are of this start."""
    known = read_settings(var)
    for name in ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS", "GIFT_SECRET"):
        known.setdefault(name, secrets.token_urlsafe(48))
    simulator = known.get("SIMULATOR_PORT")
    if simulator is None or taken(int(simulator)):
        simulator = str(free_port())
    api = f"api+http://127.0.0.1:{simulator}"
    if "NOTICE_FILE" in os.environ:  # stays with this folder
        known["NOTICE_FILE"] = str(Path(os.environ["NOTICE_FILE"]).resolve())
    known |= {
        "REHEARSAL": "1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SIMULATOR_PORT": simulator,
        "GIFT_PROVIDERS": "" if "NOTICE_FILE" in known else gift_providers(api),
        "BEAT_FILE": str(var / "beat-schedule"),
        "PYTHONWARNINGS": "ignore",
    }
    path = var / "rehearsal.env"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in known.items()))


def first_moment(path: str | None = None) -> datetime:
    """Where the clock of a new demo begins (JST), by the notice of a path or by our own."""
    return _notice(path)["dates"]["first_links"] + BEGINS


def gift_providers(api: str) -> str:
    """GIFT_PROVIDERS of our own notice: some brands by the simulator, which pays any whole yen."""
    return ",".join(f"{brand['key']}={api}" for brand in _notice()["brands"][BY_API])


def _notice(path: str | None = None) -> dict[str, Any]:
    return notice_file.read(Path(path) if path else BASE / "config" / "notice.toml")


def read_settings(var: Path) -> dict[str, str]:
    """The settings that `write_settings` wrote."""
    path = var / "rehearsal.env"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines)


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run one command of manage.py; stop everything where it fails."""
    command = [sys.executable, str(BASE / "manage.py"), *arguments]
    if subprocess.run(command, env=environment, cwd=BASE).returncode:
        sys.exit(f"manage.py {arguments[0]} failed")


def start(environment: dict[str, str], command: list[str]) -> subprocess.Popen[bytes]:
    """A child that Ctrl-C reaches through us only, so that all stop in order."""
    return subprocess.Popen(command, env=environment, cwd=BASE, start_new_session=True)


def stop(process: subprocess.Popen[bytes] | None) -> None:
    """Ask a child to end, and insist after ten seconds."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):  # the child itself, or what it left behind
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def taken(port: int) -> bool:
    """Whether somebody listens on this port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait for the web's first answer."""
    for _ in range(300):
        if taken(port):
            return
        if any(process.poll() is not None for process in processes):
            break
        time.sleep(0.1)
    sys.exit("the web server did not start")


def watch(processes: list[subprocess.Popen[bytes]]) -> None:
    """Stay until somebody interrupts us or a child ends by itself."""
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    sys.exit("a process ended by itself; see its last lines above")


def announce(port: int, environment: dict[str, str]) -> None:
    """The addresses and the log-ins of the demo."""
    root = f"http://127.0.0.1:{port}"
    print(
        f"\n  {root}/            the site of the travellers"
        f"\n  {root}/admin/      the office"
        f"\n  {root}/rehearsal/  the clock, and every message as its receiver sees it\n",
        flush=True,
    )
    manage(environment, "demo", "--logins")
    print("\nCtrl-C stops it all; the data stays under var/ (make reset forgets it).", flush=True)


if __name__ == "__main__":
    main()
