"""The office's working days: clean cases together, the others one by one, two people each time.

The rules are those of a careful office: what only the ledger speaks against is decided once its
last export has come, a wrong number is asked back once, and of two who ask for one coupon the
first to come is chosen.
"""

from collections import Counter
from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Sum

from applications import bulk, contests, review, second_look
from applications.models import Application, Claim, SecondLook
from config import clock
from config.notice import NOTICE
from coupons.models import LateMovement, SealedItem
from rehearsal import bells

CHUNK = 500
WAIT = ("wait", "")
Reason = Claim.Reason


class Office:
    """The people of the office by role, what they have done, and what they know."""

    def __init__(self) -> None:
        users = get_user_model().objects.all()
        self.people: dict[str, AbstractBaseUser] = {user.username: user for user in users}
        self.counts: Counter[str] = Counter()
        self.last_export = False  # the last export of the ledger has been taken in

    def __getitem__(self, role: str) -> AbstractBaseUser:
        return self.people[role]

    def work(self) -> None:
        """One afternoon: contests, bulks, single cases, second looks."""
        self.contests()
        self.bulks()
        for row in self.cases():
            self.case(row)
        self.looks()
        bells.settle()

    def bulks(self) -> None:
        """The clean cases of each prefecture, prepared by one and approved by another."""
        made = []
        for prefecture in NOTICE.prefectures:
            while bulk.candidates(prefecture, 1):
                row = bulk.prepare(prefecture, by=self["reviewer"])
                made.append(bulk.approve(row, by=self["approver"]).pk)
                self.counts["cases in bulk"] += row.count
        if made:
            rows = bulk.Bulk.objects.filter(pk__in=made, finished_at=None)
            bells.wait(lambda: not rows.exists(), "the bulk approvals")

    def cases(self) -> Iterator[Application]:
        """Those that wait for a person, in the order of their arrival, a chunk at a time."""
        last = 0
        while True:
            rows = Application.objects.filter(state__in=["received", "asked"], pk__gt=last)
            chunk = list(rows.order_by("pk")[:CHUNK])
            yield from chunk
            if len(chunk) < CHUNK:
                return
            last = chunk[-1].pk

    def case(self, row: Application) -> None:
        """Decide a case, ask it back, or leave it for another day."""
        claims = list(row.claims.filter(state="pending").order_by("position"))
        decisions = {claim.pk: self.judge(row, claim) for claim in claims}
        if ("ask", "") in decisions.values():
            review.ask(row, ["inquiry_number"], by=self["reviewer"])
            self.counts["asked back"] += 1
        elif WAIT in decisions.values() or not claims:
            return
        else:
            if row.state == "asked":
                review.resume(row, by=self["reviewer"], reason="other")
            review.check(row, decisions, by=self["reviewer"])
            review.approve(row, by=self["approver"])
            self.counts["single cases"] += 1

    def judge(self, row: Application, claim: Claim) -> tuple[str, str]:
        """What to do about one coupon: a proposal, "ask" or "wait"."""
        at, reasons = clock.now(), set(claim.match_reasons)
        if claim.match == Claim.Match.TO_FOLLOW:
            over = at >= NOTICE.dates.number_to_follow_until
            return ("not_covered", Reason.UNCONFIRMED) if over else WAIT
        if claim.match == Claim.Match.NOT_FOUND:
            asked = row.corrections.order_by("-pk").first()
            if asked is None and row.state == "received":
                return ("ask", "")
            over = asked and (asked.answered_at or at >= asked.due_at)
            return ("not_covered", Reason.UNCONFIRMED) if over else WAIT
        late = LateMovement.objects.filter(coupon=claim.coupon_id, state__in=["listed", "proposed"])
        if "double_charge" in reasons or late.exists():
            return WAIT
        if "in_app" in reasons:
            return ("not_covered", Reason.APP_LINK) if self.last_export else WAIT
        if claim.match == Claim.Match.CONTESTED:
            first = claim.proposal == "not_covered" or self.is_paid_elsewhere(claim)
            return ("not_covered", Reason.ALREADY) if first else WAIT
        if reasons & {"no_balance", "outside"}:
            if not self.last_export:
                return WAIT
            if not self.owed(claim):
                outside = "outside" in reasons
                return "not_covered", Reason.OUTSIDE if outside else Reason.NO_BALANCE
        return ("approved", "") if self.last_export or not reasons - MILD else WAIT

    def owed(self, claim: Claim) -> int:
        """What the seal and its supplements say of a coupon, in yen."""
        items = SealedItem.objects.filter(coupon=claim.coupon_id)
        return items.aggregate(yen=Sum("yen"))["yen"] or 0

    def is_paid_elsewhere(self, claim: Claim) -> bool:
        """Whether another application for this coupon is approved."""
        others = Claim.objects.filter(inquiry_number=claim.inquiry_number, state="approved")
        return others.exclude(pk=claim.pk).exists()

    def contests(self) -> None:
        """Of two who ask for one coupon, the first to come; decided by the manager."""
        for found in contests.contested(self["manager"]):
            claims = list(contests.claims_for(found.inquiry_number))
            open_ones = [claim.state == "pending" for claim in claims]
            states = {claim.application.state for claim in claims}
            if found.decided or not all(open_ones) or states - {"received", "held", "asked"}:
                continue
            contests.decide(
                claims[0],
                by=self["manager"],
                others_not_covered=True,
                text="先に届いた申請を認める（控を確認）",
            )
            self.counts["contests"] += 1

    def looks(self) -> None:
        """A third person agrees with what was drawn for a second look."""
        rows = SecondLook.objects.filter(verdict=SecondLook.Verdict.OPEN)
        for look in rows.select_related("application").order_by("pk"):
            second_look.agree(look, by=self["manager"])
            self.counts["second looks"] += 1


# Differences that a person settles by the papers at hand, whatever the ledger still brings.
MILD = {
    "prefecture",
    "travel_type",
    "travel_start",
    "travel_end",
    "expiry",
    "not_charged",
    "charged_left",
    "app_contact",
    "used_late",
    "rival",
    "in_payout",
}
