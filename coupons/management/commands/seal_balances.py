"""Seal the balances before the cut-off, or compare the ledger with the seal there is."""

from typing import Any

from django.core.management import CommandError, CommandParser

from config.command import OfficeCommand
from config.templatetags.notice import ja_moment
from coupons import sealing
from coupons.models import Import


class Command(OfficeCommand):
    help = "残額を確定します。確定後は、台帳が確定残額と同じかを確かめます。"

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_by(parser, required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = sealing.seal(by=self.signer(options["by"]))
        seal = verdict.seal
        told = "残額を確定しました" if verdict.made else "確定済みです"
        self.stdout.write(f"{told}（{ja_moment(seal.sealed_at)}）")
        self.stdout.write(f"クーポン数 {seal.coupons}")
        self.stdout.write(f"補償の対象 {seal.eligible}")
        self.stdout.write(f"確定残額の合計 {seal.total_yen}円")
        self.stdout.write(f"SHA-256 {seal.sha256}")
        latest = Import.objects.order_by("-at").values_list("at", flat=True).first()
        if verdict.made and (latest is None or latest < seal.cut_off):
            self.stderr.write("注意: 基準時刻より後に取り込まれた台帳がまだありません。")
        if not verdict.made:
            self.tell_comparison(verdict)

    def tell_comparison(self, verdict: sealing.Verdict) -> None:
        """The same hash, or the list of differences and exit 1."""
        if verdict.sha256 == verdict.seal.sha256:
            self.stdout.write("現在の台帳も同じSHA-256です。")
            return
        self.stdout.write(f"現在の台帳は異なります: SHA-256 {verdict.sha256}")
        for difference in verdict.differences:
            self.stdout.write(str(difference))
        if verdict.count > len(verdict.differences):
            self.stdout.write(f"ほか{verdict.count - len(verdict.differences)}件")
        raise CommandError(f"確定残額との相違が{verdict.count}件あります。確定は変わりません。")
