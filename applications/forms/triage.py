"""How many coupons of which kind a family has; the one question of /check/ with boxes (N20)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.triage import KINDS, MOST

NUMBERS = [(str(number), str(number)) for number in range(MOST + 1)]


class CountsForm(forms.Form):
    """A number for each kind, sent by GET like every answer of /check/."""

    use_required_attribute = False

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_%s", label_suffix="")
        for kind, words in KINDS.items():
            field = forms.ChoiceField(label=words, choices=NUMBERS, required=False)
            field.widget.attrs["class"] = "narrow"
            field.mark = ""
            field.error_messages["invalid_choice"] = _("枚数を選んでください。")
            self.fields[kind] = field

    def clean(self) -> dict[str, Any]:
        """At least one coupon."""
        if not self.errors and not any(int(self.cleaned_data[kind] or 0) for kind in KINDS):
            self.add_error(next(iter(KINDS)), _("枚数を、1枚以上選んでください。"))
        return self.cleaned_data

    def counts(self) -> str:
        """The answer as the address carries it."""
        return "-".join(self.cleaned_data[kind] or "0" for kind in KINDS)
