import random
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from applications import draft as drafts
from applications.draft import Draft, Receipt
from applications.forms.journey import STEPS, Journey
from config import clock

LETTERS = [chr(code) for code in (*range(0x4E00, 0x9FA5), *range(0x20000, 0x2A6D6))]
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"


def request_with(response: HttpResponse):
    request = RequestFactory().get("/apply/")
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    return request


def largest_steps(seed: int) -> dict[str, dict[str, str]]:
    """A legal application of the greatest length in every box, as hard to compress as names get."""
    rng = random.Random(seed)

    def line(length: int) -> str:
        return "".join(rng.choices(LETTERS, k=length))

    def email() -> str:
        labels = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=61)) for _ in "abc"]
        return "".join(rng.choices(PLAIN[:62], k=62)) + "@" + ".".join([*labels, "jp"])

    def number() -> str:
        digits = "".join(rng.choices("0123456789", k=12))
        return "".join(digit + rng.choice("-ー　 －") for digit in digits)

    coupons = {f"inquiry_number_{row}": number() for row in range(10)}
    coupons |= {
        f"coupon_use_{row}": rng.choice(["paper", "charged", "left", "unknown"])
        for row in range(10)
    }
    return {
        "coupons": coupons
        | {
            "prefecture": "47",
            "travel_type": "stay",
            "travel_start_year": "令和　５　年",
            "travel_start_month": "２月",
            "travel_start_day": "２３日（木）",
            "travel_end_year": "令和　５　年",
            "travel_end_month": "２月",
            "travel_end_day": "２４日（金）",
            "expires_on_outage_day": "unknown",
            "coupon_use_0": "charged",
            "number_unknown": "on",
            "issuer": line(60),
        },
        "person": {
            "name": line(60),
            "kana": "".join(rng.choices("アイウエオガギグゲゴサシスセソパピプペポヴャュョ", k=60)),
            "phone": "０９０ー１２３４ー５６７８",
            "email": email(),
        },
        "receive": {
            "method": "bank",
            "channel": "email",
            "delivery_phone": "０８０ー１２３４ー５６７８",
            "delivery_email": email(),
        },
        "bank": {
            "bank": line(30),
            "branch": line(30),
            "account_type": "4",
            "account_number": "１ー２３４５６７",
            "account_holder_kana": "".join(rng.choices("アイウエオカキクケコサシスセソ", k=60)),
            "holder_relation": "former_name",
            "holder_consent": "on",
            "postal_code": "〒４２０ー８６０１",
            "address": line(120),
            "lodging": line(60),
            "booking_name": line(60),
            "app_contact": email(),
        },
    }


def kept(steps: dict[str, dict[str, str]], at) -> dict[str, dict[str, str]]:
    journey = Journey(steps, at=at, extended={})
    assert journey.next_step() == "check", {
        name: dict(journey.judged(name).errors) for name in journey.route()
    }
    return {name: journey.judged(name).typed() for name in journey.route()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
def test_largest_legal_draft_fits_its_cookie(open_day, seed):
    steps = kept(largest_steps(seed), open_day)
    response = HttpResponse()
    drafts.save(response, Draft(steps=steps))
    assert len(response.cookies[drafts.NAME].value) <= drafts.LIMIT
    assert drafts.load(request_with(response)).steps == steps


@pytest.mark.django_db
def test_spelling_longer_than_the_stored_form_is_kept_as_stored(open_day):
    steps = largest_steps(1)
    steps["coupons"]["inquiry_number_0"] = "　".join("1234567890123"[:12]) + " " * 50 + "-" * 40
    steps["person"]["name"] = "静岡" + " " * 1000 + "花子"
    steps["coupons"]["travel_end_year"] = " " * 40 + "2 0 2 3" + "　年" + "\u200b" * 5
    found = kept(steps, open_day)
    assert found["coupons"]["inquiry_number_0"] == "123456789012"
    assert found["person"]["name"] == "静岡 花子"


def test_draft_comes_back_as_it_was():
    draft = Draft(steps={"person": {"name": "髙橋 𠮷田"}})
    response = HttpResponse()
    drafts.save(response, draft)
    found = drafts.load(request_with(response))
    assert (found.submission_id, found.steps) == (draft.submission_id, draft.steps)


def test_draft_tells_nothing_of_its_content():
    response = HttpResponse()
    drafts.save(response, Draft(steps={"person": {"name": "Hanako"}}))
    assert "Hanako" not in response.cookies[drafts.NAME].value
    assert quote(response.cookies[drafts.NAME].value) == response.cookies[drafts.NAME].value


def test_draft_lives_for_a_day():
    for age, alive in ((timedelta(hours=23, minutes=59), True), (timedelta(hours=24), False)):
        response = HttpResponse()
        drafts.save(response, Draft(started_at=clock.real_now() - age))
        assert (drafts.load(request_with(response)) is not None) is alive
    assert response.cookies[drafts.NAME]["max-age"] == 86_400


def test_every_draft_has_its_own_id():
    assert Draft().submission_id != Draft().submission_id


def test_cookie_of_another_kind_does_not_open(open_day):
    response = HttpResponse()
    drafts.save_receipt(response, Receipt("1", "2", open_day, "points", "sms"))
    request = request_with(response)
    request.COOKIES[drafts.NAME] = request.COOKIES[drafts.RECEIPT_NAME]
    assert drafts.load(request) is None
    assert drafts.load_receipt(request) == Receipt("1", "2", open_day, "points", "sms")


def test_carried_over_draft_forgets_the_coupons_only():
    steps = {
        "coupons": {"prefecture": "22", "inquiry_number_0": "1", "coupon_use_0": "paper"},
        "person": {"name": "花子"},
    }
    draft = Draft(steps=steps)
    onward = draft.carried_over()
    assert onward.steps == {"coupons": {"prefecture": "22"}, "person": {"name": "花子"}}
    assert onward.submission_id != draft.submission_id
    assert "inquiry_number_0" in draft.steps["coupons"]


def test_order_names_every_box_of_every_step(open_day):
    steps = largest_steps(1)
    for stay in ("stay", "day_trip"):
        steps["coupons"]["travel_type"] = stay
        journey = Journey(steps, at=open_day, extended={})
        for name in STEPS:
            names, form = drafts.ORDER[name], journey.form(name)
            boxes = [
                box
                for field in form.fields
                for box in (
                    [f"{field}_{part}" for part in ("year", "month", "day")]
                    if field in ("travel_start", "travel_end")
                    else [field]
                )
            ]
            assert set(boxes) <= set(names)
