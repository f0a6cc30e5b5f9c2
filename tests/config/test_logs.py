"""No log keeps a token or a person's data."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client

from config.logs import Discreet, Json, discreet
from tests.applications import rows

TOKEN = "AbCdEfGh0123456789xy"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the console would show: a handler under the filters of the settings."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    handler.addFilter(Discreet())
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", [f"/r/{TOKEN}/", f"/en/r/{TOKEN}/", f"/status/correct/{TOKEN}/", f"/status/p/{TOKEN}/"]
)
def test_a_form_refused_for_its_cookie_leaves_no_token(
    written: StringIO, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "django.security.csrf"):
        logging.getLogger("django.security.csrf").warning("Forbidden (%s): %s", "no cookie", path)
        assert Client(enforce_csrf_checks=True).post(path, {"a": "b"}).status_code == 403

    assert TOKEN not in written.getvalue()
    assert path.replace(TOKEN, "…") in written.getvalue()


@pytest.mark.django_db
def test_a_database_error_is_told_without_the_row(written: StringIO) -> None:
    row = rows.application("")
    try:
        with transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(state="lost")
    except (IntegrityError, DataError):
        logging.getLogger("tests").exception("could not be stored")
    connection.check_constraints()

    text = written.getvalue()
    assert "could not be stored" in text
    assert ("静岡" in text, "09012345678" in text) == (False, False)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"GET /r/{TOKEN}", "GET /r/…"),
        (f'"/c/{TOKEN}?x=1" 404', '"/c/…?x=1" 404'),
        ("/status/ /check/ /r/", "/status/ /check/ /r/"),
        ("error\nDETAIL:  Failing row contains (1, 静岡).", "error\nDETAIL: …"),
        ("DETAIL:  Key (phone)=(+8190\n12) exists.\nValueError: x", "DETAIL: …\nValueError: x"),
    ],
)
def test_what_is_cut(text: str, kept: str) -> None:
    assert discreet(text) == kept


def test_every_handler_of_the_site_is_discreet() -> None:
    found = {name: each["filters"] for name, each in settings.LOGGING["handlers"].items()}
    assert found == {name: ["discreet"] for name in found}
    assert [logging.getLogger(name).handlers for name in ("django", "django.server")] == [[], []]


def test_a_record_is_one_line_of_json_whatever_is_in_it() -> None:
    words = 'first\nsecond {"level": "forged"} \x1b[31m'
    record = logging.LogRecord("tests", logging.WARNING, "", 1, words, None, None)
    text = Json().format(record)
    line = json.loads(text)
    assert ("\n" in text, "\x1b" in text) == (False, False)
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "tests", words)
    assert line["time"].endswith("+00:00")
