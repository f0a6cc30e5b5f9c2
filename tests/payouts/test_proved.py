"""The cookie of a right proof: one scope, one subject, half an hour."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config import clock
from payouts.proved import LIFE, RECEIVING, Proof

OTHER = Proof("status")


def carried(proof: Proof, subject: str) -> str:
    """The cookie's value for a subject."""
    response = HttpResponse()
    proof.carry(response, subject)
    return response.cookies[proof.name].value


def read(proof: Proof, value: str) -> str:
    """What a request with this cookie has proved."""
    request = RequestFactory().get("/")
    request.COOKIES[proof.name] = value
    return proof.subject(request)


def test_it_carries_its_subject() -> None:
    assert read(OTHER, carried(OTHER, "12:sure")) == "12:sure"


def test_another_scope_does_not_open_it() -> None:
    assert read(OTHER, carried(RECEIVING, "12")) == ""
    assert read(RECEIVING, carried(OTHER, "12")) == ""


def test_it_lives_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    value, now = carried(OTHER, "12"), clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: now + LIFE - timedelta(seconds=1))
    assert read(OTHER, value) == "12"
    monkeypatch.setattr(clock, "real_now", lambda: now + LIFE + timedelta(seconds=1))
    assert read(OTHER, value) == ""


@pytest.mark.parametrize("value", ["", "x", "é", "A" * 4000])
def test_a_foreign_cookie_proves_nothing(value: str) -> None:
    assert read(OTHER, value) == ""


def test_forgetting_deletes_it() -> None:
    response = HttpResponse()
    OTHER.forget(response)
    assert response.cookies["status"]["max-age"] == 0
