"""A claim gets another number: an amendment with history, and two people from then on."""

import pytest

from applications import matching, numbering, review
from applications.models import Amendment, Application, Claim
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db


def claim_of(row: Application) -> Claim:
    return row.claims.select_related("application").get()


def test_a_typo_put_right_is_kept_with_its_old_value_and_compared_anew() -> None:
    coupon, clerk = rows.coupon("123456789013"), rows.clerk()
    row = rows.application("123456789012")
    matching.rematch()

    claim = numbering.use_number(claim_of(row), coupon, by=clerk, text="電話で確認")

    assert (claim.inquiry_number, claim.typed_number) == ("123456789013", "123456789012")
    assert (claim.match, claim.coupon) == ("clean", coupon)
    amended = Amendment.objects.get()
    assert (amended.field, amended.old, amended.new) == (
        "inquiry_number",
        "123456789012",
        "123456789013",
    )
    assert (amended.by, amended.claim, amended.application) == (clerk, claim, row)
    assert "電話で確認" in row.notes.get().text


def test_what_a_clerk_amended_is_not_checked_by_the_matching_alone() -> None:
    row = rows.application("123456789012")
    numbering.use_number(claim_of(row), rows.coupon("123456789013"), by=rows.clerk())

    with pytest.raises(Refused) as caught:
        review.check_clean(row)
    assert caught.value.code == "unclean"


def test_a_lost_number_is_found() -> None:
    row = rows.application("")

    claim = numbering.use_number(claim_of(row), rows.coupon(), by=rows.clerk())

    assert claim.match == "clean"


def test_a_number_that_another_applicant_asks_for_is_contested_on_both_sides() -> None:
    coupon = rows.coupon()
    other, row = rows.application(coupon), rows.application("")
    matching.rematch()

    numbering.use_number(claim_of(row), coupon, by=rows.clerk())

    assert [claim_of(each).match for each in (other, row)] == ["contested", "contested"]


def test_another_prefectures_coupon_is_refused() -> None:
    row = rows.application("")
    with pytest.raises(Refused) as caught:
        numbering.use_number(claim_of(row), rows.coupon(prefecture_code="24"), by=rows.clerk())
    assert caught.value.code == "prefecture"


def test_a_number_of_the_same_application_is_refused() -> None:
    coupon = rows.coupon()
    row = rows.application(coupon, "")
    claim = row.claims.select_related("application").get(position=2)
    with pytest.raises(Refused) as caught:
        numbering.use_number(claim, coupon, by=rows.clerk())
    assert caught.value.code == "twice"


def test_after_the_check_no_number_changes() -> None:
    row = rows.application("123456789012")
    claim = claim_of(row)
    review.check(row, {claim.pk: ("not_covered", "unconfirmed")}, by=rows.clerk())

    with pytest.raises(Refused, match="差し戻して"):
        numbering.use_number(claim_of(row), rows.coupon("123456789013"), by=rows.clerk())
    assert Amendment.objects.count() == 0


def test_a_clerk_of_another_prefecture_amends_nothing() -> None:
    row = rows.application("123456789012")
    with pytest.raises(Refused):
        numbering.use_number(
            claim_of(row), rows.coupon("123456789013"), by=rows.clerk("reviewer", "24")
        )
