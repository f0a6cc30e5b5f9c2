"""Take in an export of the coupon system."""

import time
from pathlib import Path
from typing import Any

from django.core.management import CommandParser
from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from config.command import OfficeCommand
from coupons.ledger.importing import Tally, import_ledger
from coupons.ledger.reading import ENCODINGS
from coupons.models import Difference

LINE_EVERY = 2.0  # seconds between two lines about the same file, where there is no terminal


class Lines:
    """Progress as plain lines, for logs and pipes."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out, self.doing, self.share, self.told_at = out, "", 0, 0.0

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __call__(self, doing: str, done: int, size: int) -> None:
        now, share = time.monotonic(), done * 100 // size if size else 100
        waits = share == self.share or (share < 100 and now - self.told_at < LINE_EVERY)
        if doing == self.doing and waits:
            return
        self.out.write(f"{doing} {share}%" if size else doing)
        self.doing, self.share, self.told_at = doing, share, now


class Bars:
    """Progress as one bar a step, on a terminal."""

    def __init__(self) -> None:
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self.doing, self.bar = "", None

    def __enter__(self) -> "Bars":
        self.bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.finish()
        self.bars.stop()

    def __call__(self, doing: str, done: int, size: int) -> None:
        if doing != self.doing:
            self.finish()
            self.doing, self.bar = doing, self.bars.add_task(doing, total=size or None)
        self.bars.update(self.bar, completed=done)

    def finish(self) -> None:
        """The step before is done, whatever its size was."""
        if self.bar is not None:
            self.bars.update(self.bar, total=1, completed=1)


class Command(OfficeCommand):
    help = "クーポン台帳のファイル（coupons.csv、transactions.csv）を取り込みます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="確かめるだけで、変更しません")
        self.add_by(parser, required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.signer(options["by"])
        started = time.monotonic()
        with Bars() if self.stderr.isatty() else Lines(self.stderr) as progress:
            tally = import_ledger(
                options["folder"], by=by, dry_run=options["dry_run"], progress=progress
            )
        self.tell(tally, time.monotonic() - started)

    def tell(self, tally: Tally, seconds: float) -> None:
        """The tally at the end."""
        run = tally.run
        for name, rows, encoding in (
            ("coupons.csv", run.coupons_read, tally.encodings[0]),
            ("transactions.csv", run.transactions_read, tally.encodings[1]),
        ):
            self.stdout.write(f"{name}: {rows}行（{ENCODINGS[encoding]}）")
        self.stdout.write(f"クーポン: 新規 {run.coupons_new}、訂正 {run.coupons_corrected}")
        self.stdout.write(f"期限延長: {run.extensions}")
        self.stdout.write(f"入出金: 新規 {run.entries_new}、訂正 {run.entries_changed}")
        self.stdout.write(f"戻入の反映確認: {tally.reflected}")
        self.stdout.write(f"新しい相違: {run.differences}")
        for kind, count in tally.differences.items():
            self.stdout.write(f"  {Difference.Kind(kind).label}: {count}")
        if tally.differing_from_seal:
            self.stdout.write(f"確定残額と異なるクーポン: {tally.differing_from_seal}")
        if tally.unchanged:
            self.stdout.write("変更はありません（同じ内容が取込済みです）。")
        if tally.dry_run:
            self.stdout.write("確認のみ: 何も変更していません。")
        self.stdout.write(f"所要時間 {seconds:.1f}秒")
