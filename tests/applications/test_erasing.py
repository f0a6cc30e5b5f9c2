"""Personal data goes by its stage; money, states, history and hashes stay (N81)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from pytest_django import Settings

from applications import erasing, reconcile, tasks
from applications.models import Application, ApplicationStep, LateAccess, Note
from config import clock
from config import erasing as machinery
from config.erasing import STAGES
from config.models import Erasure, JobRun
from config.notice import NOTICE
from config.owner import SETTLED, unguarded
from config.states import Step
from coupons.models import Correction, Seal
from payouts.models import BankAccount, Message, OrderPart, Payout, PayoutStep
from tests.applications import erasing_rows, rows

pytestmark = pytest.mark.django_db
OURS = ("config", "coupons", "payouts", "applications")
AUDITED = NOTICE.retention.everything
DAY = timedelta(days=1)
MODELS = {
    model._meta.db_table: model
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if not model._meta.proxy
}
HOLDS = (models.CharField, models.TextField, models.BinaryField, models.JSONField, ArrayField)
CLEAR = ("state", "prefecture_code")  # a code each


def fields(table: str) -> dict[str, models.Field]:
    return {field.column: field for field in MODELS[table]._meta.concrete_fields}


def declared(table: str) -> set[str]:
    found = {name for app in erasing.DECLARED for name in app.KEPT.get(table, {})}
    wiped = [wipe for stage in STAGES for wipe in erasing.wipes(stage) if wipe.table == table]
    found |= {name for wipe in wiped for name in wipe.columns}
    whole = any(not wipe.columns for wipe in wiped)
    return found | (set(fields(table)) if whole else set())


def dump() -> str:
    """Every row of every table, as the database writes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(found)


def marked_lines() -> list[str]:
    sought = (erasing_rows.MARK, erasing_rows.MARK.encode().hex())
    return [line[:200] for line in dump().splitlines() if any(each in line for each in sought)]


@pytest.fixture
def house() -> Iterator[dict[str, Application]]:
    """One row of everything, marked, with the clock at the end of the audit."""
    found = {
        "withdrawn": erasing_rows.withdrawn(),
        "points": erasing_rows.received(),
        "bank": erasing_rows.paid(),
    }
    with clock.at(AUDITED - 300 * DAY):
        erasing_rows.the_rest(found["points"], found["bank"])
    with clock.at(AUDITED):
        yield found


def mark_all() -> None:
    for wipe in erasing.wipes("all"):
        if wipe.columns:
            erasing_rows.mark(wipe, fields(wipe.table))


@pytest.mark.parametrize("table", sorted(MODELS))
def test_every_column_is_declared_as_erased_or_kept(table: str) -> None:
    found = {
        name
        for name, field in fields(table).items()
        if isinstance(field, HOLDS) and not field.choices and name not in CLEAR
    }
    if issubclass(MODELS[table], Step):
        found -= {"old", "new", "reason"}  # states and codes
    assert found - declared(table) == set()


def test_what_is_declared_exists() -> None:
    named = {
        (table, name)
        for app in erasing.DECLARED
        for table, kept in app.KEPT.items()
        for name in kept
    }
    wiped = [wipe for stage in STAGES for wipe in erasing.wipes(stage)]
    named |= {(wipe.table, name) for wipe in wiped for name in (*wipe.columns, *wipe.also)}
    assert {each for each in named if each[1] not in fields(each[0])} == set()


def test_after_the_audit_no_table_holds_anything_of_anybody(house: dict[str, Application]) -> None:
    mark_all()
    before = reconcile.reconcile().outcome()
    history = (ApplicationStep.objects.count(), PayoutStep.objects.count())
    seal = Seal.objects.values().get()
    assert {w.table for w in erasing.wipes("all")} == set(erasing.waiting("all"))
    assert marked_lines() != []

    row = erasing.erase("all")

    assert marked_lines() == []
    assert (row.complete, row.counts["applications_application"]) == (True, 3)
    assert set(row.counts) == {wipe.table for wipe in erasing.wipes("all")}
    assert erasing.waiting("all") == {}
    assert reconcile.reconcile().outcome() == before
    assert (ApplicationStep.objects.count(), PayoutStep.objects.count()) == history
    assert Seal.objects.values().get() == seal
    assert row.sums["payouts"] == {"issued": [1, 2000], "paid": [1, 2000]}
    assert row.sums["seal"] == seal["sha256"]
    kept = Correction.objects.get(field="issuer")
    assert (kept.old, kept.new) == ("x", "y")


def test_what_a_provider_issued_still_counts_in_the_third_book(
    house: dict[str, Application],
) -> None:
    with unguarded("payouts_orderpart"), connection.cursor() as cursor:
        cursor.execute("UPDATE payouts_orderpart SET code_id = NULL, provider_ref = 'gift-77'")
    before = reconcile.reconcile().outcome()
    erasing.erase("all")
    assert set(OrderPart.objects.values_list("provider_ref", flat=True)) == {"*"}
    assert reconcile.reconcile().outcome() == before
    assert erasing.waiting("all") == {}


def test_erasing_again_finds_nothing(house: dict[str, Application]) -> None:
    erasing.erase("all")
    assert erasing.erase("all").counts == {}


def test_an_erased_application_still_opens_for_the_auditor(
    client: Client, house: dict[str, Application]
) -> None:
    erasing.erase("all")
    rows.signed_in(client, rows.clerk("auditor"))
    pages = [f"/admin/applications/application/{row.pk}/change/" for row in house.values()]
    pages += [f"/admin/payouts/payout/{row.pk}/change/" for row in Payout.objects.all()]
    pages += ["/admin/applications/application/", "/admin/config/erasure/"]
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)
    text = client.get("/admin/config/erasure/").content.decode()
    issued, paid = Payout.State.ISSUED.label, Payout.State.PAID.label
    assert f"{issued} 1件 2,000円、{paid} 1件 2,000円" in text


def test_what_ended_without_money_goes_first_and_nothing_else(
    house: dict[str, Application],
) -> None:
    end = erasing_rows.money.LINKS_GO + NOTICE.retention.closed_days * DAY
    mark_all()
    with clock.at(end):
        assert erasing.erase("closed").counts == {}  # at that very moment: not before it
    with clock.at(end + DAY):
        counts = erasing.erase("closed").counts
    once = ("application", "claim", "note", "amendment", "changerequest", "inquiry")
    tables = [f"applications_{name}" for name in (*once, "inquirynote", "lateaccess")]
    assert counts == dict.fromkeys([*tables, "payouts_message"], 1)
    names = dict(Application.objects.values_list("pk", "name"))
    assert names == {
        house["withdrawn"].pk: "消去済み",
        house["points"].pk: erasing_rows.MARK,
        house["bank"].pk: erasing_rows.MARK,
    }
    assert LateAccess.objects.get().contact == Note.objects.get().text.replace("消去済み", "")
    mine = Message.objects.filter(subject=f"application:{house['withdrawn'].pk}")
    assert set(mine.values_list("address", flat=True)) == {""}
    assert not Message.objects.exclude(pk__in=mine).exclude(address=erasing_rows.MARK).exists()


def test_bank_data_goes_after_its_settlement(house: dict[str, Application]) -> None:
    paid_at = erasing_rows.bank_rows.CUT_AT + 12 * DAY
    with clock.at(paid_at + NOTICE.retention.bank_days * DAY):
        assert erasing.erase("bank").counts == {}
    with clock.at(paid_at + (NOTICE.retention.bank_days + 1) * DAY):
        assert erasing.waiting("bank") == {"payouts_bankaccount": 1, "payouts_batch": 1}
        row = erasing.erase("bank")
    assert row.counts == {"payouts_bankaccount": 1, "payouts_batch": 1}
    assert (row.stage, row.until) == ("bank", row.at - NOTICE.retention.bank_days * DAY)
    assert bytes(BankAccount.objects.get().blob) == b""


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_erased_before_its_time(stage: str) -> None:
    with clock.at(erasing.begins(stage) - timedelta(microseconds=1)):
        with pytest.raises(CommandError, match="この段階の消去は"):
            call_command("erase", "--stage", stage)
        assert stage not in erasing.due(clock.now())
    with clock.at(erasing.begins(stage)):
        call_command("erase", "--stage", stage, stdout=StringIO())
    assert Erasure.objects.get().stage == stage


def test_what_fails_half_way_is_recorded_and_done_by_the_next_run(
    house: dict[str, Application],
) -> None:
    with connection.cursor() as cursor:  # a table that refuses: everything behind it waits
        cursor.execute(SETTLED)
        cursor.execute("ALTER TABLE payouts_receipt ADD CONSTRAINT no CHECK (provider_ref <> '')")
    with pytest.raises(IntegrityError):
        fail()
    erased = erasing.waiting("all")
    assert erased["payouts_receipt"] == 1
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payouts_receipt DROP CONSTRAINT no")
    assert erasing.erase("all").complete
    assert erasing.waiting("all") == {}


def fail() -> None:
    try:
        erasing.erase("all")
    finally:
        row = Erasure.objects.get()
        assert (row.complete, row.counts["coupons_coupon"]) == (False, 1)
        assert "payouts_receipt" not in row.counts


def test_many_rows_go_in_chunks(
    house: dict[str, Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machinery, "CHUNK", 2)
    assert erasing.erase("all").counts["applications_application"] == 3
    assert erasing.waiting("all") == {}


def test_a_dry_run_counts_and_leaves_all(house: dict[str, Application]) -> None:
    told = StringIO()
    before = dump()
    call_command("erase", "--dry-run", stdout=told)
    assert "applications_application　3件" in told.getvalue()
    assert dump() == before


def test_the_guards_are_on_again_and_the_processes_may_not_erase(
    app_role: psycopg.Connection,
) -> None:
    points = erasing_rows.received()
    with clock.at(AUDITED):
        erasing.erase("all")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'")
        assert cursor.fetchone() == (0,)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ApplicationStep.objects.filter(of=points).update(new="x")
    for query in ("UPDATE config_erasure SET counts = '{}'", "DELETE FROM config_erasure"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_role.execute(query)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute("ALTER TABLE coupons_sealeditem DISABLE TRIGGER USER")


def test_a_rehearsal_erases_by_its_clock(settings: Settings) -> None:
    settings.REHEARSAL = True
    with clock.at(AUDITED):
        tasks.erase(AUDITED.isoformat())
    assert JobRun.objects.get(job="erase").outcome == {"bank": 0, "closed": 0, "all": 0}
    assert sorted(Erasure.objects.values_list("stage", flat=True)) == ["all", "bank", "closed"]


def test_the_stages_begin_by_the_notice() -> None:
    assert {stage: erasing.begins(stage) for stage in STAGES} == {
        "bank": datetime(2023, 8, 13, tzinfo=clock.JST),
        "closed": datetime(2023, 9, 18, 10, tzinfo=clock.JST),
        "all": datetime(2029, 4, 1, tzinfo=clock.JST),
    }
