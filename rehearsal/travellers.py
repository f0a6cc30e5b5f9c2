"""What travellers and app holders do up to their claim, each over real HTTP as a browser would."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from config.notice import NOTICE
from rehearsal.browser import Browser
from rehearsal.cast import Holder, Person, Traveller
from rehearsal.crowd import Failed, expect
from rehearsal.world import Coupon

Who = Traveller | Holder

RECEIPT = re.compile(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}")
CLOSED = "受け付けられていません"  # of a form that the deadline overtook
WRONG_ACCOUNT = "9999999"  # the number at which the rehearsal's bank sends money back
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


def apply(browser: Browser, who: Who) -> None:
    """From the first page to the receipt."""
    fill_in(browser, who)
    send(browser, who)


def fill_in(browser: Browser, who: Who) -> None:
    """All steps up to the check page."""
    browser.get("/apply/")
    browser.send(**coupon_fields(who))
    if browser.path == "/apply/coupons/":  # an answer that one reads and goes on from
        browser.get("/apply/person/")
    expect(browser, 'name="kana"', "the step of the person")
    browser.send(**person_fields(who.person), next="1")
    expect(browser, 'name="method"', "the step of the way")
    browser.send(**way_fields(who.person, bank=who.bank))
    if who.bank:
        expect(browser, "account_holder_kana", "the step of the account")
        browser.send(**bank_fields(who), next="1")
    expect(browser, 'name="consent"', "the check page")


def send(browser: Browser, who: Who) -> None:
    """The last button; the receipt, or the word that it was too late."""
    if CLOSED not in browser.page:
        browser.send("/apply/check/", consent="on", submit="1")
    found = RECEIPT.search(browser.page)
    if found and browser.path == "/apply/done/":
        who.receipts.append(found.group())
    elif CLOSED in browser.page:
        who.refused = True
    else:
        raise Failed("a receipt")


def apply_too_late(browser: Browser, who: Who) -> None:
    """The form is closed, and says so."""
    browser.get("/apply/coupons/")
    if 'name="prefecture"' in browser.page or browser.status != 200:
        raise Failed("the closed page")
    who.refused = True


def coupon_fields(who: Who) -> dict[str, str]:
    """The first step, with the slips of the plan."""
    coupons, first = who.coupons, who.coupons[0] if who.coupons else None
    if first is None:
        return guess_fields(who.person)
    start, end = first.start, first.end
    if who.plan == "wrong_trip":  # a day off
        start, end = start - timedelta(days=1), end if start < end else end - timedelta(days=1)
    on_the_day = [coupon.expires == NOTICE.dates.outage_day for coupon in coupons]
    expires = "yes" if all(on_the_day) else "unknown" if any(on_the_day) else "no"
    found = {
        "prefecture": first.prefecture,
        "travel_type": first.travel_type,
        **day_fields("travel_end", end),
        "expires_on_outage_day": expires,
        "issuer": first.issuer,
        "next": "1",
    }
    if first.travel_type == "stay":
        found |= day_fields("travel_start", start)
    if who.plan in ("lost", "lost_silent"):
        return found | {"number_unknown": "on"}
    for place, coupon in enumerate(coupons):
        found[f"inquiry_number_{place}"] = as_typed(who, place, coupon)
        found[f"coupon_use_{place}"] = use_of(coupon)
    return found


def guess_fields(person: Person) -> dict[str, str]:
    """A thief's: a number drawn by chance."""
    number = f"{(person.number * 48_271_003_337 + 7) % 10**12:012d}"
    return {
        "prefecture": NOTICE.home,
        "travel_type": "day_trip",
        **day_fields("travel_end", NOTICE.dates.outage_day),
        "expires_on_outage_day": "yes",
        "inquiry_number_0": number,
        "coupon_use_0": "paper",
        "next": "1",
    }


def day_fields(name: str, day: date) -> dict[str, str]:
    """The three boxes of a day."""
    return {f"{name}_year": str(day.year), f"{name}_month": str(day.month)} | {
        f"{name}_day": str(day.day)
    }


def as_typed(who: Who, place: int, coupon: Coupon) -> str:
    """A number in the spelling of its person, or with two digits the wrong way round."""
    number = coupon.number
    if who.plan in ("typo", "typo_silent") and place == 0:
        return slip(number)
    grouped = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    return (number, grouped, grouped.translate(WIDE))[who.person.number % 3]


def slip(number: str) -> str:
    """Another number than this: its last two different neighbours change places."""
    for place in range(len(number) - 2, -1, -1):
        if number[place] != number[place + 1]:
            swapped = number[place + 1] + number[place]
            return number[:place] + swapped + number[place + 2 :]
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def use_of(coupon: Coupon) -> str:
    """Where a coupon is, as its holder says."""
    if not coupon.charged:
        return "paper"
    return "left" if coupon.left else "charged"


def person_fields(person: Person) -> dict[str, str]:
    phone = person.phone
    if person.number % 2:
        phone = f"{phone[:3]}-{phone[3:7]}-{phone[7:]}".translate(WIDE)
    email = person.other if person.by_sms else person.email
    return {"name": person.name, "kana": person.kana, "phone": phone, "email": email}


def way_fields(person: Person, *, bank: bool) -> dict[str, str]:
    """Points or bank, and where the guide goes."""
    found = {"method": "bank" if bank else "points", "next": "1"}
    if person.by_sms:
        return found | {"channel": "sms", "delivery_phone": person.phone}
    return found | {"channel": "email", "delivery_email": person.email}


def bank_fields(who: Who, *, right: bool = False) -> dict[str, str]:
    """The account, of oneself; a wrong number where the plan has one, until it is corrected."""
    person, stay = who.person, who.coupons[0].travel_type == "stay"
    wrong = who.plan in ("returned", "returned_silent") and not right
    found = {
        **account_fields(person, WRONG_ACCOUNT if wrong else f"{1_000_000 + person.number:07d}"),
        "postal_code": f"420-{person.number % 10_000:04d}",
        "address": f"静岡市葵区追手町{person.number}番地",
    }
    found["lodging" if stay else "agency"] = "見本の宿" if stay else "見本観光"
    if isinstance(who, Holder):
        contact = who.coupons[0].contact
        found["app_contact"] = f"0{contact[3:]}" if contact.startswith("+81") else contact
    return found


def account_fields(person: Person, number: str) -> dict[str, str]:
    return {
        "bank": "静岡銀行",
        "branch": "呉服町支店",
        "account_type": "1",
        "account_number": number,
        "account_holder_kana": person.kana,
        "holder_relation": "self",
    }


# At /status/


def come_back(browser: Browser, who: Who, receipt: int = 0) -> None:
    """Ask where the application stands."""
    browser.get("/status/")
    proof = who.person.phone[-4:] if who.person.by_sms else who.person.email
    browser.send(receipt=who.receipts[receipt], proof=proof, show="1")
    expect(browser, who.receipts[receipt], "the state of the application")


def look(browser: Browser, who: Who) -> None:
    come_back(browser, who)


def prove(browser: Browser, who: Who) -> None:
    """The second proof: the name that only its bearer knows."""
    if 'name="prove"' in browser.page:
        browser.send(proof=who.person.kana, prove="1")


def withdraw(browser: Browser, who: Who) -> None:
    """Take the application back."""
    come_back(browser, who)
    browser.get("/status/withdraw/")
    prove(browser, who)
    browser.send(withdraw="1")
    expect(browser, "取下げを受け付けました", "the word that it was taken back")


def change_to_bank(browser: Browser, who: Who) -> None:
    """Points are not wanted after all."""
    change_way(browser, who, bank=True)


def change_to_points(browser: Browser, who: Who) -> None:
    """No transfer after all."""
    change_way(browser, who, bank=False)


def change_way(browser: Browser, who: Who, *, bank: bool) -> None:
    come_back(browser, who)
    browser.get("/status/receive/")
    prove(browser, who)
    expect(browser, 'name="method"', "the way of receiving")
    way = way_fields(who.person, bank=bank)
    if bank:
        browser.send(**way)
        expect(browser, "account_holder_kana", "the account")
        way |= bank_fields(who) | {"bank_step": "1"}
    browser.send(**way)
    browser.send(**way, submit="1")
    expect(browser, "変更を受け付けました", "the word that it was changed")


def tell_number(browser: Browser, who: Who) -> None:
    """The number that the shop found."""
    come_back(browser, who)
    browser.get("/status/number/")
    prove(browser, who)
    number = {"inquiry_number_1": who.coupons[0].number}
    browser.send(**number, next="1")
    browser.send(**number, submit="1")
    expect(browser, "お問合せ番号を受け付けました", "the word that the number was taken")


def correct(browser: Browser, link: tuple[Who, str]) -> None:
    """Follow the link of a question and answer it: the number, typed rightly this time."""
    who, address = link
    browser.get(address)
    prove(browser, who)
    numbers = {
        f"inquiry_number_{place}": coupon.number for place, coupon in enumerate(who.coupons, 1)
    }
    browser.send(**numbers, next="1")
    browser.send(**numbers, submit="1")
    expect(browser, "直した内容を受け付けました", "the word that it was corrected")


def correct_account(browser: Browser, link: tuple[Who, str]) -> None:
    """Another account after a transfer came back."""
    who, address = link
    browser.get(address)
    prove(browser, who)
    account = account_fields(who.person, f"{1_000_000 + who.person.number:07d}")
    browser.send(**account, next="1")
    browser.send(**account, submit="1")
    expect(browser, "直した内容を受け付けました", "the word that the account was taken")


# Strangers, and who only looks


def guess(browser: Browser, who: Who) -> None:
    """Links and receipts drawn by chance: nothing opens, and all answers look alike."""
    for turn in range(3):
        made = f"{who.person.number:08d}{turn:02d}guessguess"
        browser.get(f"/r/{made}/")
        if browser.status != 404:
            raise Failed("no page for a guessed link")
        browser.get("/status/")
        browser.send(receipt=f"GUESS{who.person.number:07d}", proof=f"{1000 + turn}", show="1")
        expect(browser, "一致しません", "no answer to a guessed receipt")


def stroll(pages: tuple[str, ...]) -> Callable[[Browser, object], None]:
    """Look at public pages, and send nothing."""

    def act(browser: Browser, who: object) -> None:
        for path in pages:
            browser.get(path)
            if browser.status != 200:
                raise Failed(f"the page {path}")

    return act


def find_it_closed_yet(browser: Browser, who: object) -> None:
    """Before the opening the form says when it opens."""
    browser.get("/apply/coupons/")
    if 'name="prefecture"' in browser.page:
        raise Failed("the page before the opening")
