"""Load the bank master from the snapshot that ships with the site, or from a newer one."""

from pathlib import Path
from typing import Any

from django.core.management import CommandParser

from config.command import OfficeCommand
from payouts import banks


class Command(OfficeCommand):
    help = (
        "金融機関と支店の一覧を読み込みます。通信はいりません。同梱の版より新しい版があるときは、"
        "zengin-code と同じ形のフォルダ（updated_at、banks.json、branches/）を --from で指定"
        "します。"
        "なくなった金融機関と支店は、消さずに印を付けます。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, metavar="FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"]
        loaded = banks.load(folder) if folder else banks.load()
        self.stdout.write(f"{loaded.snapshot} の版を読み込みました。")
        self.stdout.write(f"金融機関 {loaded.banks:,}　支店 {loaded.branches:,}")
        self.stdout.write(f"いまの版にない金融機関・支店 {loaded.gone:,}")
