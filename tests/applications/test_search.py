"""A person found by a part of the name or its reading, by index; keys stay whole keys."""

import pytest
from django.db import connection
from django.test import Client

from applications import search
from applications.models import Application
from tests.applications import rows

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/application/"


def asked(client: Client, typed: str) -> list[Application]:
    page = client.get(LIST, {"q": typed})
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


@pytest.mark.parametrize(
    "typed", ["静岡 花子", "静岡花", "花子", "しずおか", "ｼｽﾞｵｶ ﾊﾅｺ", "カハナ", "シズオカ　ハナコ"]
)
def test_a_part_of_name_or_reading_finds_the_person(client: Client, typed: str) -> None:
    row = rows.application("")
    rows.application("", name="伊勢 太郎", kana="イセ　タロウ")
    rows.signed_in(client, rows.clerk())

    assert asked(client, typed) == [row]


def test_pairs_alone_are_not_enough() -> None:
    rows.application("", name="アイ イウ", kana="アイイウ")
    assert search.found(Application.objects.all(), "アイウ") == []


@pytest.mark.parametrize("typed", ["花", "山田", "%", "静岡 花子 様"])
def test_what_is_in_no_name_finds_nobody(client: Client, typed: str) -> None:
    rows.application("")
    rows.signed_in(client, rows.clerk())

    assert asked(client, typed) == []


def test_a_latin_name_is_found_in_any_case(client: Client) -> None:
    row = rows.application("", name="Smith John", kana="SMITH JOHN")
    rows.signed_in(client, rows.clerk())

    assert asked(client, "smith") == [row]


def test_names_of_other_prefectures_are_not_found(client: Client) -> None:
    rows.application("", prefecture_code="24")
    rows.signed_in(client, rows.clerk("reviewer", "22"))

    assert asked(client, "静岡") == []


def test_the_index_is_asked_never_the_table() -> None:
    rows.application("")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM applications_application WHERE search @> %s LIMIT 1000",
            [sorted(search.pairs("シズオカ"))],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "application_search" in plan
