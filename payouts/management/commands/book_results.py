"""Book what the bank tells of handed-over transfers: arrived, or come back."""

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from config.command import OfficeCommand
from payouts import results


class Command(OfficeCommand):
    help = (
        "銀行の振込結果を取り込みます。CSVの列は transfer_id,code,reason（code は 0 振込完了、"
        "1 該当口座なし、2 受取人名相違、9 その他、または paid、returned）。"
        "一行でも誤りがあれば何も記帳しません。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        self.add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.signer(options["by"], "payouts.change_batch")
        booked = results.book(results.read(_lines(options["file"])), by=by)
        self.stdout.write(f"振込完了 {booked.paid}")
        self.stdout.write(f"振込不能 {booked.returned}")
        self.stdout.write(f"記帳済み {booked.unchanged}")


def _lines(path: Path) -> list[str]:
    """The lines of a file in UTF-8, with or without BOM, or CP932."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: 読み取れません。") from error
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding).splitlines(keepends=True)
        except UnicodeDecodeError:
            continue
    raise CommandError(f"{path}: UTF-8 でも CP932 でもありません。")
