"""Erases personal data whose time is over, as the owner of the tables (N81)."""

from typing import Any

from django.core.management import CommandParser

from applications import erasing
from config import clock
from config.command import OfficeCommand
from config.erasing import STAGES
from config.models import Erasure
from config.owner import as_owner


class Command(OfficeCommand):
    help = "Erases what is due by the notice's [retention]; safe twice and when interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stage", choices=STAGES, help="この段階だけ")
        parser.add_argument("--dry-run", action="store_true", help="数えるだけで消去しない")

    def handle(self, *args: Any, **options: Any) -> None:
        stages = erasing.chosen(options["stage"], clock.now())
        if not stages:
            self.stdout.write("消去の時期を迎えたものはありません。")
        with as_owner():
            for stage in stages:
                if options["dry_run"]:
                    counts, done = erasing.waiting(stage), "消去の対象"
                else:
                    counts, done = erasing.erase(stage).counts, "消去しました"
                self.stdout.write(f"{Erasure.Stage(stage).label}　{done}")
                for table, rows in sorted(counts.items()):
                    self.stdout.write(f"  {table}　{rows:,}件")
