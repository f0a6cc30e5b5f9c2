"""The closing job of the receiving, by hand."""

from typing import Any

from config.command import OfficeCommand
from payouts import opening


class Command(OfficeCommand):
    help = "Lets points lapse that nobody took until the end of receiving; safe twice and late."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"受取期限切れにした支払い　{opening.lapse():,}件")
