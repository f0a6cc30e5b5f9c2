"""`manage.py watch`: look each minute for what is stuck, and tell the office by e-mail (R19)."""

import time
from typing import Any

from django.core.management import CommandParser
from django.db import DatabaseError, connection

from applications import alarms, watching
from config import rehearsal
from config.command import OfficeCommand

LOOK_EVERY = 60  # seconds, real time


class Command(OfficeCommand):
    help = "滞留や停止を毎分調べ、事務局へメールで知らせます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="一度だけ調べて終わる")

    def handle(self, *, once: bool, **_: Any) -> None:
        """Look until stopped. Where the database itself is away, say that."""
        shown = -1
        while True:
            try:
                rehearsal.refresh()
                found = watching.watch(alarms.tell)
                if found != shown:
                    self.stdout.write(f"警報 {found}件")
                shown = found
            except DatabaseError:
                connection.close()
                told = alarms.tell_database_away()
                self.stderr.write("データベースが応答しません" + ("" if told else "（未通知）"))
            if once:
                return
            time.sleep(LOOK_EVERY)
