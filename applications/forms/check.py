"""Step 5: the person has looked at everything and sends it (N94)."""

from typing import Any

from crispy_forms.layout import HTML, Submit
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import StepForm, Tick

TRAP = "homepage"  # a box that nobody sees; what fills in every box of a page fills in this one


class CheckForm(StepForm):
    """Consent, and the button that names the act."""

    consent = Tick(
        _(
            "個人情報の取り扱いと、内容が事実と違わないことをご確認のうえ、チェックを入れてください。"
        ),
        label=_("個人情報の取り扱いに同意し、入力した内容が事実と違わないことを確認しました"),
    )

    def buttons(self) -> list[Any]:
        """This one sends the application."""
        trap = HTML('{% include "parts/trap.html" %}')
        return [Submit("submit", _("この内容で申請する")), trap]
