"""Lists of what leaves the office: read only, of the own prefectures, no code shown."""

import pytest
from django.test import Client

from applications import review
from config.models import AccessLog
from payouts.models import Code, Message, Payout
from tests.applications import rows

pytestmark = pytest.mark.django_db
LISTS = ("payout", "message", "code", "batch", "transfer", "order", "office")


def paid(**values: str) -> Payout:
    """A payout as an approval opens it."""
    row = review.check_clean(rows.application(rows.coupon(), **values))
    review.approve(row, by=rows.clerk("approver"))
    return Payout.objects.latest("pk")


def code(**values: object) -> Code:
    """A code of the stock."""
    return Code.objects.create(
        **{
            "prefecture_code": "22",
            "brand": "ponta",
            "face_value": 500,
            "secret": b"sealed secret",
            "code_hash": b"h" * 32,
            "management_number": "M1",
            "expires_on": rows.DAY,
            "imported_at": rows.ARRIVED,
        }
        | values
    )


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_for_the_auditor(client: Client, name: str) -> None:
    rows.signed_in(client, rows.clerk("auditor"))

    assert client.get(f"/admin/payouts/{name}/").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_nobody_adds_changes_or_deletes_there(client: Client, name: str) -> None:
    payout = paid()
    rows.signed_in(client, rows.clerk("payer", is_superuser=True))

    assert client.get(f"/admin/payouts/{name}/add/").status_code == 403
    assert client.post(f"/admin/payouts/payout/{payout.pk}/delete/").status_code == 403
    assert client.post(f"/admin/payouts/payout/{payout.pk}/change/").status_code == 403


def test_a_payout_of_another_prefecture_is_neither_listed_nor_opened(client: Client) -> None:
    payout = paid()
    rows.signed_in(client, rows.clerk("payer", "24"))

    page = client.get("/admin/payouts/payout/")
    assert list(page.context["cl"].result_list) == []
    assert client.get(f"/admin/payouts/payout/{payout.pk}/change/").status_code == 404


def test_a_payout_shows_its_lines_and_history_and_the_opening_is_noted(client: Client) -> None:
    payout = paid()
    rows.signed_in(client, rows.clerk("payer"))

    text = client.get(f"/admin/payouts/payout/{payout.pk}/change/").content.decode()

    assert payout.lines.get().coupon.inquiry_number in text
    assert payout.approved_by.get_username() in text
    assert ("<script" in text, "style=" in text) == (False, False)
    log = AccessLog.objects.get()
    assert (log.subject, log.subject_id) == ("payout", str(payout.pk))


def test_the_stock_never_shows_a_code(client: Client) -> None:
    row = code()
    rows.signed_in(client, rows.clerk("auditor"))
    pages = [
        client.get("/admin/payouts/code/").content,
        client.get(f"/admin/payouts/code/{row.pk}/change/").content,
    ]

    assert [b"M1" in page for page in pages] == [True, True]
    assert [b"sealed" in page or b"secret" in page for page in pages] == [False, False]


def test_a_message_is_found_by_its_subject(client: Client) -> None:
    Message.objects.create(
        key="a",
        kind="receipt",
        channel="sms",
        address="+819012345678",
        prefecture_code="22",
        subject="application:7",
        written_at=rows.ARRIVED,
        due_at=rows.ARRIVED,
    )
    rows.signed_in(client, rows.clerk("call_centre"))

    found = client.get("/admin/payouts/message/?q=application:7").context["cl"].result_list
    assert [message.subject for message in found] == ["application:7"]


@pytest.mark.parametrize(
    ("role", "status"),
    [("call_centre", 403), ("reviewer", 403), ("approver", 200), ("payer", 200), ("manager", 200)],
)
def test_money_is_for_those_who_handle_it(client: Client, role: str, status: int) -> None:
    rows.signed_in(client, rows.clerk(role))

    assert client.get("/admin/payouts/batch/").status_code == status


def test_a_coupon_of_another_prefecture_is_neither_listed_nor_opened(client: Client) -> None:
    own, other = rows.coupon(), rows.coupon(prefecture_code="24")
    rows.signed_in(client, rows.clerk("reviewer", "22"))

    page = client.get("/admin/coupons/coupon/")
    opened = [
        client.get(f"/admin/coupons/coupon/{row.pk}/change/").status_code for row in (own, other)
    ]

    assert list(page.context["cl"].result_list) == [own]
    assert opened == [200, 404]
    assert AccessLog.objects.get().subject == "coupon"
