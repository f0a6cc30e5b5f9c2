"""A submission from the first form to the receipt (P1), and the top page (P2), over real HTTP.

Each contender stands alone while it is visited, by the server of production with one process. The
ceiling answers as many requests as our journey and makes one insert; the peer asks the same
questions by django-formtools and crispy's Bootstrap. A calendar that is open today replaces the
rehearsal's clock, which would cost a query a request that production does not make.
"""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import randint

from django.conf import settings

from benchmarks import ground, serving, visitors
from benchmarks.measure import Result
from benchmarks.visitors import Browser
from config import clock, run

VISITORS = 8
GOALS = {"journey_cpu": 5.5, "landing_cpu_over_noop": 1 / 0.7}
LATER = (  # ends of the calendar that must lie after today
    "applications_close",
    "bank_applications_close",
    "number_to_follow_until",
    "correction_latest",
    "receiving_closes",
    "bank_corrections_until",
    "last_ordinary_link",
    "first_bank_day",
)
COUPONS = {
    "prefecture": "22",
    "travel_type": "day_trip",
    "travel_end_year": "2023",
    "travel_end_month": "2",
    "travel_end_day": "24",
    "expires_on_outage_day": "yes",
    "coupon_use_0": "paper",
    "next": "1",
}


def ours(browser: Browser) -> None:
    """Our form as a traveller fills it in: four steps with their redirects."""
    browser.get("/apply/coupons/")
    number = f"{randint(0, 10**12 - 1):012d}"
    browser.send("/apply/coupons/", COUPONS | {"inquiry_number_0": number})
    phone = f"090{randint(10**7, 10**8 - 1)}"
    person = {"name": "静岡 花子", "kana": "しずおか はなこ", "phone": phone, "next": "1"}
    browser.send("/apply/person/", person)
    way = {"method": "points", "channel": "sms", "delivery_phone": phone, "next": "1"}
    browser.send("/apply/receive/", way)
    page = browser.send("/apply/check/", {"consent": "on", "submit": "1"})
    if "受付番号".encode() not in page:
        raise RuntimeError("no receipt: " + re.sub(r"<[^>]+>|\s+", " ", page.decode())[:400])


def bare(requests: int) -> visitors.Journey:
    """As many requests: one page, then answers, the last with a row."""

    def journey(browser: Browser) -> None:
        for turn in range(requests - 1):
            browser.send("/step", {"a": "静岡"}) if turn % 2 else browser.get("/step")
        browser.send("/last", {"a": "静岡"})

    return journey


def wizard(browser: Browser) -> None:
    """The peer's four steps and its receipt."""
    browser.get("/")
    phone = f"090{randint(10**7, 10**8 - 1)}"
    answers = {
        "coupons": COUPONS | {"inquiry_number_0": f"{randint(0, 10**12 - 1):012d}"},
        "person": {"name": "静岡 花子", "kana": "しずおか はなこ", "phone": phone},
        "receive": {"method": "points", "channel": "sms", "delivery_phone": phone},
        "check": {"consent": "on"},
    }
    for step, told in answers.items():
        fields = {f"{step}-{key}": value for key, value in told.items()}
        page = browser.send("/", {"apply-current_step": step} | fields)
    if "受け付けました".encode() not in page:
        raise RuntimeError("the wizard did not end: " + page.decode()[:300])


def submission(seconds: int, rounds: int) -> Result:
    """CPU seconds a journey by contender and round; `rows`: seconds of a visit (<= 20)."""
    seconds = min(seconds, 20)
    prepare_tables()
    found = requests_of_ours()
    contenders = {
        "bare Django": ("benchmarks.peers.bare:application", bare(found)),
        "hosho": ("config.wsgi:application", ours),
        "formtools wizard": ("benchmarks.peers.wizard:application", wizard),
    }
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    for turn in range(rounds):
        names = list(contenders)
        for name in [*names[turn % 3 :], *names[: turn % 3]]:
            measured[name].append(visited(*contenders[name], seconds))
    result = Result(
        "submission",
        seconds,
        {name: [each["cpu"] for each in rows] for name, rows in measured.items()},
        goals={"hosho": GOALS["journey_cpu"]},
    )
    for name, rows in measured.items():
        for figure in ("rate", "p50", "p99"):
            middle = sorted(each[figure] for each in rows)[len(rows) // 2]
            result.figures[f"{name}: {figure}"] = round(middle, 3)
    result.figures["requests a journey"] = found
    return result


def visited(target: str, journey: visitors.Journey, seconds: float) -> dict[str, float]:
    """CPU seconds (server and PostgreSQL) a journey, journeys a second, seconds of a journey."""
    with serving.granian(target, environment()) as server:
        visitors.visit(server.port, journey, VISITORS, 1)  # warm
        postmaster = serving.Server(0, serving.postgres_pid())
        before = server.cpu() + postmaster.cpu()
        seen = visitors.visit(server.port, journey, VISITORS, seconds)
        spent = server.cpu() + postmaster.cpu() - before
    return {
        "cpu": round(spent / len(seen.times), 5),
        "rate": seen.rate,
        "p50": seen.middle,
        "p99": seen.percentile(0.99),
    }


def requests_of_ours() -> int:
    """How many requests our journey takes, redirects followed."""
    with serving.granian("config.wsgi:application", environment()) as server:
        browser = Browser(server.port)
        ours(browser)
        return browser.requests


def landing(seconds: int, rounds: int) -> Result:
    """Seconds a request of the top page (P2): nginx with its bytes, a no-op of Django, ours."""
    seconds = min(seconds, 20)
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            return Result("landing", seconds, {"not measured": [0.0]}, figures={tool: "not found"})
    prepare_tables()
    names = ["nginx", "no-op", "hosho"]
    measured: dict[str, list[float]] = {name: [] for name in names}
    with (
        serving.granian("config.wsgi:application", environment()) as site,
        serving.granian("benchmarks.peers.bare:application", environment()) as noop,
        nginx(page_of(site.port)) as file_port,
    ):
        ports = {
            "nginx": (file_port, "/"),
            "no-op": (noop.port, "/step"),
            "hosho": (site.port, "/"),
        }
        for turn in range(rounds):
            for name in [*names[turn % 3 :], *names[: turn % 3]]:
                port, path = ports[name]
                measured[name].append(1 / wrk(f"http://127.0.0.1:{port}{path}", seconds))
    result = Result("landing", seconds, measured, goals={"hosho": 1 / 0.15})
    pairs = zip(measured["hosho"], measured["no-op"], strict=True)
    result.figures["hosho over no-op"] = round(sorted(a / b for a, b in pairs)[rounds // 2], 3)
    result.limits["hosho over no-op"] = round(GOALS["landing_cpu_over_noop"], 2)
    return result


def page_of(port: int) -> bytes:
    browser = Browser(port)
    return browser.get("/")


def wrk(url: str, seconds: int) -> float:
    """Requests a second of 32 connections."""
    command = ["wrk", "-t", "1", "-c", "32", "-d", f"{seconds}s", "-H", "X-Forwarded-For: 9.9.9.9"]
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise RuntimeError(told)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])


@contextmanager
def nginx(page: bytes) -> Iterator[int]:
    """The same bytes as a file."""
    folder, port = settings.VAR_DIR / "nginx", run.free_port()
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_bytes(page)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;"
        "events { worker_connections 1024; } http { access_log off; default_type text/html;"
        f"server {{ listen 127.0.0.1:{port}; root {folder}; index index.html; }} }}"
    )
    with serving.running(["nginx", "-c", f"{folder}/nginx.conf"], dict(os.environ), port):
        yield port


def environment() -> dict[str, str]:
    """A start in earnest, on the benchmark's database, with a calendar that is open today."""
    key = secrets.token_urlsafe(48)
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "DATABASE_OWNER_URL")}
    return kept | {
        "VAR_DIR": str(settings.VAR_DIR),
        "SECRET_KEY": key,
        "FIELD_KEYS": key,
        "LINK_KEYS": key,
        "GIFT_SECRET": key,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "http://127.0.0.1",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "SMS_PROVIDER": "http_json+http://KEY:SECRET@127.0.0.1:1/send",
        "OFFICE_EMAIL": "office@office.example",
        "TRUSTED_PROXIES": "1",
        "DATABASE_POOL": "1",
        "HASHED_STATIC": "0",
        "HASTY_SECONDS": "0",  # nobody is marked for being a machine, and every receipt is written
        "NOTICE_FILE": str(notice()),
        "PYTHONPATH": str(serving.BASE),
        "PYTHONWARNINGS": "ignore",
    }


def notice() -> Path:
    """The notice with every end moved to years after today."""
    year = clock.real_now().year + 2
    text = Path(settings.BASE_DIR / "config" / "notice.toml").read_text()
    for key in LATER:
        text = re.sub(rf"(?m)^({key} = )\d{{4}}", rf"\g<1>{year}", text)
    text = re.sub(
        r"(?m)^reminders = .*$",
        lambda found: re.sub(r"\d{4}(?=-\d\d-\d\dT)", str(year), found[0]),
        text,
    )
    path = settings.VAR_DIR / "notice.toml"
    path.write_text(text)
    return path


def prepare_tables() -> None:
    """The peers' tables, and none of the rows of an earlier benchmark."""
    ground.empty()
    ground.execute("DROP TABLE IF EXISTS bench_submission, bench_coupon")
    ground.execute(
        "CREATE TABLE bench_submission (id bigserial PRIMARY KEY, receipt uuid, content text)"
    )
    ground.execute("CREATE TABLE bench_coupon (id bigserial PRIMARY KEY, number text)")
    ground.execute(
        "CREATE TABLE IF NOT EXISTS django_session (session_key varchar(40) PRIMARY KEY,"
        " session_data text NOT NULL, expire_date timestamptz NOT NULL)"
    )
