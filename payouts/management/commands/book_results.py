"""Book what the bank tells of handed-over transfers: arrived, or come back."""

import io
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from config.command import OfficeCommand
from payouts import bank_csv, results


class Command(OfficeCommand):
    help = (
        "銀行の振込結果を取り込みます。CSVの列は 顧客コード1（transfer_id）、振込金額（amount）、"
        "結果（result：入金済、受付済、振込不能、組戻）、理由（reason）です。"
        "一行でも誤りがあれば何も記帳しません。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        self.add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.signer(options["by"], "payouts.add_answerfile")
        try:
            text = bank_csv.text_of(options["file"].read_bytes())
        except OSError as error:
            raise CommandError(f"{options['file']}: 読み取れません。") from error
        booked = results.book(results.read(io.StringIO(text, newline="")), by=by)
        self.stdout.write(f"口座への入金を確認 {booked.paid}")
        self.stdout.write(f"振込不能 {booked.returned}")
        self.stdout.write(f"受付済み {booked.accepted}")
        self.stdout.write(f"記帳済み {booked.unchanged}")
