"""What the office writes for everybody: one text of one report."""

from typing import Any

from django import forms

from applications import announcements
from applications.models import Announcement


class AnnouncementForm(forms.Form):
    """Kind, report, title and text; the numbers on offer are those that can be right."""

    kind = forms.ChoiceField(
        label="種類",
        choices=Announcement.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "種類を選んでください。"},
    )
    number = forms.TypedChoiceField(
        label="第何報",
        coerce=int,
        error_messages={"required": "第何報かを選んでください。"},
    )
    title = forms.CharField(
        label="題名",
        max_length=100,
        error_messages={"required": "題名を入力してください。"},
    )
    body = forms.CharField(
        label="本文",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="空の行で段落を分けます。行の初めに「・」を付けると箇条書きになります。"
        "リンクになるのは、このサイトのアドレスだけです。",
        error_messages={"required": "本文を入力してください。"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, label_suffix="", use_required_attribute=False, **options)
        coming = announcements.next_number()
        numbers = [coming, *reversed(announcements.known_numbers())]
        self.fields["number"].choices = [
            (number, f"第{number}報" + ("（新しいお知らせ）" if number == coming else ""))
            for number in numbers
        ]
