"""Release due payouts from the shell: the same act as the scheduled job."""

from typing import Any

from config.command import OfficeCommand
from payouts import opening


class Command(OfficeCommand):
    help = "Makes due payouts ready: fixes amounts by the seal, makes links, writes messages."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = opening.release_due()
        self.stdout.write(f"準備完了 {counts['ready']:,}件　残額なし {counts['nothing_due']:,}件")
