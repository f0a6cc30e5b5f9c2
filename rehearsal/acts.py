"""The acts of the calendar: what everybody does in one scene, in its order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config import clock
from config.notice import NOTICE
from coupons.ledger.importing import import_ledger
from coupons.models import Seal
from rehearsal import bells, inbox, money, receivers, travellers, world
from rehearsal.browser import Browser
from rehearsal.cast import Cast, Holder, Traveller
from rehearsal.crowd import Crowd
from rehearsal.desk import Desk
from rehearsal.office import Office

Who = Traveller | Holder
Say = Callable[[str], None]
SECOND = timedelta(seconds=1)
PUBLIC = ("/", "/check/", "/faq/", "/contact/", "/messages/", "/privacy/", "/en/", "/easy/")
# Plans of which nobody goes through the form on an ordinary day.
ELSEWHERE = ("absent", "desk", "last_second", "too_late")


@dataclass
class Players:
    """Everybody on stage, and what they need."""

    cast: Cast
    crowd: Crowd
    office: Office
    desk: Desk
    bank: money.Bank
    folder: Path
    coupons: int
    seed: int
    say: Say
    sealed_export: Path = Path()

    # The ledger

    def take_in(self) -> None:
        """An export of the coupon system, as of this moment, into the ledger."""
        at = clock.now()
        folder = self.folder / f"{at:%m-%d}"
        import_ledger(world.export(folder, self.coupons, self.seed, at))
        bells.settle()

    def take_in_sealed(self) -> None:
        """The first export after the cut-off, by which the seal is made."""
        self.take_in()
        self.sealed_export = self.folder / f"{clock.now():%m-%d}"
        bells.wait(Seal.objects.exists, "the seal")

    def take_in_last(self) -> None:
        """The last export; from here on the ledger brings nothing new."""
        self.take_in()
        self.office.last_export = True

    def late_movements(self) -> None:
        """What the export told later than the seal, taken over by two people."""
        self.desk.late_movements()
        bells.settle()

    # People at the site

    def before_opening(self) -> None:
        """The pages are there, the form is not open yet."""
        some = self.cast.travellers[:20]
        self.crowd.go("pages", some, travellers.stroll(PUBLIC[:3]))
        self.crowd.go("too early", some, travellers.find_it_closed_yet)

    def applications(self, day: int) -> Callable[[], None]:
        """Everybody who applies on this day after the opening; some think better of it at once."""

        def act() -> None:
            coming = list(self.coming(day))
            paper = [who for who in coming if not who.bank]
            self.crowd.go("pages", paper[::5], travellers.stroll(PUBLIC))
            self.crowd.go("apply for points", paper, travellers.apply)
            self.crowd.go("apply for a transfer", [w for w in coming if w.bank], travellers.apply)
            twice = [who for who in coming if who.plan == "twice"]
            self.crowd.go("apply for points", twice, travellers.apply)
            self.crowd.go("look at the state", coming[::7], travellers.look)
            self.crowd.go("take back", self.of(coming, "withdraws"), travellers.withdraw)
            self.crowd.go("points to bank", self.of(coming, "to_bank"), travellers.change_to_bank)
            thieves = [who for who in self.cast.thieves if who.day == day]
            self.crowd.go("guess", thieves, travellers.guess)
            bells.settle()

        return act

    def coming(self, day: int) -> Iterator[Who]:
        """Who fills in the form on this day."""
        for who in [*self.cast.travellers, *self.cast.thieves]:
            if who.day == day and who.plan not in ELSEWHERE:
                yield who
        for holder in self.cast.holders:
            if holder.day == day and holder.plan in ("bank", "mistaken"):
                yield holder

    def of(self, people: Iterable[Who], *plans: str) -> list[Who]:
        """Those of a plan who have applied."""
        return [who for who in people if who.plan in plans and who.receipts]

    def corrections(self) -> None:
        """Wrong numbers are put right by link, numbers that were to follow are told."""
        asked = self.of(self.cast.travellers, "typo")
        open_ones = [who for who in asked if not who.corrected]
        self.crowd.go("correct", inbox.questions(open_ones), self.corrected)

    def corrected(self, browser: Browser, link: tuple[Who, str]) -> None:
        """Answer, and remember that it is answered."""
        travellers.correct(browser, link)
        link[0].corrected = True

    def numbers(self) -> None:
        """Shops have found the numbers that were lost."""
        lost = self.of(self.cast.travellers, "lost")
        self.crowd.go("tell the number", lost, travellers.tell_number)

    def changes(self) -> None:
        """People change their mind after the decision."""
        people = self.cast.travellers
        to_bank = self.of(people, "to_bank_decided")
        self.crowd.go("points to bank", to_bank, travellers.change_to_bank)
        to_points = self.of(people, "to_points")
        self.crowd.go("bank to points", to_points, travellers.change_to_points)
        bells.settle()

    def strangers(self) -> None:
        """Links in wrong hands: locked after five guesses."""
        locked = self.of(self.cast.travellers, "locked")
        links = [link for link in inbox.receiving(locked) if link[0].plan == "locked"]
        fresh = [link for link in links if not link[0].pried]
        for who, _ in fresh:
            who.pried = True
        self.crowd.go("pry", fresh, receivers.pry)
        money.unlock(self.office)
        bells.settle()

    def receive(self, *takes: str) -> Callable[[], None]:
        """Points are taken by those who take them so."""

        def act() -> None:
            people = [*self.cast.travellers, *self.cast.holders]
            those = [who for who in people if who.takes in takes and who.plan != "uncovered"]
            self.crowd.go("receive points", inbox.receiving(those), receivers.receive)
            bells.settle()

        return act

    # The edges

    def last_second(self) -> None:
        """Forms filled in before the deadline and sent in its last second."""
        people = [who for who in self.cast.travellers if who.plan == "last_second"]
        end = NOTICE.dates.applications_close
        self.on_the_edge(people, "apply in the last second", end)

    def on_the_edge(self, people: list[Who], journey: str, end: datetime) -> None:
        """Fill in the form before an end, and press the last button within its last second."""
        filled: dict[int, dict[str, str]] = {}  # cookies with the finished draft

        def fill(browser: Browser, who: Who) -> None:
            travellers.fill_in(browser, who)
            filled[who.person.number] = dict(browser.cookies)

        def press(browser: Browser, who: Who) -> None:
            browser.cookies = filled[who.person.number]
            browser.get("/apply/check/")
            travellers.send(browser, who)

        self.crowd.go(journey, people, fill)
        bells.go_to(end - SECOND)
        self.crowd.go(journey, people, press)

    def too_late(self) -> None:
        """The first instants after the deadline: nobody gets in."""
        people = [who for who in self.cast.travellers if who.plan == "too_late"]
        self.crowd.go("apply too late", people, travellers.apply_too_late)
        bells.settle()

    def last_receivers(self) -> None:
        """Points taken in the last second."""
        people = [*self.cast.travellers, *self.cast.holders]
        links = list(inbox.receiving([who for who in people if who.takes == "last"]))
        bells.go_to(NOTICE.dates.receiving_closes - 5 * SECOND)
        self.crowd.go("receive points", links, receivers.receive)

    def receive_too_late(self) -> None:
        """The first instants after the end of receiving."""
        people = [*self.cast.travellers, *self.cast.holders]
        links = inbox.receiving([who for who in people if who.takes == "late"])
        self.crowd.go("receive too late", list(links), receivers.find_it_over)

    # The office

    def desk_work(self) -> None:
        self.desk.work()
        bells.settle()

    def office_work(self) -> None:
        self.office.work()

    def app_holders(self) -> None:
        money.app_holder_run(self.office)

    def batches(self) -> None:
        money.batches(self.office, self.bank)
        bells.settle()

    def results(self) -> None:
        money.bank_results(self.office, self.bank)
        bells.settle()

    def accounts(self) -> None:
        """Corrected accounts come in and are looked at."""
        asked = self.of(self.cast.travellers, "returned")
        open_ones = [who for who in asked if not who.corrected]
        self.crowd.go("correct the account", inbox.questions(open_ones), self.account_corrected)
        money.new_accounts(self.office)
        bells.settle()

    def account_corrected(self, browser: Browser, link: tuple[Who, str]) -> None:
        """Give another account, and remember it."""
        travellers.correct_account(browser, link)
        link[0].corrected = True

    def give_up(self) -> None:
        """Money that came back and that nobody can be reached about."""
        money.give_up(self.office)
        bells.settle()

    def quiet(self) -> None:
        """A day on which nothing but the nightly jobs happens."""
        bells.settle()
