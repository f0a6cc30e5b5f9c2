"""What a manager types about an account of the office."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from applications import roles, staff
from config.notice import NOTICE
from payouts import clerks

USERNAME = RegexValidator(
    r"\A[a-z][a-z0-9._-]{2,29}\Z",
    "半角の英小文字で始めて、英小文字・数字・「.」「_」「-」で3文字以上30文字以下にしてください。",
)


class StaffForm(forms.Form):
    """Name, roles and prefectures; the log-in name only of a new account."""

    username = forms.CharField(
        label="ログイン名",
        help_text="半角の英小文字・数字（例：yamada.h）。あとから変えられません",
        max_length=30,
        validators=[USERNAME],
        error_messages={"required": "ログイン名を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(
        label="氏名",
        max_length=60,
        error_messages={"required": "氏名を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        label="役割",
        choices=list(roles.LABELS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    everywhere = forms.BooleanField(label="全都道府県を担当する", required=False)
    prefectures = forms.MultipleChoiceField(
        label="担当の都道府県", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, by: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = clerks.prefectures_of(by)
        self.fields["prefectures"].choices = [
            (code, NOTICE.prefectures[code].name) for code in own if code in NOTICE.prefectures
        ]
        if clerks.visible(by) is not None:
            del self.fields["everywhere"]
        if not new:
            del self.fields["username"]

    def wanted(self) -> staff.Wanted:
        """What is asked for."""
        given = self.cleaned_data
        everywhere = bool(given.get("everywhere"))
        return staff.Wanted(
            given["name"],
            frozenset(given["roles"]),
            frozenset() if everywhere else frozenset(given["prefectures"]),
            everywhere,
        )


def initial(user: Any) -> dict[str, Any]:
    """The form of an account as it is."""
    clerk = getattr(user, "clerk", None)
    return {
        "name": user.last_name,
        "roles": [group.name for group in user.groups.all()],
        "everywhere": bool(clerk and clerk.everywhere),
        "prefectures": clerk.prefectures if clerk else [],
    }
