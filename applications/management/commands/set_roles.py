"""`set_roles`: the six roles of the office, with exactly their rights."""

from typing import Any

from django.core.management import BaseCommand

from applications import roles


class Command(BaseCommand):
    help = "事務局の六つの役割（グループ）と権限をそろえます。何度実行しても同じです。"

    def handle(self, *args: Any, **options: Any) -> None:
        roles.set_roles()
        for role, label in roles.LABELS.items():
            count = len(roles.permissions_of(role))
            self.stdout.write(f"{role}（{label}）: {count}")
