"""The three books to the yen; exits 1 on any difference."""

import sys
from typing import Any

from applications import reconcile
from config.command import OfficeCommand


class Command(OfficeCommand):
    help = "Compares the seal, the payouts, and what providers and banks report."

    def handle(self, *args: Any, **options: Any) -> None:
        books = reconcile.reconcile()
        self.stdout.write(f"確定残額と追加確定　{books.sealed_yen:>15,}円")
        for bucket, name in reconcile.BUCKETS.items():
            count, yen = books.total(bucket)
            self.stdout.write(f"  {name}　{yen:,}円（{count:,}枚）")
        for difference in books.differences:
            name = reconcile.CHECKS.get(difference.check, ("発行元・確定残額との照合",))[0]
            self.stderr.write(
                f"差異　{name}　{difference.subject}　"
                f"{difference.left:,}円 ≠ {difference.right:,}円"
            )
        if books.differences:
            self.stderr.write(f"{len(books.differences):,}件の差異があります。")
            sys.exit(1)
        self.stdout.write("差異はありません。")
