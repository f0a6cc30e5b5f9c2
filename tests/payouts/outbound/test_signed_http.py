"""Signed JSON over HTTP."""

import socket
from datetime import timedelta

import pytest

from config import clock
from payouts.outbound.signed_http import Answer, Endpoint, NoAnswer, NotSent, is_signed, signature
from tests.payouts.outbound.conftest import Web


def endpoint(url: str, timeout: float = 2) -> Endpoint:
    return Endpoint.of(url.replace("://", "://key:s%40crt@") + "/in", timeout)


def test_call_signs_what_it_sends(web: Web) -> None:
    web.answer = lambda seen: (201, {"id": "7"})
    assert endpoint(web.url).call("POST", "/sms", {"text": "受取"}, Extra="1") == Answer(
        201, {"id": "7"}
    )
    seen = web.seen[0]
    assert (seen.method, seen.path, seen.headers["X-Hosho-Key"], seen.headers["Extra"]) == (
        "POST",
        "/in/sms",
        "key",
        "1",
    )
    moment, given = seen.headers["X-Hosho-Moment"], seen.headers["X-Hosho-Signature"]
    assert is_signed("s@crt", "POST", "/in/sms", moment, seen.body, given) is True
    assert is_signed("s@crt", "POST", "/in/sms", moment, seen.body + b" ", given) is False
    assert is_signed("other", "POST", "/in/sms", moment, seen.body, given) is False
    assert is_signed("s@crt", "GET", "/in/sms", moment, seen.body, given) is False


@pytest.mark.parametrize("moment", ["", "x", "٣", "1" * 13])
def test_is_signed_refuses_a_moment_that_is_none(moment: str) -> None:
    right = signature("s", "GET", "/", moment, b"")
    assert is_signed("s", "GET", "/", moment, b"", right) is False


def test_is_signed_refuses_an_old_signature_and_a_foreign_letter() -> None:
    old = str(int((clock.real_now() - timedelta(minutes=6)).timestamp()))
    now = str(int(clock.real_now().timestamp()))
    assert is_signed("s", "GET", "/", old, b"", signature("s", "GET", "/", old, b"")) is False
    assert is_signed("s", "GET", "/", now, b"", "é") is False


def test_call_to_nobody_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent):
        endpoint(f"http://127.0.0.1:{port}").call("GET", "")


def test_call_cut_off_has_no_answer(web: Web) -> None:
    web.answer = lambda seen: None
    with pytest.raises(NoAnswer):
        endpoint(web.url).call("POST", "", {})


def test_call_to_a_slow_provider_has_no_answer(web: Web) -> None:
    web.hang = True
    with pytest.raises(NoAnswer):
        endpoint(web.url, timeout=0.05).call("POST", "", {})


def test_call_follows_no_redirect(web: Web) -> None:
    web.answer = lambda seen: (302, {})
    assert endpoint(web.url).call("GET", "/sms/1").status == 302
    assert len(web.seen) == 1
