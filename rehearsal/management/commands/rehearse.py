"""The whole calendar in minutes: `manage.py rehearse --coupons N`. Rehearsals only."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from rehearsal import stage

MOST = 200_000


class Command(BaseCommand):
    help = (
        "Lives through the whole scheme with real processes on a database of its own, checks every "
        "promise and every coupon, writes a report; exits 1 where anything did not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--coupons", type=int, default=2000, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the report")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError("REHEARSAL is not set")
        if not 1 <= options["coupons"] <= MOST:
            raise CommandError(f"--coupons: 1 to {MOST:,}")
        var = settings.VAR_DIR / "rehearse"
        out = (options["out"] or settings.VAR_DIR / "rehearsal-report").resolve()
        told = [f"--coupons={options['coupons']}", f"--seed={options['seed']}", f"--out={out}"]
        with stage.standing(var, self.stdout.write) as environment:
            code = stage.live(environment, *told)
        sys.exit(code)
