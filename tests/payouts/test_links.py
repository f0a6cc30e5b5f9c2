"""The proof at a personal link: compared five times at the most, however many try at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from config import clock
from config.states import Refused
from payouts import links, opening
from payouts.models import Link, Payout
from tests.payouts import rows


def sent() -> Link:
    """The link of a payout that can be taken, with 4321 as a proof."""
    coupon = rows.coupon("000000004321", yen=1500)
    rows.seal(coupon)
    rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    return Link.objects.get()


def answer(link: Link, typed: str) -> str:
    """How one proof is answered, "right" where it is one."""
    try:
        links.prove(link, [typed])
    except Refused as refused:
        return refused.code
    return "right"


def on_its_own(pair: tuple[int, str]) -> str:
    """One proof over a connection of its own, by a page that was opened before."""
    try:
        return answer(Link.objects.get(pk=pair[0]), pair[1])
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_twelve_wrong_at_once_are_five_and_the_right_one_is_too_late() -> None:
    link = sent()
    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(on_its_own, [(link.pk, f"{number:04}") for number in range(12)]))
    assert Counter(given) == {"wrong": links.TRIES, "locked": 12 - links.TRIES}
    assert answer(link, "4321") == "locked"
    link.refresh_from_db()
    assert (link.wrong_proofs, link.locked_at is None) == (links.TRIES, False)


@pytest.mark.django_db
def test_a_right_proof_counts_nothing() -> None:
    link = sent()
    assert [answer(link, typed) for typed in ("0000", "4321")] == ["wrong", "right"]
    assert (link.wrong_proofs, link.locked_at) == (1, None)


@pytest.mark.django_db
def test_a_replaced_link_takes_no_proof() -> None:
    link = sent()
    links.make(link.payout)
    assert answer(link, "4321") == "replaced"
    assert Link.objects.get(pk=link.pk).wrong_proofs == 0


@pytest.mark.django_db
def test_a_link_is_found_with_all_that_is_known_of_it_and_its_payout() -> None:
    link = sent()
    found = links.find(links.token_of(link))
    for read, row in ((found, Link.objects.get()), (found.payout, Payout.objects.get())):
        columns = [field.attname for field in row._meta.concrete_fields]
        assert [getattr(read, name) for name in columns] == [getattr(row, name) for name in columns]
    assert links.find("x" * links.LENGTH) is None
