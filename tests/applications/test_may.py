"""A whole May of transfers, day by day: the books against a list of our own, to the yen."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

import pytest

from applications import reconcile, returns, review, tokens
from applications.answers import AccountAnswer
from applications.models import Application, Correction, NewAccount
from applications.standing import standing
from config import clock
from config.notice import NOTICE
from payouts import arriving, opening, results, transfers
from payouts.models import Batch, Message, Transfer
from tests.applications import rows
from tests.payouts import bank_rows
from tests.payouts import rows as money

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 5, 10), date(2023, 6, 2)
MAIL = {"channel": "email", "delivery": "hanako@example.jp", "email": "hanako@example.jp"}
OWN = {"holder_relation": "self", "holder_consent": False}
YEN = {"aoi": 1001, "ren": 2003, "yui": 1, "sota": 1730, "mei": 999, "riku": 500, "hana": 2999}


class May:
    """The office in May, and what everybody should have by now."""

    def __init__(self) -> None:
        self.payer, self.approver = bank_rows.clerk("payer"), rows.clerk("approver")
        self.reviewer = rows.clerk("reviewer")
        self.people: dict[str, Application] = {}
        self.paid: set[str] = set()
        bank_rows.office()

    def decide(self, *names: str) -> None:
        """Approved by two people; the sealed balance is ready for a batch at once."""
        for name in names:
            coupon = rows.coupon(face_value=YEN[name])
            money.seal(coupon)
            row = rows.application(coupon, method="bank", holder_relation="self", **MAIL)
            review.check(row, {row.claims.get().pk: ("approved", "")}, by=self.reviewer)
            self.people[name] = review.approve(row, by=self.approver)
        opening.release_due()

    def cut(self, on: str, count: int) -> None:
        batch = transfers.cut("22", date.fromisoformat(on), by=self.payer).batch
        assert (batch.count, batch.total_yen) == (count, self.owed() - self.asked())

    def hand_over(self, *names: str) -> None:
        """Released by a second person, given to the bank: from here it counts as paid."""
        batch = transfers.release(Batch.objects.latest("pk"), by=self.approver)
        transfers.hand_over(batch, by=self.payer)
        self.paid |= set(names)
        for name in names:
            words = standing(self.people[name]).next_step
            assert "銀行へ振込を依頼しました" in words
            assert "通帳には「シズオカケンジムキヨク」と印字されます。" in words

    def come_back(self, *names: str) -> None:
        """What the bank tells; the same file again changes nothing."""
        lines = [bank_rows.said(self.last(name), "振込不能", "該当口座なし") for name in names]
        told = results.read([bank_rows.HEADS, *lines])
        assert results.book(told, by=self.payer).returned == len(names)
        assert results.book(told, by=self.payer).returned == 0
        self.paid -= set(names)

    def correct(self, name: str, number: str) -> None:
        """By the link that the job has sent."""
        row = self.people[name]
        link = Correction.objects.filter(application=row).latest("pk")
        assert tokens.token_of(link)
        assert "下のボタンから正しい口座" in standing(row).next_step
        answer = AccountAnswer("0001", "みずほ", "001", "本店", "1", number, "シズオカ　ハナコ")
        returns.give(row, answer, OWN, arrived_at=clock.now())
        assert "事務局が確認しています" in standing(row).next_step

    def agree(self, name: str) -> None:
        """Checked by one, approved by another."""
        new = NewAccount.objects.get(application=self.people[name], state="given")
        returns.approve(returns.check(new, by=self.reviewer), by=self.approver)
        assert "もう一度お振り込みします" in standing(self.people[name]).next_step

    def last(self, name: str) -> Transfer:
        claim = self.people[name].claims.get()
        return Transfer.objects.filter(payout=claim.payout).latest("pk")

    def asked(self) -> int:
        """Yen of those whose money came back and whose new account is not approved yet."""
        back = [name for name in self.people if returns.returned(self.people[name]).exists()]
        return sum(YEN[name] for name in back)

    def owed(self) -> int:
        return sum(YEN[name] for name in self.people if name not in self.paid)

    def evening(self) -> None:
        """All three books, against our own list."""
        books = reconcile.reconcile()
        assert books.differences == []
        assert books.sealed_yen == sum(YEN[name] for name in self.people)
        assert books.total("paid") == (len(self.paid), sum(YEN[name] for name in self.paid))
        assert books.total("owed")[1] == self.owed()
        live = Transfer.objects.filter(state__in=["listed", "handed_over", "paid"])
        assert live.count() == live.values("payout").distinct().count()


def test_a_whole_may_to_the_yen_each_day() -> None:
    with clock.at(datetime.combine(FIRST, time(9), clock.JST)):
        may = May()
    diary: dict[str, list[Callable[[], None]]] = {
        "2023-05-10": [partial(may.decide, "aoi", "ren", "yui", "sota", "mei")],
        "2023-05-11": [partial(may.cut, "2023-05-15", 5)],
        "2023-05-12": [partial(may.hand_over, "aoi", "ren", "yui", "sota", "mei")],
        "2023-05-16": [partial(may.come_back, "ren", "mei"), partial(may.decide, "riku")],
        "2023-05-18": [partial(may.correct, "ren", "7654321")],
        "2023-05-19": [partial(may.agree, "ren"), partial(may.cut, "2023-05-23", 2)],
        "2023-05-22": [partial(may.hand_over, "ren", "riku")],
        "2023-05-24": [partial(may.come_back, "aoi", "ren"), partial(may.decide, "hana")],
        "2023-05-25": [
            partial(may.correct, "aoi", "1111111"),
            partial(may.correct, "ren", "2222222"),
        ],
        "2023-05-26": [partial(may.agree, "aoi"), partial(may.agree, "ren")],
        "2023-05-29": [
            partial(may.cut, "2023-05-30", 3),
            partial(may.hand_over, "aoi", "ren", "hana"),
        ],
    }
    days = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
    for day in filter(NOTICE.is_bank_day, days):
        with clock.at(datetime.combine(day, time(10), clock.JST)):
            returns.ask_due()
            arriving.settle_due()
            for act in diary.get(day.isoformat(), []):
                act()
            may.evening()
    end(may)


def end(may: May) -> None:
    """How everybody came out of it: one never answered, one took three accounts."""
    ways = {
        name: list(
            Transfer.objects.filter(payout=row.claims.get().payout)
            .order_by("pk")
            .values_list("state", "first_payment")
        )
        for name, row in may.people.items()
    }
    assert ways == {
        "aoi": [("returned", "1"), ("handed_over", "2")],  # back after it had been settled
        "ren": [("returned", "1"), ("returned", "2"), ("handed_over", "2")],
        "yui": [("paid", "1")],
        "sota": [("paid", "1")],
        "mei": [("returned", "1")],
        "riku": [("paid", "1")],
        "hana": [("handed_over", "1")],
    }
    assert (may.owed(), YEN["mei"]) == (999, 999)
    asked = Message.objects.filter(kind="ask").values_list("subject", flat=True)
    times = {name: list(asked).count(f"application:{row.pk}") for name, row in may.people.items()}
    assert times == {"aoi": 1, "ren": 2, "yui": 0, "sota": 0, "mei": 1, "riku": 0, "hana": 0}
