"""Step 2: who asks, and how to reach that person (N26, N27, N29)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.forms.fields import Box, StepForm
from applications.validators.emails import email
from applications.validators.kana import kana
from applications.validators.names import NAME_LIMIT, name
from applications.validators.phones import phone


class PersonForm(StepForm):
    """Name as written, its reading, a phone number or a mail address."""

    name = Box(
        name,
        label=_("お名前"),
        help_text=_("外字や旧字、アルファベットも、そのまま入力できます。"),
        kept=NAME_LIMIT,
        attrs={"autocomplete": "name", "spellcheck": "false"},
    )
    kana = Box(
        kana,
        label=_("お名前（カナ）"),
        help_text=_("ひらがなでも入力できます。カタカナに直します。ローマ字も使えます。"),
        kept=NAME_LIMIT,
        attrs={"spellcheck": "false"},
    )
    phone = Box(
        phone,
        required=False,
        label=_("電話番号"),
        help_text=_("確認が必要なときに、事務局からお電話します。固定電話でもかまいません。"),
        attrs={"autocomplete": "tel", "inputmode": "tel"},
    )
    email = Box(
        email,
        required=False,
        label=_("メールアドレス"),
        help_text=_("電話番号をお持ちでない方は、必ず入力してください。"),
        kept=254,
        attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["phone"].mark = self.fields["email"].mark = _("どちらか必須")

    def clean(self) -> dict[str, Any]:
        """One of the two ways to reach the person is needed."""
        super().clean()
        if self.cleaned_data.get("phone") == "" and self.cleaned_data.get("email") == "":
            self.add_error(
                "phone", _("電話番号かメールアドレスの、どちらか1つを入力してください。")
            )
        return self.cleaned_data
