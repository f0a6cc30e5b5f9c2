"""What must become of every coupon, told by the plans alone: plain rules, no act of the house.

An outcome is (road, bucket, yen), in the words of the books: the road on which it went or would
have gone, and where its money is at the end.
"""

from collections.abc import Iterator

from rehearsal.cast import Cast, Holder, Traveller
from rehearsal.world import Coupon

Outcome = tuple[str, str, int]

# Plan of a traveller -> road and bucket; "taken" where the points' taking decides.
PAPER = {
    "points": ("points", "taken"),
    "desk": ("points", "taken"),
    "bank": ("bank", "paid"),
    "absent": ("application", "not_claimed"),
    "withdraws": ("points", "withdrawn"),
    "to_bank": ("bank", "paid"),
    "to_points": ("points", "taken"),
    "to_bank_decided": ("bank", "paid"),
    "typo": ("points", "taken"),
    "typo_silent": ("application", "not_claimed"),
    "lost": ("points", "taken"),
    "lost_silent": ("application", "not_claimed"),
    "wrong_trip": ("points", "taken"),
    "twice": ("points", "taken"),
    "locked": ("points", "taken"),
    "unreachable": ("points", "taken"),
    "returned": ("bank", "paid"),
    "returned_silent": ("bank", "given_up"),
    "too_late": ("application", "not_claimed"),
    "last_second": ("points", "taken"),
}
TAKEN = {"soon": "paid", "reminded": "paid", "last": "paid", "late": "lapsed", "never": "lapsed"}


def outcomes(cast: Cast) -> Iterator[tuple[str, Outcome]]:
    """Each coupon's number with what must become of it; nothing due is told by no row."""
    for traveller in cast.travellers:
        if traveller.plan != "uncovered":
            for coupon in traveller.coupons:
                yield coupon.number, of_paper(traveller, coupon)
    for holder in cast.holders:
        for coupon in holder.coupons:
            yield coupon.number, of_app(holder, coupon)


def of_paper(traveller: Traveller, coupon: Coupon) -> Outcome:
    """What becomes of a coupon on paper."""
    plan = traveller.plan
    if traveller.refused:  # in the last second the clock decides: who read so has not claimed
        plan = "too_late"
    if plan == "typo_silent" and coupon is not traveller.coupons[0]:
        plan = "points"  # its number was right
    road, bucket = PAPER[plan]
    return road, taken(traveller) if bucket == "taken" else bucket, coupon.owed


def of_app(holder: Holder, coupon: Coupon) -> Outcome:
    """What becomes of a coupon in the app: its link comes by itself, or the bank was asked for."""
    if holder.plan == "bank" and not holder.refused:
        return "bank", "paid", coupon.owed
    return "app_holder", taken(holder), coupon.owed


def taken(who: Traveller | Holder) -> str:
    """Whether points were taken in time; of the last second the page itself tells."""
    return "lapsed" if who.takes == "last" and who.missed else TAKEN[who.takes]


def seen(cast: Cast) -> Iterator[tuple[str, int, int]]:
    """Each receiver of points: who, the yen that must have been on their pages, and that were."""
    for traveller in cast.travellers:
        if traveller.plan != "uncovered":
            told = [of_paper(traveller, coupon) for coupon in traveller.coupons]
            yield (
                f"traveller {traveller.person.number}",
                _paid(told),
                sum(traveller.seen_yen.values()),
            )
    for holder in cast.holders:
        told = [of_app(holder, coupon) for coupon in holder.coupons]
        yield f"holder {holder.person.number}", _paid(told), sum(holder.seen_yen.values())


def _paid(told: list[Outcome]) -> int:
    return sum(yen for road, bucket, yen in told if bucket == "paid" and road != "bank")
