"""The words of the desk's pages."""

from datetime import datetime

from applications.templatetags import desk
from config.clock import JST


def test_a_difference_is_told_in_words() -> None:
    detail = {"sealed": {"balance": 0, "in_app": True}, "ledger": {"balance": 1, "category": ""}}

    assert (
        desk.details(detail) == "確定（残額：0、アプリ利用中：はい）、台帳（残額：1、区分：なし）"
    )
    assert desk.details({"kind": "payment", "amount": 300}) == "種別：決済、金額：300"


def test_moments_show_their_seconds_and_counts_their_thousands() -> None:
    assert desk.second(datetime(2023, 2, 24, 18, 0, 20, tzinfo=JST)) == "2/24 18:00:20"
    assert desk.many(1_000_000) == "1,000,000"


def test_columns_of_an_export_have_the_offices_names() -> None:
    assert (desk.coupon_field("issuer"), desk.coupon_field("occurred_at")) == (
        "クーポンの発行店",
        "日時",
    )
    assert desk.coupon_field("whatever") == "whatever"
