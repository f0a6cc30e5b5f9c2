"""The table of the sealed balances."""

from typing import Any

from django.core.management import CommandParser

from config.command import OfficeCommand
from coupons import sealing


class Command(OfficeCommand):
    help = "確定残額の一覧を、お問合せ番号の順に標準出力へ書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--csv", action="store_true", required=True, help="CSV（UTF-8、LF）")

    def handle(self, *args: Any, **options: Any) -> None:
        for block in sealing.balances():
            self.stdout.write(block, ending="")
