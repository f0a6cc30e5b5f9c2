"""The first step after a restore, before any worker starts (R18)."""

from typing import Any

from django.core.management import CommandParser

from config.command import OfficeCommand
from payouts import restoring


class Command(OfficeCommand):
    help = "バックアップからの復元の直後に、通知の送信を止め、送信待ちに照会の印を付けます。"

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_by(parser)

    def handle(self, *, by: str, **options: Any) -> None:
        """Pause and mark, and say what comes next."""
        found = restoring.restored(by=self.signer(by, "payouts.pause_sending"))
        self.stdout.write(
            f"送信を停止しました。送信待ち　{found['waiting']:,}件、"
            f"回答待ちの発行　{found['orders']:,}件\n"
            "次に: manage.py reconcile で照合し、「送信状況」の画面で再開してください。"
        )
