"""A date moves on by two people, and never back (N80)."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applications import bulletin, periods, postponements
from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 4, 28, 12, tzinfo=clock.JST)
CLOSE = NOTICE.dates.applications_close
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    periods.forget()
    bulletin.forget()


def prepared(until: datetime = CLOSE + WEEK, by: object = None) -> Postponement:
    with clock.at(NOON):
        return postponements.prepare(
            key="applications_close",
            until=until,
            reason="停止のため",
            by=by or rows.clerk("manager"),
        )


def approved(until: datetime = CLOSE + WEEK) -> Postponement:
    row = prepared(until)
    with clock.at(NOON):
        return postponements.approve(row, by=rows.clerk("approver"))


def test_it_holds_once_another_approved() -> None:
    row = prepared()
    assert postponements.end_of("applications_close") == CLOSE
    with clock.at(NOON):
        postponements.approve(row, by=rows.clerk("manager"))
    assert postponements.end_of("applications_close") == CLOSE + WEEK
    assert periods.extended()["applications_close"] == CLOSE + WEEK


def test_everybody_reads_it_at_once() -> None:
    bulletin.reports(NOON)
    approved()
    titles = [text.title for report in bulletin.reports(NOON) for text in report.texts]
    assert "申請の期限の延長" in titles


def test_who_prepared_can_not_approve() -> None:
    one = rows.clerk("manager")
    row = prepared(by=one)
    with clock.at(NOON), pytest.raises(Refused, match="ほかの人"):
        postponements.approve(row, by=one)


@pytest.mark.parametrize("until", [CLOSE, CLOSE - WEEK])
def test_a_date_is_not_shortened(until: datetime) -> None:
    with pytest.raises(Refused, match="延ばすこと"):
        prepared(until)


def test_an_end_that_is_past_is_no_extension() -> None:
    row = prepared()
    with clock.at(CLOSE + WEEK), pytest.raises(Refused, match="いまより後"):
        postponements.approve(row, by=rows.clerk("approver"))


def test_a_shorter_one_is_not_approved_after_a_longer_one() -> None:
    shorter = prepared(CLOSE + WEEK)
    approved(CLOSE + 2 * WEEK)
    with clock.at(NOON), pytest.raises(Refused, match="延ばすこと"):
        postponements.approve(shorter, by=rows.clerk("approver"))


def test_a_dropped_one_stays_dropped() -> None:
    row = prepared()
    with clock.at(NOON):
        postponements.drop(row, by=rows.clerk("manager"))
        with pytest.raises(Refused, match="先に"):
            postponements.approve(row, by=rows.clerk("approver"))


BREAKING = {
    "shortened": "INSERT INTO config_postponement (key, until, reason, prepared_at, prepared_by_id,"
    " approved_at, approved_by_id) SELECT key, until - interval '1 day', reason, prepared_at,"
    " prepared_by_id, approved_at, approved_by_id FROM config_postponement WHERE id = %s",
    "backdated": "UPDATE config_postponement SET approved_at = until, approved_by_id ="
    " (SELECT max(id) FROM auth_user) WHERE id <> %s",
    "rewritten": "UPDATE config_postponement SET until = until + interval '1 day' WHERE id <> %s",
    "decided again": "UPDATE config_postponement SET approved_at = approved_at WHERE id = %s",
    "taken away": "DELETE FROM config_postponement WHERE id = %s",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_database_refuses(statement: str) -> None:
    row = approved()
    prepared(CLOSE + 2 * WEEK)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [row.pk])


def test_what_moves_is_told_beforehand() -> None:
    with clock.at(NOON):
        told = {
            (effect.what, effect.warns)
            for effect in postponements.effects("applications_close", CLOSE + WEEK)
        }
    assert told == {
        ("申請の期限", False),
        ("申請フォーム（ポイント）", False),
        ("自動処理：お問合せ番号のお願い（3日前・前日 10:00）", False),
        ("自動処理：申請一覧の確定（5分後）", False),
        ("口座への振込の申請の期限", True),
    }


def test_a_date_that_is_overtaken_is_told() -> None:
    with clock.at(NOON):
        far = postponements.effects("applications_close", NOTICE.dates.receiving_closes)
    overtaken = [effect.what for effect in far if effect.after == "新しい期日のほうが後になる"]
    assert overtaken == [
        "申請の内容を直していただく期限",
        "お問合せ番号をあとからお知らせいただく期限",
        "ポイントの受け取りの期限",
    ]


@pytest.mark.parametrize("key", postponements.NAMES)
def test_each_date_tells_what_it_moves(key: str) -> None:
    end = postponements.end_of(key) + WEEK
    with clock.at(NOON):
        effects = postponements.effects(key, end)
    assert effects[0].what == postponements.NAMES[key]
    assert effects[0].after == postponements.written(key, end)
