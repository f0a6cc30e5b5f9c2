"""The simulator: what it keeps, counts and lets itself be told."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from payouts.outbound.gifts.book import Book, new_code
from payouts.outbound.gifts.provider import Ask, Issued, Unknown
from payouts.outbound.gifts.simulator import Simulator
from tests.payouts.outbound.gifts.conftest import SECRET, client


def control(url: str, content: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    body = json.dumps(content) if content is not None else None
    connection.request("POST" if content is not None else "GET", "/control", body)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


@contextmanager
def process(state: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "payouts.outbound.gifts.simulator", "--port", "0"]
    environment = {**os.environ, "GIFT_SECRET": SECRET}
    with subprocess.Popen(
        [*command, "--state", str(state), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().split()[-1], running
        finally:
            running.kill()


def test_a_restart_after_a_kill_remembers_the_request_ids(tmp_path: Path) -> None:
    state = tmp_path / "gifts.sqlite"
    with process(state, "--mode", "timeout-after-issue") as (url, running):
        control(url, {"mode": "timeout-after-issue", "delay": 0})
        api = client(url)
        ask = Ask(api.request_id(7, 1), "paypay", 999)
        assert api.issue(ask) == Unknown("no_answer")
        running.send_signal(signal.SIGKILL)
    with process(state, "--today", "2030-01-01") as (url, _):
        gift = client(url).lookup(ask)
        assert isinstance(gift, Issued)
        assert control(url)[1]["issues"] == 1
        assert isinstance(client(url).issue(Ask(api.request_id(8, 1), "paypay", 1)), Issued)
    assert Book(state, date(2030, 1, 1)).page(1)[0]["expires_on"] == "2030-08-29"


def test_sixteen_clients_with_one_id_get_one_gift(simulator: Simulator) -> None:
    api = client(simulator.url)
    ask = Ask(api.request_id(1, 1), "edy", 500)
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: api.issue(ask), range(64)))
    assert (len(found), simulator.report()["issues"]) == (1, 1)


def test_control_counts_and_turns_back_after_some_requests(simulator: Simulator) -> None:
    assert control(simulator.url, {"mode": "500", "times": 2})[1]["mode"] == "500"
    api = client(simulator.url)
    results = [type(api.issue(Ask(api.request_id(1, 1), "nanaco", 30))) for _ in range(3)]
    assert results == [Unknown, Unknown, Issued]
    status, report = control(simulator.url)
    assert (status, report["mode"], report["requests"], report["yen"]) == (200, "ok", 3, 30)


@pytest.mark.parametrize("content", [{"mode": "sulking"}, {"mode": "ok", "times": "x"}])
def test_control_refuses_what_it_does_not_know(
    simulator: Simulator, content: dict[str, str]
) -> None:
    assert control(simulator.url, content)[0] == 400


@pytest.mark.parametrize(
    ("brand", "pattern"),
    [
        ("amazon", r"[A-Z2-9]{4}-[A-Z2-9]{6}-[A-Z2-9]{4}"),
        ("paypay", r"\d{16}"),
        ("nanaco", r"[A-Z2-9]{16}"),
        ("edy", r"[A-Z2-9]{16}"),
        ("ponta", r"[A-Z2-9]{12}"),
    ],
)
def test_new_code_looks_like_the_brands(brand: str, pattern: str) -> None:
    assert re.fullmatch(pattern, new_code(brand)[0])
