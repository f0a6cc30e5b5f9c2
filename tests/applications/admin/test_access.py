"""Who looked at what: the screen of the auditor and the manager, and the rows behind it."""

from datetime import timedelta

import psycopg
import pytest
from django.test import Client

from applications import review
from config import access, clock
from config.models import AccessLog
from payouts.models import Payout
from tests.applications import rows

LOG = "/admin/config/accesslog/"


def shown(client: Client, query: str = "") -> list[tuple[str, str]]:
    """Subject and id of the rows of the screen."""
    page = client.get(LOG + query)
    assert page.status_code == 200
    return [(row.subject, row.subject_id) for row in page.context["cl"].result_list]


@pytest.mark.django_db
def test_the_screen_is_narrowed_by_person_subject_act_and_day(client: Client) -> None:
    first, second = rows.clerk("reviewer"), rows.clerk("call_centre")
    with clock.at(clock.now() - timedelta(days=1)):
        access.viewed(first, "application", 7)
    access.revealed(second, "application", 7, "phone")
    access.exported(second, "payout", detail="state=ready")
    rows.signed_in(client, rows.clerk("auditor"))

    assert shown(client) == [("payout", ""), ("application", "7"), ("application", "7")]
    assert shown(client, f"?by={first.pk}") == [("application", "7")]
    assert shown(client, "?act=export") == [("payout", "")]
    assert shown(client, "?act=reveal") == [("application", "7")]
    assert len(shown(client, "?about=application")) == 2
    assert len(shown(client, "?about=application:7")) == 2
    assert shown(client, "?about=application:8") == []
    yesterday = (clock.now() - timedelta(days=1)).date()
    assert shown(client, f"?day={yesterday}") == [("application", "7")]
    assert len(shown(client, "?day=nonsense&by=x&act=y")) == 3


@pytest.mark.django_db
def test_who_looked_at_an_application_counts_its_payout_too(client: Client) -> None:
    row = review.check_clean(rows.application(rows.coupon()))
    review.approve(row, by=rows.clerk("approver"))
    by = rows.clerk("payer")
    access.viewed(by, "payout", Payout.objects.get().pk)
    access.viewed(by, "payout", 999)
    rows.signed_in(client, rows.clerk("manager"))

    assert shown(client, f"?about=application:{row.pk}") == [
        ("payout", str(Payout.objects.get().pk))
    ]
    page = client.get(f"/admin/applications/application/{row.pk}/change/").content.decode()
    assert f"{LOG}?about=application:{row.pk}" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "applications/application/{application}/change/",
        "payouts/payout/{payout}/change/",
        "coupons/coupon/{coupon}/change/",
    ],
)
def test_opening_a_person_s_record_is_noted(client: Client, path: str) -> None:
    coupon = rows.coupon()
    row = review.check_clean(rows.application(coupon))
    review.approve(row, by=rows.clerk("approver"))
    ids = {"application": row.pk, "payout": Payout.objects.get().pk, "coupon": coupon.pk}
    user = rows.clerk("auditor")
    rows.signed_in(client, user)
    assert client.get("/admin/" + path.format(**ids)).status_code == 200

    log = AccessLog.objects.get()
    assert (log.by, log.act, log.subject_id) == (user, "view", str(ids[log.subject]))
    text = " ".join(map(str, (log.subject, log.subject_id, log.detail)))
    assert row.name not in text
    assert coupon.inquiry_number not in text


def test_no_row_is_changed_or_deleted_by_the_processes(app_role: psycopg.Connection) -> None:
    access.viewed(rows.clerk("auditor"), "application", 1)

    for statement in ("UPDATE config_accesslog SET act = ''", "DELETE FROM config_accesslog"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_role.execute(statement)
    assert AccessLog.objects.count() == 1
