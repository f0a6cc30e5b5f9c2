"""An answer that waits for its even moment."""

import time

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from config.even import evenly


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[float]:
    """What is waited, while the view takes 0.07 s by the clock."""
    settings.EVEN_MS, found, moments = 50, [], iter([100.0, 100.07])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@evenly
def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a")


def test_a_post_leaves_at_a_whole_multiple(waited: list[float]) -> None:
    assert view(RequestFactory().post("/")).content == b"a"
    assert [round(each, 6) for each in waited] == [0.03]


def test_a_page_that_is_only_read_waits_for_nothing(waited: list[float]) -> None:
    view(RequestFactory().get("/"))
    assert waited == []
