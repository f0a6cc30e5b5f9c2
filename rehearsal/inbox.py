"""What lies in people's phones and mail boxes: messages that the workers sent, with their links."""

from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from django.db.models import Q

from payouts import texts
from payouts.models import Message
from rehearsal.cast import Holder, Traveller

Who = Traveller | Holder
CHUNK = 500
LINK = Q(
    kind="link", link__replaced_at=None, link__locked_at=None, link__payout__state="ready"
) & Q(link__payout__road="points")


def receiving(people: Iterable[Who], which: Q = LINK) -> Iterator[tuple[Who, str]]:
    """Everybody who can receive, with each living link that reached them."""
    yield from _links(people, which)


def questions(people: Iterable[Who]) -> Iterator[tuple[Who, str]]:
    """Everybody who was asked back, with the newest link of it."""
    newest: dict[int, tuple[Who, str]] = {}
    for who, path in _links(people, Q(kind__in=["ask", "number"])):
        newest[id(who)] = (who, path)
    yield from newest.values()


def _links(people: Iterable[Who], which: Q) -> Iterator[tuple[Who, str]]:
    rest = iter(people)
    while some := list(islice(rest, CHUNK)):
        by_address: dict[str, list[Who]] = {}
        for who in some:
            for address in who.person.addresses:
                by_address.setdefault(address, []).append(who)
        rows = Message.objects.filter(which, address__in=by_address, state="sent")
        for message in rows.select_related("link__payout").order_by("pk"):
            path = urlsplit(texts.link_of(message)).path
            for who in by_address[message.address]:
                if who.coupons[0].prefecture == message.prefecture_code:  # an account may have two
                    yield who, path
