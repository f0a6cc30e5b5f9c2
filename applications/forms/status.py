"""The questions of /status/: who asks; and for app holders the coupon and the old contact."""

from copy import deepcopy

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.corrections.answering import Answer
from applications.forms.bank import app_contact
from applications.forms.coupons import CouponsForm
from applications.forms.fields import Box, StepForm
from applications.forms.person import PersonForm
from applications.forms.status_parts import Part
from applications.validators.numbers import inquiry_number

LONG = {"max_length": _("長すぎます。お確かめください。")}
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class StatusForm(forms.Form):
    """Receipt number, and one fact that only the applicant knows."""

    use_required_attribute = False

    receipt = forms.CharField(
        label=_("受付番号"),
        max_length=60,
        help_text=_("例：K7Q2-M9XA-3BCD（大文字・小文字、全角・半角、ハイフンの有無は問いません）"),
        widget=forms.TextInput(attrs=PLAIN),
        error_messages=LONG | {"required": _("受付番号を入力してください。")},
    )
    proof = forms.CharField(
        label=_("ご連絡先の電話番号の下4けた、またはメールアドレス"),
        max_length=254,
        help_text=_("申請のときに入力したものです。"),
        widget=forms.TextInput(attrs=PLAIN),
        error_messages=LONG
        | {"required": _("電話番号の下4けた、またはメールアドレスを入力してください。")},
    )


class HolderPart(Part, StepForm):
    """What tells an app holder's payout apart: the coupon, and the contact that the app had."""

    title = _("アプリにチャージしたクーポン")

    prefecture = deepcopy(CouponsForm.base_fields["prefecture"])
    inquiry_number = Box(
        inquiry_number,
        label=_("クーポンのお問合せ番号"),
        help_text=_("何枚かあるときは、そのうちの1枚でかまいません。"),
        attrs={"inputmode": "numeric", "spellcheck": "false"},
    )
    name = deepcopy(PersonForm.base_fields["name"])
    old_contact = Box(
        app_contact,
        label=_("アプリに登録した、これまでの電話番号またはメールアドレス"),
        kept=254,
        attrs=PLAIN,
    )

    def answer(self) -> Answer:
        """What was said, the prefecture under the name that it is stored by."""
        values = dict(self.cleaned_data)
        return Answer(values | {"prefecture_code": values.pop("prefecture")})
