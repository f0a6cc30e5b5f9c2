"""Who goes astray in the office stays in it."""

import pytest
from django.test import Client

from coupons.models import Difference
from tests.applications import rows

pytestmark = pytest.mark.django_db


def test_the_office_s_own_404_and_403(client: Client) -> None:
    row = rows.application("", prefecture_code="24")
    rows.signed_in(client, rows.clerk("reviewer", "22"))

    lost = client.get(f"/admin/applications/application/{row.pk}/change/")
    barred = client.get("/admin/payouts/batch/")

    assert (lost.status_code, barred.status_code) == (404, 403)
    assert ["user-tools" in page.content.decode() for page in (lost, barred)] == [True, True]
    assert "このページを開く権限がありません" in barred.content.decode()


def test_strangers_and_travellers_see_the_public_one(client: Client) -> None:
    lost = client.get("/nowhere/").content.decode()
    rows.signed_in(client, rows.clerk())
    also = client.get("/nowhere/").content.decode()

    assert ["user-tools" in page for page in (lost, also)] == [False, False]


@pytest.mark.parametrize("query", ["?q=%00", "?state=%00", "?prefecture=22%00"])
def test_a_list_refuses_what_is_no_text(client: Client, query: str) -> None:
    rows.signed_in(client, rows.clerk())

    assert client.get("/admin/applications/application/" + query).status_code == 400


def test_a_note_is_kept_without_what_no_eye_sees(client: Client) -> None:
    row = rows.application("")
    rows.signed_in(client, rows.clerk())
    address = f"/admin/applications/application/{row.pk}/act/note/"

    assert client.post(address, {"text": "電話\x00した\n\u202e折り返し"}).status_code == 302
    assert client.post(address, {"text": "\x00"}).status_code == 409
    assert [note.text for note in row.notes.all()] == ["電話した\n折り返し"]


def test_differences_of_other_prefectures_are_not_listed(client: Client) -> None:
    run = rows.Import.objects.create(at=rows.ARRIVED, coupons_file="c", transactions_file="t")
    own, other = rows.coupon(), rows.coupon(prefecture_code="24")
    for key, coupon in enumerate((own, other, None)):
        Difference.objects.create(
            kind="unknown", key=str(key), coupon=coupon, detail={}, at=rows.ARRIVED, import_run=run
        )

    def listed(*prefectures: str) -> list[object]:
        rows.signed_in(client, rows.clerk("reviewer", *prefectures))
        found = client.get("/admin/coupons/difference/").context["cl"].result_list
        return sorted(row.coupon_id or 0 for row in found)

    assert listed("22") == [own.pk]
    assert listed() == sorted([0, own.pk, other.pk])
