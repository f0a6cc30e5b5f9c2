"""Release a batch as its second signer, hand its file over, or take a copy of it."""

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from config.command import OfficeCommand
from payouts import transfers
from payouts.models import Batch


class Command(OfficeCommand):
    help = (
        "振込データを確定し（作成者とは別の人）、銀行へ渡すファイルを一度だけ書き出します。"
        "二度目からは控になります。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", type=int, metavar="ID", help="振込データの番号")
        parser.add_argument("--to", type=Path, default=Path(), help="書き出すフォルダー")
        parser.add_argument("--release-only", action="store_true", help="確定だけ行う")
        self.add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.signer(options["by"], "payouts.change_batch")
        batch = Batch.objects.filter(pk=options["batch"]).first()
        if batch is None:
            raise CommandError(f"振込データ {options['batch']} はありません。")
        folder = options["to"]
        if not folder.is_dir():
            raise CommandError(f"{folder}: フォルダーがありません。")
        if batch.state == Batch.State.CUT:
            batch = transfers.release(batch, by=by)
            self.stdout.write(f"振込データ {batch.pk} を確定しました。")
        if not options["release_only"]:
            self.write(batch, folder, by)
        self.stdout.write(f"件数 {batch.count}")
        self.stdout.write(f"合計 {batch.total_yen}円")
        self.stdout.write(f"SHA-256 {batch.sha256}")

    def write(self, batch: Batch, folder: Path, by: Any) -> None:
        """Book first, write then: a file that could not be written is there as a copy."""
        over = batch.state == Batch.State.HANDED_OVER
        found = transfers.copy(batch, by=by) if over else transfers.hand_over(batch, by=by)
        path = folder / found.name
        path.write_bytes(found.content)
        path.chmod(0o600)
        told = "控（引渡し済み）" if found.copy else "銀行へ引き渡すファイル"
        self.stdout.write(f"{told}: {path}")
