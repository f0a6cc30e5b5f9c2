"""The one statement that takes a brand: all of it or nothing, and only on what still holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import gifts, opening, placing
from payouts.models import Code, Order, OrderPart, Payout
from tests.payouts import rows
from tests.payouts.test_gifts import ready

pytestmark = pytest.mark.django_db


def place(payout: Payout, *parts: int, **changed: Any) -> Order | None:
    """Take parts of the stock, as `gifts` does."""
    end = opening.receives_until(payout)
    wish = placing.Wish("ponta", parts, gifts.kept_until(end), changed.get("postponed"))
    link = changed.get("link")
    return placing.place(payout, link, gifts.provider_of(payout, "ponta"), wish, rows.LINKS_GO)


def nothing_happened(payout: Payout) -> bool:
    """Whether no row tells of a try."""
    payout.refresh_from_db()
    return (
        payout.state == "ready"
        and not Order.objects.exists()
        and not OrderPart.objects.exists()
        and not payout.steps.filter(new="issued").exists()
        and not Code.objects.exclude(taken_at=None).exists()
    )


def test_each_part_gets_a_code_of_its_own_worth() -> None:
    payout = ready(yen=2500)
    rows.codes("ponta", 500, 4)
    rows.codes("ponta", 1000, 4)
    order = place(payout, 1000, 500, 1000)
    parts = order.parts.order_by("number").values_list("number", "amount", "code__face_value")
    assert list(parts) == [(1, 1000, 1000), (2, 500, 500), (3, 1000, 1000)]
    assert OrderPart.objects.values("code").distinct().count() == 3
    assert Code.objects.exclude(taken_at=rows.LINKS_GO).count() == 5
    assert [(step.old, step.new, step.reason) for step in order.steps.all()] == [("", "issued", "")]
    last = payout.steps.latest("id")
    assert (last.old, last.new, last.at, last.reason) == ("ready", "issued", rows.LINKS_GO, "ponta")
    again = Order.objects.get()
    fields = [field.attname for field in Order._meta.fields]
    assert [getattr(again, name) for name in fields] == [getattr(order, name) for name in fields]


def test_one_code_too_few_takes_none() -> None:
    payout = ready(yen=2000)
    rows.codes("ponta", 500, 1)
    rows.codes("ponta", 1000, 4)
    assert place(payout, 1000, 500, 500) is None
    assert nothing_happened(payout)


@pytest.mark.parametrize(
    "stale",
    [
        {"state": "issuing"},
        {"road": "bank"},
        {"amount": 1000},
        {"prefecture_code": "47"},
        {"receives_until": rows.LINKS_GO + timedelta(days=400)},
    ],
    ids=lambda stale: next(iter(stale)),
)
def test_a_stale_payout_gets_nothing(stale: dict[str, object]) -> None:
    payout = ready(yen=500)
    for prefecture in ("22", "47"):
        rows.codes("ponta", 500, 2, prefecture=prefecture)
        rows.codes("ponta", 1000, 2, prefecture=prefecture)
    known = Payout.objects.get(pk=payout.pk)
    for name, value in stale.items():
        setattr(known, name, value)
    assert place(known, known.amount) is None
    assert nothing_happened(payout)


@pytest.mark.parametrize("change", ["replaced_at", "locked_at"])
def test_a_dead_link_gets_nothing(change: str) -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 2)
    link = payout.links.get()
    payout.links.update(**{change: rows.LINKS_GO})
    assert place(payout, 500, link=link) is None
    assert nothing_happened(payout)


def test_a_postponement_that_is_not_known_or_not_decided_gets_nothing() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 2)
    assert place(payout, 500, postponed=rows.LINKS_GO) is None
    postpone()
    assert place(payout, 500) is None
    assert nothing_happened(payout)


def postpone() -> None:
    """The end of receiving moves on by a day."""
    Postponement.objects.create(
        key="receiving_closes",
        until=NOTICE.dates.receiving_closes + timedelta(days=1),
        reason="x",
        prepared_at=rows.LINKS_GO,
        prepared_by=rows.clerk("payer"),
        approved_at=rows.LINKS_GO,
        approved_by=rows.clerk("manager"),
    )


def test_a_postponement_counts_at_once_whatever_the_process_knew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (ready(yen=500, number=f"{i:012d}") for i in (1, 2))
    rows.codes("ponta", 500, 2)
    with clock.at(NOTICE.dates.receiving_closes):
        later = {"receiving_closes": NOTICE.dates.receiving_closes + timedelta(days=1)}
        monkeypatch.setattr(gifts.Known, "extended", later)
        with pytest.raises(Refused) as refused:
            gifts.choose(first, "ponta")
        assert refused.value.code == "closed"
        assert gifts.Known.extended == {}
        postpone()
        assert gifts.choose(first, "ponta").state == "issued"
        assert gifts.Known.extended == later
        assert gifts.choose(second, "ponta").state == "issued"


def test_an_amount_that_is_a_face_value_asks_for_nothing_before() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 2)
    with clock.at(rows.LINKS_GO):
        with pytest.raises(Refused):  # what is known of postponements may be another test's
            gifts.choose(payout, "edy")
        with CaptureQueriesContext(connection) as asked:  # does not see the prepared one
            assert gifts.choose(payout, "ponta", payout.links.get()).state == "issued"
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"]  # the test's own, the link
