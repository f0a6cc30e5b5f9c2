"""Take gift codes into the stock: a dry run with counts and sum, then `--apply`."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from config.command import OfficeCommand
from config.notice import NOTICE
from payouts import stock


class Command(OfficeCommand):
    help = "Imports gift codes: brand,face_value,code,management_number,expires_on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="store; without it only counts")
        parser.add_argument("--prefecture", default=NOTICE.home, help="JIS code of the office")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prefecture"] not in NOTICE.prefectures:
            raise CommandError(
                f"--prefecture: {options['prefecture']} は対象の都道府県ではありません。"
            )
        if not options["file"].is_file():
            raise CommandError(f"{options['file']}: ファイルがありません。")
        contents = stock.read(options["file"].read_bytes())
        if contents.faults:
            for fault in contents.faults[: stock.FAULTS]:
                self.stderr.write(f"{options['file'].name}: {fault}")
            self.stderr.write("在庫は変えていません。")
            sys.exit(1)
        for (brand, face_value), count in contents.counts().items():
            self.stdout.write(f"{NOTICE.brands[brand].name}　{face_value:,}円 × {count:,}")
        self.stdout.write(f"合計 {len(contents.rows):,}件　{contents.total_yen():,}円")
        if options["apply"]:
            stored = stock.store(contents.rows, options["prefecture"])
            self.stdout.write(f"{stored:,}件を在庫に加えました。")
        else:
            self.stdout.write("試しの読み込みです。加えるには --apply を付けてください。")
