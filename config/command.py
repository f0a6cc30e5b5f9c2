"""What the commands of the office share: the clock, and who signs."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import BaseCommand, CommandError, CommandParser

from config import rehearsal
from config.states import Refused


class OfficeCommand(BaseCommand):
    """A command that runs by the office's clock and tells a refusal in one line, with exit 1."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        rehearsal.refresh()
        try:
            return super().execute(*args, **options)
        except Refused as refused:
            raise CommandError(refused.message) from None

    def add_by(self, parser: CommandParser, *, required: bool = True) -> None:
        """`--by USER`: the staff account that signs."""
        parser.add_argument("--by", metavar="USER", required=required, help="担当者のログイン名")

    def signer(self, name: str | None, permission: str = "") -> AbstractBaseUser | None:
        """The account behind `--by`. Raises CommandError where it may not sign."""
        if name is None:
            return None
        user = get_user_model().objects.filter(username=name, is_active=True, is_staff=True).first()
        if user is None or (permission and not user.has_perm(permission)):
            raise CommandError(f"{name}: この操作の権限がある担当者ではありません。")
        return user
