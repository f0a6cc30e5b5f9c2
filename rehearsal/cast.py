"""The people of a rehearsal and what each means to do, drawn from the seed.

A plan names a way through the scheme; `model` says what must come of it. Whoever holds coupons on
paper is a `Traveller`, an account of the app is a `Holder`. Thieves hold nothing.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from rehearsal.world import Coupon

MOST = 10  # coupons of one application
DEAD = "0550"  # a number that ends so takes nothing: the demo's sender refuses it for good
SILENT = (DEAD, "0450", "0408", "0409")  # numbers at which its messages are late, or lost
BRANDS = 5  # places in the list of brands at which somebody may look first
FAMILY = (("佐藤", "サトウ"), ("鈴木", "スズキ"), ("高橋", "タカハシ"), ("田中", "タナカ"))
FAMILY += (("伊藤", "イトウ"), ("渡辺", "ワタナベ"), ("山本", "ヤマモト"), ("中村", "ナカムラ"))
FAMILY += (("小林", "コバヤシ"), ("加藤", "カトウ"), ("吉田", "ヨシダ"), ("山田", "ヤマダ"))
GIVEN = (("翔", "ショウ"), ("葵", "アオイ"), ("蓮", "レン"), ("陽菜", "ヒナ"), ("誠", "マコト"))
GIVEN += (("恵子", "ケイコ"), ("博", "ヒロシ"), ("和子", "カズコ"), ("さくら", "サクラ"))

# Plans of who holds paper, with their weights. Each is drawn once, in this order, before any is
# drawn by weight, so that a small cast has one of each.
PLANS = {
    "points": 46,
    "bank": 9,
    "typo": 4,
    "twice": 3,
    "returned": 2,
    "withdraws": 3,
    "to_points": 2,
    "lost": 3,
    "too_late": 2,
    "last_second": 1,
    "to_bank": 3,
    "wrong_trip": 4,
    "locked": 2,
    "unreachable": 2,
    "to_bank_decided": 2,
    "returned_silent": 1,
    "typo_silent": 2,
    "lost_silent": 1,
    "absent": 10,
}
APP_PLANS = {"points": 80, "bank": 8, "mistaken": 6, "absent": 6}
# When points are taken: as soon as the link is there, after a reminder, in the last second, never.
TAKES = {"soon": 74, "reminded": 12, "last": 3, "late": 3, "never": 8}
# Days from the opening on which people apply, and how many: the first hour and the end are full.
DAYS = {0: 30, 1: 8, 4: 7, 9: 8, 14: 8, 21: 8, 28: 8, 35: 8, 37: 5, 38: 5, 39: 5}
TOGETHER = 0.6  # of parties one member applies for all
ASKS_UNCOVERED = 0.04  # of coupons on which nothing is due


@dataclass(slots=True)
class Person:
    """Who somebody is, and where they are reached."""

    name: str
    kana: str
    phone: str  # as people write it: 090…
    email: str
    by_sms: bool
    brand: int  # the place in the list of the one that is wanted
    address: str  # of the client, as the proxy tells it
    number: int

    @property
    def sent_to(self) -> str:
        """The address of messages, as it is stored."""
        return f"+81{self.phone[1:]}" if self.by_sms else self.email

    @property
    def other(self) -> str:
        """A second contact, of who knows that the first may be dead."""
        return self.email if self.phone.endswith(DEAD) else ""

    @property
    def addresses(self) -> list[str]:
        """Where messages may lie."""
        return [self.sent_to, *([self.other] if self.other else [])]


@dataclass(slots=True)
class Traveller:
    """Somebody with coupons on paper (or none), a plan, and what they saw of the site."""

    person: Person
    plan: str
    coupons: list[Coupon]
    day: int  # after the opening
    takes: str
    receipts: list[str] = field(default_factory=list)
    refused: bool = False  # read that it was too late to apply
    missed: bool = False  # read that it was too late to receive
    corrected: bool = False  # has answered a question of the office
    pried: bool = False  # a stranger tried their link
    seen_yen: dict[str, int] = field(default_factory=dict)  # link -> yen on its page

    @property
    def bank(self) -> bool:
        """Whether they ask for a transfer at first."""
        return self.plan in ("bank", "to_points", "returned", "returned_silent")


@dataclass(slots=True)
class Holder:
    """An account of the app with the coupons of one prefecture, which needs no procedure."""

    person: Person
    plan: str
    account: str
    coupons: list[Coupon]
    day: int
    takes: str
    receipts: list[str] = field(default_factory=list)
    refused: bool = False
    missed: bool = False
    seen_yen: dict[str, int] = field(default_factory=dict)

    @property
    def bank(self) -> bool:
        """Whether they ask for a transfer instead."""
        return self.plan == "bank"


@dataclass
class Cast:
    """Everybody."""

    travellers: list[Traveller] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)
    thieves: list[Traveller] = field(default_factory=list)
    unclaimed: list[Coupon] = field(default_factory=list)  # nobody asks for them


class Casting:
    """Draws people one after the other; the same seed gives the same people."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"cast {seed}")
        self.made = 0
        self.first = {"paper": list(PLANS), "app": list(APP_PLANS)}

    def person(self, contact: str = "", by_sms: bool = True) -> Person:
        """The next one; an app holder's contact is the app's."""
        rng, number = self.rng, self.made
        self.made += 1
        family, given = rng.choice(FAMILY), rng.choice(GIVEN)
        # The last four digits are never those to which a demo's sender answers with a fault.
        phone = f"0{rng.choice('789')}0{rng.randrange(1000, 10**4)}{rng.randrange(1000, 10**4)}"
        email = f"person{number}@example.jp"
        by_mail = rng.random() < 0.3
        if contact:
            phone, email = (f"0{contact[3:]}", email) if by_sms else (phone, contact)
        return Person(
            name=f"{family[0]} {given[0]}",
            kana=f"{family[1]} {given[1]}",
            phone=phone,
            email=email,
            by_sms=by_sms if contact else not by_mail,
            brand=rng.randrange(BRANDS),
            address=f"10.{number >> 14 & 255}.{number >> 6 & 255}.{(number & 63) + 1}",
            number=number,
        )

    def plan(self, kind: str, plans: dict[str, int]) -> str:
        """One of each first, then by weight."""
        if self.first[kind]:
            return self.first[kind].pop(0)
        return self.rng.choices(list(plans), plans.values())[0]

    def traveller(self, plan: str, coupons: list[Coupon]) -> Traveller:
        """Somebody with these coupons."""
        day = self.rng.choices(list(DAYS), DAYS.values())[0]
        takes = self.rng.choices(list(TAKES), TAKES.values())[0]
        return Traveller(self.person(), plan, coupons, day, takes)

    def holder(self, account: str, coupons: list[Coupon]) -> Holder:
        """The holder of an account; a plan that needs an application fits one trip only."""
        plan = self.plan("app", APP_PLANS)
        if plan in ("bank", "mistaken") and not one_application(coupons):
            self.first["app"].insert(0, plan)
            plan = "points"
        newest = coupons[-1]
        takes = self.rng.choices(list(TAKES), TAKES.values())[0]
        silent = newest.by_sms and newest.contact.endswith(SILENT)
        takes = "never" if silent or plan in ("absent", "bank") else takes
        day = self.rng.choices(list(DAYS), DAYS.values())[0]
        person = self.person(newest.contact, newest.by_sms)
        return Holder(person, plan, account, coupons, day, takes)


def one_application(coupons: list[Coupon]) -> bool:
    """Whether these coupons are of one trip and fit one application."""
    return len(coupons) <= MOST and len({coupon.trip for coupon in coupons}) == 1


def cast(parties: Iterable[list[Coupon]], seed: int) -> Cast:
    """Everybody for these coupons."""
    casting, found = Casting(seed), Cast()
    accounts: dict[tuple[str, str], list[Coupon]] = {}
    for party in parties:
        paper = [coupon for coupon in party if coupon.route == "application"]
        for coupon in party:
            if coupon.route == "app_link":
                accounts.setdefault((coupon.account, coupon.prefecture), []).append(coupon)
        for some in shares(casting, paper):
            found.travellers.append(on_paper(casting, some))
        nothing = [coupon for coupon in party if coupon.route == "none"]
        asked = [each for each in nothing if casting.rng.random() < ASKS_UNCOVERED]
        if asked[:MOST]:
            found.travellers.append(casting.traveller("uncovered", asked[:MOST]))
        found.unclaimed += [coupon for coupon in nothing if coupon not in asked[:MOST]]
    for (account, _), coupons in accounts.items():
        found.holders.append(casting.holder(account, coupons))
    for _ in range(2 + len(found.travellers) // 40):
        found.thieves.append(casting.traveller("thief", []))
    return found


def shares(casting: Casting, paper: list[Coupon]) -> list[list[Coupon]]:
    """A party's coupons as they are applied for: one for all, or everybody for themselves."""
    together = MOST if casting.rng.random() < TOGETHER else 1
    return [paper[start : start + together] for start in range(0, len(paper), together)]


def on_paper(casting: Casting, coupons: list[Coupon]) -> Traveller:
    """A traveller with coupons on which something is due; who was charged twice calls the desk."""
    if any(coupon.given_back for coupon in coupons):
        return casting.traveller("desk", coupons)
    plan = casting.plan("paper", PLANS)
    if plan in ("lost", "lost_silent") and len(coupons) > 1:
        casting.first["paper"].insert(0, plan)
        plan = "points"
    made = casting.traveller(plan, coupons)
    if plan in ("last_second", "too_late"):
        made.day = max(DAYS)
    if plan in ("locked", "to_points", "twice", "unreachable"):
        made.takes = "soon"
    if plan == "unreachable":
        made.person.by_sms = True
        made.person.phone = made.person.phone[:-4] + DEAD
    if plan == "to_bank_decided":
        made.takes, made.day = "never", min(made.day, 9)
    if plan in ("to_points", "typo", "lost"):
        made.day = min(made.day, 21)
    return made
