"""Load the bank master from the snapshot that ships with the site."""

from typing import Any

from config.command import OfficeCommand
from payouts import banks


class Command(OfficeCommand):
    help = "Loads banks and branches from the package zengin-code; works offline."

    def handle(self, *args: Any, **options: Any) -> None:
        found_banks, found_branches = banks.load()
        self.stdout.write(f"金融機関 {found_banks:,}　支店 {found_branches:,}")
