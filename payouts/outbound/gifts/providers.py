"""Which provider pays a brand: GIFT_PROVIDERS, `amazon=api+https://PARTNER:SECRET@host,edy=stock`."""

from functools import cache
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payouts.outbound.gifts.api import Api
from payouts.outbound.gifts.provider import GiftProvider
from payouts.outbound.signed_http import Endpoint

PARTNER = "Hosho"  # where the address names none, as the simulator of this repository expects


def provider_for(brand: str) -> GiftProvider | None:
    """The api that pays a brand; None where codes come from our own stock, as for any not named.

    Raises ImproperlyConfigured for what is neither.
    """
    found = settings.GIFT_PROVIDERS.get(brand, "stock")
    if found == "stock":
        return None
    return api(found, settings.PROVIDER_TIMEOUT_SECONDS, settings.GIFT_SECRET)


@cache
def api(address: str, timeout: float, secret: str) -> Api:
    """The client behind one address; `timeout` in seconds. `secret` serves where it names none."""
    kind, _, url = address.partition("+")
    endpoint = Endpoint.of(url, timeout, PARTNER, secret)
    if kind != "api" or endpoint.scheme not in ("http", "https") or not endpoint.host:
        raise ImproperlyConfigured("GIFT_PROVIDERS: neither stock nor api+https://…")
    query = parse_qs(urlsplit(url).query)
    try:
        least, most = int(query.get("min", ["1"])[0]), int(query.get("max", ["500000"])[0])
    except ValueError:
        raise ImproperlyConfigured("GIFT_PROVIDERS: min and max are whole yen") from None
    if not 1 <= least <= most:
        raise ImproperlyConfigured("GIFT_PROVIDERS: min and max contradict each other")
    return Api(endpoint, least, most)
