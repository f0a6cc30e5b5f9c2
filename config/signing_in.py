"""Who comes in: log-in name, password and code in one step; the first time without a code."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django_otp import devices_for_user
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import access, clock, second_factor
from config.cipher import keyed_hash
from config.models import HandedPassword
from config.states import Refused

# One sentence for all, so that nobody learns which of them was right, or who has an account.
WRONG = (
    "ログイン名、パスワード、確認コードのいずれかが違います。"
    "確認コードは一度だけ使えます。新しいコードが表示されてから入力してください。"
    "誤りが続いたときは、正しくてもしばらく受け付けません。"
)
NO_CODE = (
    "確認コードを入力してください。"
    "はじめてログインする方は、ログイン名とパスワードを確かめてください。"
)
ENDED = "初期パスワードの期限が過ぎました。責任者に、新しい初期パスワードを頼んでください。"


class LoginForm(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Log-in name, password and the code of the second factor, in one step.

    `first` is set where the account has no second factor yet and the password is right.
    """

    otp_token = forms.CharField(
        label="確認コード",
        help_text="認証アプリに表示される6けたの数字、または回復コード。はじめてのときは空欄",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    error_messages = {"invalid_login": WRONG, "inactive": WRONG}
    otp_error_messages = dict.fromkeys(OTPAuthenticationFormMixin.otp_error_messages, WRONG)
    first = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "ログイン名"
        self.fields["password"].label = "パスワード"
        self.fields["username"].error_messages["required"] = "ログイン名を入力してください。"
        self.fields["password"].error_messages["required"] = "パスワードを入力してください。"

    def clean(self) -> dict[str, Any]:
        """Ask for nothing of the account before name and password are there."""
        if self.errors:
            return self.cleaned_data
        if not self.cleaned_data["otp_token"]:
            return self.clean_first()
        super().clean()
        self.clean_otp(self.get_user())
        self.clean_handed()
        return self.cleaned_data

    def clean_first(self) -> dict[str, Any]:
        """Without a code: only the password of an account that has nothing to make one with."""
        try:
            super().clean()
        except forms.ValidationError:
            self.add_error("otp_token", NO_CODE)
            return self.cleaned_data
        if any(devices_for_user(self.get_user())):
            self.user_cache = None
            self.add_error("otp_token", NO_CODE)
            return self.cleaned_data
        self.clean_handed()
        self.first = True
        return self.cleaned_data

    def clean_handed(self) -> None:
        """A password that somebody else chose ends by itself."""
        rows = HandedPassword.objects.filter(user=self.get_user(), until__lte=clock.real_now())
        if rows.exists():
            raise forms.ValidationError(ENDED, code="ended")

    def confirm_login_allowed(self, user: Any) -> None:
        """Accounts that are not the office's get the same sentence."""
        if not (user.is_active and user.is_staff):
            raise forms.ValidationError(WRONG, code="invalid_login")

    def _chosen_device(self, user: Any) -> Device | None:
        """Six digits are the app's code, anything else a recovery code."""
        typed = self.cleaned_data.get("otp_token", "")
        digits = second_factor.digits(typed)
        app = len(digits) == 6 and len(typed.split("-")) == 1
        self.cleaned_data["otp_token"] = digits if app else second_factor.kept(typed)
        devices = devices_for_user(user, for_verify=True)
        return next((found for found in devices if isinstance(found, TOTPDevice) == app), None)

    def _update_form(self, user: Any) -> None:
        """The password is typed again."""


class PasswordForm(PasswordChangeForm):
    """The own password, changed by who knows the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "いまのパスワード"
        self.fields["new_password1"].label = "新しいパスワード"
        self.fields["new_password1"].help_text = "12文字以上。よくある言葉だけでは使えません"
        self.fields["new_password2"].label = "新しいパスワード（もう一度）"
        self.fields["new_password2"].help_text = ""
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label}を入力してください。"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)

    def clean(self) -> dict[str, Any]:
        """The new one is another one."""
        found = super().clean()
        if found.get("new_password2") and found.get("new_password2") == found.get("old_password"):
            self.add_error("new_password1", "いまのものと違うパスワードにしてください。")
        return found

    def save(self, commit: bool = True) -> Any:
        """Keep it; what somebody else chose is over."""
        with transaction.atomic():
            user = super().save(commit)
            HandedPassword.objects.filter(user=user).delete()
            access.noted(user, "sign_in", "user", user.pk, "password")
        return user


class CodeForm(forms.Form):
    """A code of the app."""

    code = forms.CharField(
        label="確認コード",
        help_text="認証アプリに表示される6けたの数字",
        max_length=16,
        error_messages={"required": "確認コードを入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def hand(user: Any, by: Any) -> str:
    """Begin a first password and return its first half; nobody can log in with it yet.

    The password before it is over. The half is worked out again from the row, so no row keeps it.
    """
    until = clock.real_now() + timedelta(days=settings.FIRST_PASSWORD_DAYS)
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        row, _ = HandedPassword.objects.update_or_create(
            user=user, defaults={"until": until, "asked_by": by, "approved_by": None}
        )
    return first_half(row)


def hand_second(user: Any, by: Any) -> str:
    """Complete a first password, by another person than its beginner; returns the second half.

    From now on both halves together open the account, once, for FIRST_PASSWORD_DAYS. Raises
    Refused.
    """
    at = clock.real_now()
    with transaction.atomic():
        rows = HandedPassword.objects.select_for_update(of=("self",))
        row = rows.filter(user=user, approved_by=None, until__gt=at).first()
        if row is None:
            raise Refused("後半を待っている初期パスワードはありません。", "moved")
        if by.pk in (row.asked_by_id, user.pk):
            raise Refused("前半を出した人とは別の担当者が出してください。", "two_people")
        first, second = first_half(row), second_factor.half(secrets.token_bytes(32))
        user.set_password(f"{first}-{second}")
        user.save(update_fields=["password"])
        row.until = at + timedelta(days=settings.FIRST_PASSWORD_DAYS)
        row.approved_by = by
        row.save(update_fields=["until", "approved_by"])
    return second


def first_half(row: HandedPassword) -> str:
    """The first half of a first password not completed yet: another one for each beginning."""
    return second_factor.half(keyed_hash("first half", f"{row.user_id}:{row.until.timestamp()}"))


def lock_ends(last: datetime) -> datetime:
    """When a lock ends whose last counted failure was at `last` (real time, JST)."""
    return (last + timedelta(hours=settings.AXES_COOLOFF_TIME)).astimezone(clock.JST)


def locked_until(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime:
    """Until when this log-in name is locked from this address (real time, JST)."""
    rows = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials),
        ip_address=getattr(request, "axes_ip_address", None),
    )
    return lock_ends(rows.aggregate(last=Max("attempt_time"))["last"] or clock.real_now())
