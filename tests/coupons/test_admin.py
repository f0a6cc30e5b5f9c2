"""The ledger's pages in the office: to look at, found by number, never counted to the end."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice

from config import clock
from coupons import sealing
from coupons.admin import COUNTED, LongList, as_number
from coupons.models import Coupon
from tests.coupons.exports import AFTER, give_back, in_app, movement, take_in

pytestmark = pytest.mark.django_db
PAGES = ("coupon", "import", "seal", "difference", "doublecharge")


@pytest.fixture
def office(client: Client) -> Client:
    """A browser logged in with a second factor."""
    user = User.objects.create_superuser("manager")
    device = StaticDevice.objects.create(user=user, name="test", confirmed=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


@pytest.fixture
def coupon(tmp_path: Path) -> Coupon:
    debit = movement()
    moves = [debit, give_back("T2", debit, "2023-03-06T15:00:00")]
    take_in(tmp_path, [in_app(), in_app("000000000002")], moves)
    with clock.at(AFTER):
        sealing.seal()
    return Coupon.objects.get(inquiry_number="000000000001")


@pytest.mark.parametrize("name", PAGES)
def test_lists_open_and_offer_no_adding(office: Client, coupon: Coupon, name: str) -> None:
    response = office.get(reverse(f"admin:coupons_{name}_changelist"))
    assert response.status_code == 200
    assert not response.context["has_add_permission"]
    assert office.get(reverse(f"admin:coupons_{name}_add")).status_code == 403


def test_coupon_page_shows_the_running_balance_and_no_button(
    office: Client, coupon: Coupon
) -> None:
    response = office.get(reverse("admin:coupons_coupon_change", args=[coupon.pk]))
    formset = response.context["inline_admin_formsets"][0]
    assert [entry.balance for entry in formset.formset.queryset] == [1700, 2000]
    assert "_save" not in response.content.decode()
    url = reverse("admin:coupons_coupon_change", args=[coupon.pk])
    assert office.post(url, {"face_value": 1}).status_code == 403
    assert (
        office.post(
            reverse("admin:coupons_coupon_delete", args=[coupon.pk]), {"post": "yes"}
        ).status_code
        == 403
    )


@pytest.mark.parametrize("typed", ["000000000001", "０００００００００００１", "0000-0000 0001"])
def test_search_finds_the_exact_number(office: Client, coupon: Coupon, typed: str) -> None:
    response = office.get(reverse("admin:coupons_coupon_changelist"), {"q": typed})
    assert list(response.context["cl"].queryset) == [coupon]


def test_search_by_a_part_finds_nothing(office: Client, coupon: Coupon) -> None:
    response = office.get(reverse("admin:coupons_coupon_changelist"), {"q": "00000000"})
    assert list(response.context["cl"].queryset) == []


def test_filter_by_prefecture_names_those_of_the_notice(office: Client, coupon: Coupon) -> None:
    url = reverse("admin:coupons_coupon_changelist")
    found = [
        office.get(url, {"prefecture_code": code}).context["cl"].result_count
        for code in ("22", "13")
    ]
    assert found == [2, 0]


def test_search_keeps_words_as_typed() -> None:
    assert as_number(" ＡＢ－１ ") == "AB-1"


def test_long_lists_are_counted_to_a_limit(
    coupon: Coupon, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    pages = LongList(Coupon.objects.order_by("id"), 50)
    with django_assert_num_queries(1) as queries:
        assert pages.count == 2
    assert f"LIMIT {COUNTED}" in queries[0]["sql"]
