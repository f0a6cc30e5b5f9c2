"""The rehearsal's clock, as one types it."""

from datetime import datetime

from django import forms

from config import clock


class ClockForm(forms.Form):
    """The moment to which the clock goes on: a day and an hour, Japanese time."""

    moment = forms.DateTimeField(
        label="時計を進める先（日本時間）",
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M"],
        help_text="例：2023-04-20 09:30",
        error_messages={
            "required": "日時を入力してください。",
            "invalid": "2023-04-20 09:30 の形で入力してください。",
        },
    )

    def clean_moment(self) -> datetime:
        """Typed without an offset, meant in Japanese time."""
        return self.cleaned_data["moment"].replace(tzinfo=clock.JST)
