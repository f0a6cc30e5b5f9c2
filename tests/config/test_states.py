"""One UPDATE that names the state it expects, one history row, and history that nobody rewrites."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, Event

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import IntegrityError, InternalError, connection, transaction

from applications.models import Application, ApplicationStep, Closing
from config import clock
from config.models import AccessLog
from config.states import Refused, Step, label
from coupons.models import Entry, SealedItem
from tests.applications import rows

AT = datetime(2023, 4, 11, 9, tzinfo=clock.JST)
HISTORY = {  # tables of rows that are written once
    *(model._meta.db_table for model in apps.get_models() if issubclass(model, Step)),
    *(model._meta.db_table for model in (AccessLog, Closing, Entry, SealedItem)),
}


def case() -> Application:
    """An application that was received."""
    return rows.application("123456789012")


def history(of: Application) -> list[tuple[str, str, datetime, str]]:
    """Its moves after the first row."""
    steps = of.steps.order_by("id").values_list("old", "new", "at", "reason")
    return list(steps)[1:]


@pytest.mark.django_db
def test_a_move_changes_the_state_and_its_fields_and_writes_one_row() -> None:
    row, by = case(), rows.clerk()
    assert row.move("held", by=by, at=AT, reason="test", issuer="見本の宿") is row
    assert (row.state, row.issuer) == ("held", "見本の宿")
    assert list(Application.objects.values_list("state", "issuer")) == [("held", "見本の宿")]
    assert history(row) == [("received", "held", AT, "test")]
    assert row.steps.last().by == by


@pytest.mark.django_db
def test_a_move_without_a_moment_takes_the_clock_s() -> None:
    row = case()
    with clock.at(AT):
        row.move("held")
    assert [at for _, _, at, _ in history(row)] == [AT]


@pytest.mark.django_db
def test_an_arrow_that_does_not_exist_is_refused_with_a_sentence() -> None:
    row = case()
    with pytest.raises(Refused) as refused:
        row.move("decided")
    assert refused.value.code == "arrow"
    words = label(row, "received"), label(row, "decided")
    assert refused.value.message == "「{}」から「{}」へは進められません。".format(*words)
    assert "received" not in words
    assert (row.state, history(row)) == ("received", [])
    with pytest.raises(Refused) as refused:
        row.move("received")
    assert refused.value.message == f"すでに「{label(row, 'received')}」です。"


@pytest.mark.django_db
def test_who_comes_second_is_refused_with_a_sentence() -> None:
    first = case()
    second = Application.objects.get()
    first.move("held", at=AT)
    with pytest.raises(Refused) as refused:
        second.move("asked", at=AT, issuer="見本の宿")
    assert (refused.value.code, refused.value.message) == (
        "moved",
        "ほかの担当者が先に処理しました。画面を開き直してください。",
    )
    assert second.state == "received"  # what this object knew
    assert list(Application.objects.values_list("state", "issuer")) == [("held", "")]
    assert history(first) == [("received", "held", AT, "")]


@pytest.mark.django_db(transaction=True)
def test_a_second_connection_waits_and_is_refused() -> None:
    row, moved, asked = case(), Event(), Event()

    def second() -> str:
        try:
            mine = Application.objects.get()
            moved.wait(10)
            asked.set()
            mine.move("asked")
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "moved too"

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(second)
        with transaction.atomic():
            row.move("held", at=AT)
            moved.set()
            asked.wait(10)
        assert answer.result(10) == "moved"
    assert history(row) == [("received", "held", AT, "")]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_moves() -> None:
    row, start = case(), Barrier(6)

    def act(_: int) -> bool:
        try:
            mine = Application.objects.get()
            start.wait(10)
            mine.move("held")
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(act, range(6))) == [False] * 5 + [True]
    assert len(history(row)) == 1


@pytest.mark.django_db
def test_a_row_whose_history_can_t_be_written_does_not_move() -> None:
    row = case()
    nobody = get_user_model()(pk=10**9, username="nobody")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.move("held", by=nobody)
        connection.check_constraints()
    assert Application.objects.get().state == "received"


@pytest.mark.django_db
def test_move_all_moves_those_that_still_are_there_and_tells_which() -> None:
    here, gone, other = case(), case(), case()
    gone.move("held", at=AT)
    by = rows.clerk()
    asked = [here.pk, gone.pk, 10**9]
    moved = Application.move_all(asked, "received", "held", by=by, at=AT, reason="all")
    assert moved == [here.pk]
    states = dict(Application.objects.values_list("pk", "state"))
    assert states == {here.pk: "held", gone.pk: "held", other.pk: "received"}
    assert history(here) == [("received", "held", AT, "all")]
    assert here.steps.last().by == by
    assert (len(history(gone)), len(history(other))) == (1, 0)


@pytest.mark.django_db
def test_move_all_knows_the_arrows() -> None:
    with pytest.raises(Refused) as refused:
        Application.move_all([case().pk], "received", "decided")
    assert refused.value.code == "arrow"


@pytest.mark.django_db(transaction=True)
def test_move_all_twice_at_once_moves_each_row_once() -> None:
    ids, start = [case().pk for _ in range(8)], Barrier(2)

    def act(_: int) -> list[int]:
        try:
            start.wait(10)
            return Application.move_all(ids, "received", "held")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(act, range(2))
    assert sorted(first + second) == ids
    assert ApplicationStep.objects.filter(new="held").count() == len(ids)


@pytest.mark.django_db
def test_every_history_is_kept_by_a_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT tgrelid::regclass::text FROM pg_trigger
               WHERE tgname = 'append_only' AND tgenabled = 'O'"""
        )
        kept = {row[0] for row in cursor.fetchall()}
    assert HISTORY - kept == set()


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
def test_the_owner_rewrites_no_history(sql: str) -> None:
    row = case()
    with (
        pytest.raises((IntegrityError, InternalError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format("applications_applicationstep"))
    assert row.steps.count() == 1


def test_the_processes_role_rewrites_no_history_and_truncates_nothing(
    app_role: psycopg.Connection,
) -> None:
    truncates = app_role.execute(
        """SELECT tablename FROM pg_tables WHERE schemaname = 'public'
             AND has_table_privilege(format('%I.%I', schemaname, tablename), 'TRUNCATE')"""
    ).fetchall()
    assert truncates == []
    done = []
    for table in sorted(HISTORY):
        for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            try:
                done.append(app_role.execute(sql).statusmessage)
            except psycopg.errors.InsufficientPrivilege:
                continue
    assert done == []


def test_refused_tells_its_sentence() -> None:
    refused = Refused("受け付けられません。", "closed")
    assert (str(refused), refused.code) == ("受け付けられません。", "closed")
    assert Refused("受け付けられません。").code == ""
