"""The closing job of the applications, by hand."""

from typing import Any

from applications import closing
from config.command import OfficeCommand
from config.templatetags.notice import until


class Command(OfficeCommand):
    help = "Seals the list of applications after the deadline; safe twice and late."

    def handle(self, *args: Any, **options: Any) -> None:
        row = closing.close_applications()
        self.stdout.write(f"締切 {until(row.deadline)}　{row.count:,}件　SHA-256 {row.sha256}")
        for name, counts in row.tally.items():
            self.stdout.write(f"  {name}: " + "　".join(f"{k} {v:,}" for k, v in counts.items()))
