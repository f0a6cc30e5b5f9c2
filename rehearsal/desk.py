"""Category B at the desk: the call, the shop's answer, the give-back list by two people.

Who was charged twice calls five days before the coupon system gives the money back, as the exports
tell it. Where no export ever does, the shop has denied it. Cases end with the export that shows the
give-back, or after the cut-off with our own dated supplement.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from applications import desk, receipts
from applications.answers import Answers, CouponAnswer
from config import clock
from config.notice import NOTICE
from coupons import double_charges, give_backs
from coupons.models import DoubleCharge, LateMovement
from payouts import supplements
from rehearsal.cast import Cast, Holder, Traveller
from rehearsal.office import Office
from rehearsal.travellers import use_of
from rehearsal.world import Coupon

BEFORE = timedelta(days=5)  # a call lies so long before the give-back


@dataclass(frozen=True)
class Call:
    """Who calls about which coupon, and when; `debits` go back, none where the shop denies it."""

    at: datetime
    who: Traveller | Holder
    coupon: Coupon
    debits: tuple[str, ...]


def calls(cast: Cast, doubles: Collection[str]) -> list[Call]:
    """Every call of the rehearsal, by its moment: not before the day after the outage.

    `doubles`: coupons that a till booked twice, whether or not the shop will say so.
    """
    first = NOTICE.dates.outage_from + timedelta(days=1)
    made = []
    for who in [*cast.travellers, *cast.holders]:
        for coupon in who.coupons:
            if coupon.number in doubles and not coupon.given_back:
                made.append(Call(first + 3 * BEFORE, who, coupon, ()))
            if coupon.given_back and (isinstance(who, Holder) or who.plan == "desk"):
                back = min(at for _, _, at in coupon.given_back)
                debits = tuple(sorted({debit for debit, _, _ in coupon.given_back}))
                made.append(Call(max(first, back - BEFORE), who, coupon, debits))
    return sorted(made, key=lambda call: (call.at, call.coupon.number))


class Desk:
    """The calls that are still to come, and the cases that wait."""

    def __init__(self, office: Office, cast: Cast, doubles: Collection[str]) -> None:
        self.office = office
        self.coming = calls(cast, doubles)

    def work(self) -> None:
        """Take the calls that came until now; ask the shops; make and release the lists."""
        at = clock.now()
        while self.coming and self.coming[0].at <= at:
            self.take(self.coming.pop(0))
        self.lists()

    def take(self, call: Call) -> None:
        """One call: the case, with its application where its person has none yet."""
        clerk, who = self.office["call_centre"], call.who
        told = {
            "prefecture_code": call.coupon.prefecture,
            "inquiry_number": call.coupon.number,
            "told_expiry": call.coupon.expires,
            "shop_name": "見本の土産店",
            "case": DoubleCharge.Case.PRESSED_AGAIN,
            "caller_name": who.person.name,
            "call_back_phone": f"+81{who.person.phone[1:]}",
        }
        answers = None
        if isinstance(who, Traveller) and call.debits and not who.receipts:
            answers = answers_of(who)
        ids = desk.Ids(uuid4(), receipts.new())
        row = desk.take(told, answers, ids, by=clerk)
        if answers:
            who.receipts.append(receipts.written(ids.case_number))
        double_charges.ask_shop(row, clerk)
        double_charges.note(row, "控と突き合わせ済み", clerk, kind="shop")
        known = set(double_charges.payments(row.coupon_id).values_list("transaction_id", flat=True))
        back = double_charges.given_back([row.coupon_id])
        if back & set(call.debits):
            desk.deny(row, "given_back", by=clerk)
            self.office.counts["double charges given back before"] += 1
        elif call.debits and set(call.debits) <= known:
            desk.confirm(row, list(call.debits), by=clerk)
            self.office.counts["double charges confirmed"] += 1
        else:
            desk.deny(row, "no_record", by=clerk)
            self.office.counts["double charges denied"] += 1

    def lists(self) -> None:
        """One person makes the list of an office, another releases it."""
        waiting = DoubleCharge.objects.filter(state="confirmed", give_back_list=None)
        for prefecture in waiting.values_list("prefecture_code", flat=True).distinct():
            row = give_backs.prepare(prefecture, self.office["reviewer"])
            give_backs.release(row, self.office["approver"])
            self.office.counts["give-back lists"] += 1

    def late_movements(self) -> None:
        """What the ledger says later than the seal is taken over by two people."""
        for row in LateMovement.objects.filter(state="listed").order_by("pk"):
            supplements.propose(row, accepts=True, by=self.office["reviewer"])
            supplements.decide(row, by=self.office["approver"])
            if row.state == LateMovement.State.DRAWN:
                supplements.look(row, agrees=True, by=self.office["manager"])
            self.office.counts["supplements"] += 1


def answers_of(who: Traveller) -> Answers:
    """What a caller says of all their coupons, as the clerk types it."""
    person, first = who.person, who.coupons[0]
    on_the_day = {coupon.expires == NOTICE.dates.outage_day for coupon in who.coupons}
    stay = first.travel_type == "stay"
    return Answers(
        prefecture=first.prefecture,
        travel_type=first.travel_type,
        travel_start=first.start if stay else None,
        travel_end=first.end,
        expires_on_outage_day="unknown" if len(on_the_day) > 1 else ("no", "yes")[on_the_day.pop()],
        coupons=tuple(
            CouponAnswer(coupon.number, coupon.number, use_of(coupon)) for coupon in who.coupons
        ),
        number_unknown=False,
        issuer=first.issuer,
        name=person.name,
        kana=person.kana,
        phone=f"+81{person.phone[1:]}",
        email="" if person.by_sms else person.email,
        method="points",
        channel="sms" if person.by_sms else "email",
        delivery=person.sent_to,
    )
