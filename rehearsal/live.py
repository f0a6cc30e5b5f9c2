"""One rehearsal from the first day to the last: `python -m rehearsal.live`, on a standing stage."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if __name__ == "__main__":
    django.setup()

from applications import receipts, reconcile, roles
from config import clock, rehearsal
from config.notice import NOTICE
from rehearsal import bells, calendar, closing, judge, money, promises, report, world
from rehearsal.acts import Players
from rehearsal.cast import cast
from rehearsal.crowd import Crowd
from rehearsal.desk import Desk
from rehearsal.office import Office

Say = Callable[[str], None]


class Rehearsal:
    """Everything that one run needs, and what it found."""

    def __init__(
        self, folder: Path, port: int, coupons: int, seed: int, say: Say, *, every_day: bool = True
    ) -> None:
        """`every_day`: live through the days between the scenes, too."""
        self.folder, self.coupons, self.seed = folder, coupons, seed
        self.say, self.every_day = say, every_day
        self.crowd = Crowd(port)
        self.real, self.spent = time.monotonic(), {}
        rehearsal.refresh()
        self.began = clock.now()

    def live(self) -> report.Report:
        """All of it; the report tells whether it held."""
        self.prepare()
        last = clock.now()
        for scene in calendar.scenes(self.players):
            self.lie_over(last, scene.at)
            bells.go_to(scene.at)
            self.act(scene)
            last = clock.now()
        end = NOTICE.dates.bank_corrections_until + calendar.ENDS
        self.lie_over(last, end)
        bells.go_to(end)
        bells.settle()
        return self.judged()

    def prepare(self) -> None:
        """The office, the world, its people."""
        roles.make_demo_clerks()
        money.prepare(self.coupons)
        whole = world.export(self.folder / "whole", self.coupons, self.seed)
        self.cast = cast(world.parties(world.read(whole)), self.seed)
        office = Office()
        desk = Desk(office, self.cast, world.doubles(whole))
        self.players = Players(
            self.cast,
            self.crowd,
            office,
            desk,
            money.Bank(),
            self.folder,
            self.coupons,
            self.seed,
            self.say,
        )
        self.tell(
            f"{self.coupons:,} coupons, {len(self.cast.travellers):,} travellers, "
            f"{len(self.cast.holders):,} app holders, {len(self.cast.thieves):,} thieves"
        )

    def act(self, scene: calendar.Scene) -> None:
        """One scene, told with the calendar's date."""
        began = time.monotonic()
        scene.act()
        took = time.monotonic() - began
        self.spent[scene.words] = self.spent.get(scene.words, 0.0) + took
        self.tell(f"{scene.words} ({took:.1f} s)")

    def lie_over(self, last: datetime, until: datetime) -> None:
        """The days between two scenes, with their jobs."""
        if self.every_day:
            for morning in calendar.mornings(last, until):
                bells.go_to(morning)
                bells.settle()

    def judged(self) -> report.Report:
        """The promises, the model, the closing report; then the erasing, and the books again."""
        found = report.Report(self.coupons, self.seed, self.began, clock.now())
        found.promises = promises.ask_all(self.began, self.numbers(), self.sealed_yen())
        found.verdict = judge.judge(self.cast, self.players.bank)
        found.books = reconcile.reconcile()
        closing.look(self.crowd)
        found.erased = closing.erase(self.tell)
        found.gather(self.crowd, self.players.office.counts)
        found.seconds = time.monotonic() - self.real
        found.spent = self.spent
        return found

    def numbers(self) -> set[str]:
        """Every receipt number that somebody read, as it is stored."""
        people = [*self.cast.travellers, *self.cast.holders, *self.cast.thieves]
        return {receipts.parse(each) for who in people for each in who.receipts}

    def sealed_yen(self) -> int:
        """What the world says is owed as of the cut-off."""
        return world.sealed_yen(self.players.sealed_export)

    def tell(self, words: str) -> None:
        self.say(f"{clock.now():%Y-%m-%d %H:%M}  {words}")


def main() -> None:
    """The command's inner process: exits 1 where anything did not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--coupons", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    folder = Path(os.environ["VAR_DIR"]) / "world"
    shutil.rmtree(folder, ignore_errors=True)
    run = Rehearsal(folder, int(os.environ["PORT"]), given.coupons, given.seed, say)
    sys.exit(end(run.live(), given.out, say))


def end(found: report.Report, out: Path, say: Say) -> int:
    """Write the report and tell its end; the exit code."""
    found.write(out)
    say(found.told())
    return 0 if found.holds else 1


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
