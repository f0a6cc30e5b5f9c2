"""The rehearsal's clock, as one types it."""

from datetime import datetime, time, timedelta

from django import forms

from config import clock
from config.notice import NOTICE
from config.templatetags.notice import ja_date

BEFORE, AFTER = timedelta(days=365), timedelta(days=730)  # around the notice's story


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
        """Typed without an offset, meant in Japanese time; near the days of the notice."""
        moment = self.cleaned_data["moment"].replace(tzinfo=clock.JST)
        day = datetime.combine(NOTICE.dates.outage_day, time(), clock.JST)
        if not day - BEFORE <= moment < day + AFTER:
            bounds = f"{ja_date(day - BEFORE)}から{ja_date(day + AFTER - timedelta(days=1))}まで"
            raise forms.ValidationError(f"{bounds}の日時を入力してください。", "far")
        return moment
