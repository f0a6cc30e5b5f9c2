"""What is held on a person goes to the person, whole, by a manager, and is written down."""

import json
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from applications import channels, disclosure, review
from applications.models import Application
from config.models import AccessLog
from tests.applications import rows

pytestmark = pytest.mark.django_db


def told() -> Application:
    """A bank application with its receipt message and a remark of the office."""
    row = rows.application(rows.coupon(), method="bank")
    channels.tell_receipt(row)
    review.write_note(row, rows.clerk("reviewer"), "折り返しのお電話を希望", rows.ARRIVED)
    return row


def address(row: Application) -> str:
    return reverse("admin:applications_disclosure", args=[row.pk])


def test_everything_held_is_handed_out_as_a_file(client: Client) -> None:
    row, manager = told(), rows.clerk("manager")
    answer = rows.signed_in(client, manager).post(address(row), {"form": "json"})
    content = json.loads(answer.content)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="kaiji-')
    assert [each["お名前"] for each in content["申請"]] == [row.name]
    assert [each["番号"] for each in content["振込先口座"]] == ["1234567"]
    assert [each["メモ"] for each in content["メモ"]] == ["折り返しのお電話を希望"]
    assert [each["種類"] for each in content["通知"]] == ["受付のお知らせ"]
    noted = AccessLog.objects.filter(act="export").values_list("by", "subject_id", "detail")
    assert list(noted) == [(manager.pk, str(row.pk), "disclosure json")]


def test_a_look_counts_and_shows_nobody(client: Client) -> None:
    row = told()
    rows.signed_in(client, rows.clerk("manager"))
    counted = client.get(address(row)).content.decode()
    assert row.name not in counted
    assert AccessLog.objects.filter(act="export").exists() is False
    assert row.name in client.post(address(row), {"form": "print"}).content.decode()


def test_only_a_manager_of_the_prefecture_hands_out(client: Client) -> None:
    row = told()
    for who, status in (
        (rows.clerk("reviewer"), 403),
        (rows.clerk("auditor"), 403),
        (rows.clerk("manager", "13", username="elsewhere"), 404),
    ):
        rows.signed_in(client, who)
        assert client.get(address(row)).status_code == status
        assert client.post(address(row), {"form": "json"}).status_code == status


def hanging(model: type[models.Model]) -> Iterator[type[models.Model]]:
    """The models whose rows name a row of this one."""
    for field in model._meta.get_fields():
        if field.one_to_many or (field.one_to_one and field.auto_created):
            yield field.related_model


def test_no_table_on_a_person_is_forgotten() -> None:
    named = {name for tables in disclosure.HELD.values() for name in tables}
    found = {each for name in named for each in hanging(apps.get_model(name))}
    ours = {each._meta.label for each in found if not each._meta.auto_created}
    assert sorted(ours - named - set(disclosure.APART)) == []
    assert sorted(set(disclosure.APART) & named) == []


def test_another_persons_remark_is_not_in_it() -> None:
    row, other = told(), rows.application(rows.coupon("000000000777"))
    review.write_note(other, rows.clerk("approver"), "別の方", rows.ARRIVED)
    words = {value for table in disclosure.held(row) for line in table.rows for value in line}
    assert ("折り返しのお電話を希望" in words, "別の方" in words) == (True, False)
