"""The table of the sealed balances."""

import os
import sys
from typing import Any

from django.core.management import CommandParser

from config.command import OfficeCommand
from coupons import sealing


class Command(OfficeCommand):
    help = "確定残額の一覧を、お問合せ番号の順に標準出力へ書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--csv", action="store_true", required=True, help="CSV（UTF-8、LF）")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for block in sealing.balances():
                self.stdout.write(block, ending="")
            self.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough (`| head`)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
