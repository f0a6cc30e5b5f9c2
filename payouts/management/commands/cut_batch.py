"""List the ready bank payouts of each office for one bank business day."""

from datetime import date
from typing import Any

from django.core.management import CommandError, CommandParser

from config.command import OfficeCommand
from payouts import clerks, transfers
from payouts.models import Payout


class Command(OfficeCommand):
    help = (
        "振込の準備ができた支払いから、振込指定日の振込データを作ります。確定は別の人が行います。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", required=True, type=_day, help="振込指定日 YYYY-MM-DD")
        parser.add_argument("--prefecture", metavar="CODE", help="一つの都道府県だけ")
        parser.add_argument(
            "--limit", type=int, default=transfers.limit(), help="一つのファイルの件数の上限"
        )
        self.add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.signer(options["by"], "payouts.add_batch")
        if not 1 <= options["limit"] <= transfers.MOST:
            raise CommandError(f"--limit: 1から{transfers.MOST}まで")
        codes = [options["prefecture"]] if options["prefecture"] else _offices(by)
        if not sum(self.cut_all(code, by, options) for code in codes):
            self.stdout.write("作成する振込データはありません。")

    def cut_all(self, code: str, by: Any, options: dict[str, Any]) -> int:
        """As many files as one office needs; returns how many."""
        made = 0
        while True:
            cut = transfers.cut(code, options["date"], by=by, most=options["limit"])
            if cut.batch is None:
                break
            made += 1
            self.stdout.write(
                f"振込データ {cut.batch.pk}: 都道府県 {code}、{cut.batch.count}件、"
                f"{cut.batch.total_yen:,}円（確定待ち）"
            )
            for transfer in cut.doubtful:
                self.stderr.write(
                    f"振込{transfer.pk}: いまの一覧にない金融機関・支店です。確かめて、必要なら"
                    "取り外してください。"
                )
        for left in cut.left_out:
            self.stderr.write(f"{left.payout}: 口座を確認してください（{left.field}）")
        return made


def _offices(by: Any) -> list[str]:
    """The clerk's prefectures that have something to pay."""
    due = Payout.objects.filter(
        state="ready", road="bank", prefecture_code__in=clerks.prefectures_of(by)
    )
    codes = due.order_by("prefecture_code").values_list("prefecture_code", flat=True)
    return list(codes.distinct())


def _day(text: str) -> date:
    return date.fromisoformat(text)
