"""The pages of contested coupons and of the lost-number search over HTTP."""

import pytest
from django.test import Client

from applications import matching, receipts, roles
from applications.models import Amendment, Application, Contest
from config.models import AccessLog
from tests.applications import rows

pytestmark = pytest.mark.django_db

COUPONS = "/admin/coupons/coupon/"


def two(**values: str) -> tuple[Application, Application, str]:
    coupon = rows.coupon()
    one, other = rows.application(coupon), rows.application(coupon, name="別の人", **values)
    matching.rematch()
    return one, other, f"{COUPONS}contested/{coupon.inquiry_number}/"


def test_both_stand_beside_each_other_and_both_count_as_seen(client: Client) -> None:
    one, other, address = two()
    text = rows.signed_in(client, rows.clerk()).get(address).content.decode()

    for row in (one, other):
        assert receipts.written(row.receipt_number) in text
    noted = AccessLog.objects.filter(subject="application").values_list("subject_id", flat=True)
    assert sorted(noted) == sorted([str(one.pk), str(other.pk)])


def test_a_decision_is_recorded(client: Client) -> None:
    one, other, address = two()
    clerk = rows.clerk()
    rows.signed_in(client, clerk)
    chosen = one.claims.get()

    posted = {"chosen": chosen.pk, "others": "not_covered", "text": "発行店の受領書"}
    assert client.post(f"{address}decide/", posted).url == address

    assert (Contest.objects.get().chosen, Contest.objects.get().by) == (chosen, clerk)
    assert other.claims.get().proposal == "not_covered"
    assert "判断済み" in client.get(f"{COUPONS}contested/", {"all": ""}).content.decode()


def test_nothing_chosen_is_asked_back_with_the_text_kept(client: Client) -> None:
    _, _, address = two()
    rows.signed_in(client, rows.clerk())

    answer = client.post(f"{address}decide/", {"text": "受領書を確認"})

    assert answer.status_code == 409
    assert "受領書を確認" in answer.content.decode()


@pytest.mark.parametrize("role", roles.LABELS)
def test_reviewer_and_manager_decide(client: Client, role: str) -> None:
    one, _, address = two()
    rows.signed_in(client, rows.clerk(role))
    posted = {"chosen": one.claims.get().pk, "text": "受領書"}

    assert client.get(address).status_code == 200
    assert client.post(f"{address}decide/", posted).status_code == (
        302 if role in ("reviewer", "manager") else 403
    )


def test_a_side_of_another_prefecture_is_counted_and_not_shown(client: Client) -> None:
    one, other, address = two(prefecture_code="24")
    rows.signed_in(client, rows.clerk("reviewer", "22"))

    text = client.get(address).content.decode()

    assert "ほかに1件あります" in text
    assert receipts.written(other.receipt_number) not in text
    assert "判断を記録する" not in text
    answer = client.post(f"{address}decide/", {"chosen": one.claims.get().pk, "text": "x"})
    assert (answer.status_code, Contest.objects.count()) == (409, 0)


def test_what_nobody_of_these_prefectures_asks_for_does_not_exist(client: Client) -> None:
    _, _, address = two()
    rows.signed_in(client, rows.clerk("reviewer", "24"))

    assert client.get(address).status_code == 404


def test_a_lost_number_is_found_by_its_issuer_and_taken(client: Client) -> None:
    coupon = rows.coupon(issuer="㈱見本ホテル")
    row = rows.application("", issuer="見本ほてる")
    clerk = rows.clerk()
    rows.signed_in(client, clerk)
    claim = row.claims.get()

    text = client.get(f"{COUPONS}issuers/", {"claim": claim.pk}).content.decode()
    assert coupon.inquiry_number in text
    answer = client.post(f"{COUPONS}use/{claim.pk}/", {"number": coupon.inquiry_number})

    assert answer.url == f"/admin/applications/application/{row.pk}/change/"
    claim.refresh_from_db()
    assert (claim.inquiry_number, claim.match) == (coupon.inquiry_number, "clean")
    assert Amendment.objects.get().by == clerk


def test_a_typo_is_put_right_from_the_application_page(client: Client) -> None:
    rows.coupon("123456789013")
    row = rows.application("123456789012")
    matching.rematch()
    rows.signed_in(client, rows.clerk())

    text = client.get(f"/admin/applications/application/{row.pk}/change/").content.decode()

    assert f'action="{COUPONS}use/{row.claims.get().pk}/"' in text
    assert "123456789013をこの申請の番号にする" in text


@pytest.mark.parametrize("role", roles.LABELS)
def test_who_may_give_a_number(client: Client, role: str) -> None:
    coupon, row = rows.coupon(), rows.application("")
    rows.signed_in(client, rows.clerk(role))
    may = role in ("call_centre", "reviewer", "manager")

    answer = client.post(f"{COUPONS}use/{row.claims.get().pk}/", {"number": coupon.inquiry_number})

    assert answer.status_code == (302 if may else 403)
    assert Amendment.objects.count() == may


def test_coupons_and_claims_of_other_prefectures_are_out_of_reach(client: Client) -> None:
    coupon, row = rows.coupon(prefecture_code="24", issuer="伊勢旅館"), rows.application("")
    rows.signed_in(client, rows.clerk("reviewer", "22"))
    pk = row.claims.get().pk

    assert client.post(f"{COUPONS}use/{pk}/", {"number": coupon.inquiry_number}).status_code == 404
    wanted = {"prefecture": "24", "travel_end": "2023/2/24", "issuer": "伊勢旅館"}
    assert coupon.inquiry_number not in client.get(f"{COUPONS}issuers/", wanted).content.decode()
    rows.signed_in(client, rows.clerk("reviewer", "24"))
    assert client.post(f"{COUPONS}use/{pk}/", {"number": coupon.inquiry_number}).status_code == 404
