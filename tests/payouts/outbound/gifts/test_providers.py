"""Which provider pays a brand."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from payouts.outbound.gifts.api import Api
from payouts.outbound.gifts.providers import provider_for


def test_provider_for_reads_the_setting(settings: Settings) -> None:
    settings.GIFT_SECRET = "common"
    settings.GIFT_PROVIDERS = {
        "amazon": "api+http://127.0.0.1:8100",
        "paypay": "api+https://Partner:s%40@gifts.example/v2?min=15&max=9000",
        "edy": "stock",
    }
    amazon, paypay = provider_for("amazon"), provider_for("paypay")
    assert isinstance(amazon, Api)
    assert isinstance(paypay, Api)
    assert (amazon.endpoint.key, amazon.endpoint.secret, amazon.least) == ("Hosho", "common", 1)
    assert (paypay.endpoint.key, paypay.endpoint.secret) == ("Partner", "s@")
    assert (paypay.endpoint.path, paypay.least, paypay.most) == ("/v2", 15, 9000)
    assert provider_for("edy") is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "shop",
        "api",
        "api+ftp://host",
        "api+http://",
        "api+http://h?min=x",
        "api+http://h?min=0",
    ],
)
def test_provider_for_refuses_a_setting_it_does_not_understand(
    settings: Settings, address: str
) -> None:
    settings.GIFT_PROVIDERS = {"amazon": address}
    with pytest.raises(ImproperlyConfigured, match="GIFT_PROVIDERS"):
        provider_for("amazon")


def test_a_brand_that_is_not_named_is_paid_from_the_stock(settings: Settings) -> None:
    settings.GIFT_PROVIDERS = {}
    assert provider_for("ponta") is None
