"""Step 3: points or bank, and where the guide to the receiving page goes (N19, N27, N28, N46)."""

from typing import Any

from crispy_forms.layout import Fieldset
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import Box, Choice, StepForm, words
from applications.validators.deadline import in_time
from applications.validators.emails import email
from applications.validators.phones import mobile
from config.languages import lazily, notice
from config.notice import NOTICE

CHANNELS = [("sms", _("携帯電話のSMS（ショートメッセージ）")), ("email", _("メール"))]
METHODS = [
    ("points", _("キャッシュレスポイント")),
    ("bank", _("銀行などの口座への振込（ポイントを希望しない方）")),
]


def when_sent() -> str:
    """From when either is sent, in the notice's words."""
    return _(
        "ポイントは%(points)s、口座への振込は%(bank)s、確認ができた方から順にお送りします。"
    ) % {
        "points": notice().words.points_from,
        "bank": notice().words.bank_from,
    }


class ReceiveForm(StepForm):
    """One way of receiving, one place for the guide."""

    method = Choice(
        _("受取方法を選んでください。"),
        label=_("受取方法"),
        help_text=lazily(when_sent),
        choices=METHODS,
    )
    channel = Choice(
        _("受取案内の配信先を選んでください。"),
        required=False,
        label=_("受取案内の配信先"),
        help_text=_("受付のお知らせと、受け取りのご案内をお送りします。"),
        choices=CHANNELS,
    )
    delivery_phone = Box(
        mobile,
        required=False,
        label=_("SMSを受け取る携帯電話番号"),
        help_text=_("SMSを選んだ方。060・070・080・090で始まる番号です。"),
        attrs={"autocomplete": "tel", "inputmode": "tel"},
    )
    delivery_email = Box(
        email,
        required=False,
        label=_("メールを受け取るアドレス"),
        help_text=_("メールを選んだ方。"),
        kept=254,
        attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if NOTICE.bank_road:
            self.fields["channel"].mark = _("ポイントの方は必須")
        else:  # nothing to choose: whoever applies gets points
            del self.fields["method"]
        self.fields["delivery_phone"].mark = self.fields["delivery_email"].mark = ""

    def clean(self) -> dict[str, Any]:
        """Points need a channel; of the two boxes only the chosen channel's is judged."""
        super().clean()
        if not NOTICE.bank_road:
            self.cleaned_data["method"] = "points"
        method, channel = self.cleaned_data.get("method"), self.cleaned_data.get("channel")
        if method == "bank":
            self._check_bank_is_open()
        if method == "points" and channel == "":
            self.add_error("channel", self.fields["channel"].error_messages["required"])
        boxes = {"sms": "delivery_phone", "email": "delivery_email"}
        for kind, box in boxes.items():
            if kind != channel:
                self.errors.pop(box, None)
                self.cleaned_data[box] = ""
            elif box not in self.errors and not self.cleaned_data[box]:
                self.refuse(box, lambda box=box: self.fields[box].clean_with(""))
        return self.cleaned_data

    def delivery(self) -> str:
        """The chosen address of a valid form, "" where none was chosen."""
        return self.cleaned_data["delivery_phone"] or self.cleaned_data["delivery_email"]

    def layout(self) -> list[Any]:
        """The way of receiving first, the channel's boxes as one group."""
        return [
            *(name for name in ("method",) if name in self.fields),
            words('{% include "apply/about_method.html" %}'),
            Fieldset(_("受け取りのご案内の送り先"), "channel", "delivery_phone", "delivery_email"),
            words('{% include "apply/about_channel.html" %}'),
        ]

    def _check_bank_is_open(self) -> None:
        try:
            in_time(self.at, self.extended, "bank")
        except ValidationError as error:
            self.add_error("method", error)
