"""Whose request it is: the address of the client, as far as our own proxies vouch for it.

Each trusted proxy appends the address that it saw to X-Forwarded-For, so that what can be believed
is counted from the right; all before it may be forged (TRUSTED_PROXIES).
"""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

SHARED_BITS = 64  # of an IPv6 address; the rest is one household's own to change


def client(request: HttpRequest) -> str:
    """The address to count by, "" where there is none: an IPv4 address, or an IPv6 network."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    believed = settings.TRUSTED_PROXIES
    if believed and len(forwarded) >= believed and (seen := _known(forwarded[-believed])):
        return seen
    return _known(request.META.get("REMOTE_ADDR", ""))


def _known(text: str) -> str:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, SHARED_BITS), strict=False))
