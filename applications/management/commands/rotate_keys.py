"""Writes every encrypted column anew with the first of FIELD_KEYS; then the old ones may go."""

import sys
from typing import Any

from django.conf import settings

from applications import blobs
from config.command import OfficeCommand
from config.owner import as_owner


class Command(OfficeCommand):
    help = "Re-encrypts what was written under an older key; exits 1 where no key opens a blob."

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            found = blobs.rotate_all()
        for name, told in found.items():
            self.stdout.write(f"{name}　書き直し {told.anew:,}件")
        if unreadable := {name: told.unreadable for name, told in found.items() if told.unreadable}:
            for name, count in unreadable.items():
                self.stderr.write(f"{name}　どの鍵でも開けないもの {count:,}件")
            sys.exit(1)
        if settings.HASH_KEY in settings.FIELD_KEYS[1:]:
            self.stdout.write(
                "古い鍵はハッシュにも使われています。HASH_KEYに残してから外してください。"
            )
        else:
            self.stdout.write("古い鍵は外せます（申請の下書きのcookieがなくなる24時間後から）。")
