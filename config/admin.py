"""The office's admin site: password and one-time code, Japanese throughout.

The admin runs without scripts, under the same content policy as the rest of the site.
"""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django_otp import devices_for_user
from django_otp.admin import OTPAdminSite
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

# One sentence for all three, so that nobody learns which of them was right.
WRONG = (
    "ログイン名、パスワード、確認コードのいずれかが違います。"
    "確認コードは一度だけ使えます。新しいコードが表示されてから入力してください。"
)
LOCKED = "確認コードの誤りが続いたため、しばらく受け付けません。少し待ってからお試しください。"


class LoginForm(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Log-in name, password and the code of the second factor, in one step."""

    otp_token = forms.CharField(
        label="確認コード",
        help_text="認証アプリに表示される6けたの数字",
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "確認コードを入力してください。"},
    )
    error_messages = {"invalid_login": WRONG, "inactive": WRONG}
    otp_error_messages = {
        **OTPAuthenticationFormMixin.otp_error_messages,
        "invalid_token": WRONG,
        "device_required": WRONG,
        "n_failed_attempts": LOCKED,
        "verification_not_allowed": LOCKED,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "ログイン名"
        self.fields["password"].label = "パスワード"
        self.fields["username"].error_messages["required"] = "ログイン名を入力してください。"
        self.fields["password"].error_messages["required"] = "パスワードを入力してください。"

    def clean(self) -> dict[str, Any]:
        """Ask for nothing of the account before all three are there."""
        if self.errors:
            return self.cleaned_data
        super().clean()
        self.clean_otp(self.get_user())
        return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        """Accounts that are not the office's get the same sentence."""
        if not (user.is_active and user.is_staff):
            raise forms.ValidationError(WRONG, code="invalid_login")

    def _chosen_device(self, user: Any) -> Device | None:
        """Six digits are the app's code, anything else a recovery code."""
        token = self.cleaned_data.get("otp_token", "")
        app = token.isdecimal() and len(token) == 6
        devices = devices_for_user(user, for_verify=True)
        return next((found for found in devices if isinstance(found, TOTPDevice) == app), None)

    def _update_form(self, user: Any) -> None:
        """The password is typed again."""


class OfficeSite(OTPAdminSite):
    """Django's admin behind a second factor."""

    site_header = "補償事務局"
    site_title = "補償事務局"
    index_title = "事務局の業務"
    site_url = None
    enable_nav_sidebar = False
    login_form = LoginForm
    login_template = "admin/login.html"

    def __init__(self) -> None:
        super().__init__("admin")
