"""What the operator types on the phone: the four facts first, then what happened (N38)."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError

from applications import receipts
from applications.desk import Ids
from applications.forms.fields import Box
from applications.models import Application, Claim
from applications.validators import dates
from applications.validators.numbers import inquiry_number
from applications.validators.text import folded, free, plain, refuse
from config.clock import JST
from config.notice import NOTICE
from coupons.models import Coupon, DoubleCharge
from payouts import clerks
from payouts.admin.listing import prefecture_name

DAY = re.compile(r"(\d{1,2})\s*[月/.\-]\s*(\d{1,2})日?")


def a_day(value: object, name: str) -> date:
    """A day in one box, in any spelling; without a year the outage's year is meant."""
    short = DAY.fullmatch(folded(value))
    year = str(NOTICE.dates.outage_day.year)
    boxes = (year, short[1], short[2]) if short else (value, "", "")
    return dates.day_of(boxes, name)


def number_as_heard(value: object) -> str:
    """The stored form where it is a number; else what was heard, since it is kept all the same."""
    try:
        return inquiry_number(value)
    except ValidationError:
        return plain(value)[:40]


def yen(value: object) -> str:
    """A sum of money in digits."""
    digits = re.sub(r"[,、円¥\s]", "", folded(value))
    if not digits.isdecimal() or not 0 < int(digits) < 1_000_000:
        raise refuse("金額を、数字で入力してください。")
    return digits


class DayBox(Box):
    """A day in one box."""

    def __init__(self, **options: Any) -> None:
        super().__init__(partial(a_day, name=options["label"]), **options)

    def clean(self, value: object) -> Any:
        return super().clean(value) or None


class OfficeForm(forms.Form):
    """A form of the desk, its ids plain, nothing marked by the browser."""

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, auto_id="id_%s", label_suffix="", **options)


class FactsForm(OfficeForm):
    """The four facts, in the order of the notice (N38). None but the prefecture is needed."""

    inquiry_number = Box(
        number_as_heard,
        required=False,
        label="① お問合せ番号",
        attrs={"inputmode": "numeric", "size": 20},
    )
    told_expiry = DayBox(required=False, label="② 有効期限", attrs={"size": 14})
    prefecture = forms.ChoiceField(
        label="③ ご利用の都道府県",
        error_messages={"required": "ご利用の都道府県を選んでください。"},
    )
    shop_name = Box(
        partial(free, limit=200, name="ご利用店舗"),
        required=False,
        label="④ ご利用店舗",
        attrs={"size": 30},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: Any, **options: Any) -> None:
        super().__init__(data, **options)
        if not self.is_bound:
            self.fields["inquiry_number"].widget.attrs["autofocus"] = True
        codes = clerks.prefectures_of(user)
        choices = [(code, prefecture_name(code)) for code in codes]
        blank = [] if len(codes) == 1 else [("", "選んでください")]
        self.fields["prefecture"].choices = [*blank, *choices]

    def coupon(self) -> Coupon | None:
        """The coupon that a valid form means, of its prefecture only (N25)."""
        number = self.cleaned_data["inquiry_number"]
        rows = Coupon.objects.filter(prefecture_code=self.cleaned_data["prefecture"])
        return rows.filter(inquiry_number=number).first() if number else None


class CallForm(OfficeForm):
    """What happened, and the trip, which is read out from the ledger where the coupon is found."""

    case = forms.ChoiceField(
        label="場合",
        choices=DoubleCharge.Case.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "①か②かを選んでください。"},
    )
    told_day = DayBox(required=False, label="決済の日", attrs={"size": 12})
    told_time = forms.TimeField(
        required=False,
        label="時刻",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "時刻を 18:05 のように入力してください。"},
    )
    told_yen = Box(
        yen, required=False, label="金額（円）", attrs={"inputmode": "numeric", "size": 8}
    )
    paid_with = Box(
        partial(free, limit=60, name="ほかのお支払い方法"),
        required=False,
        label="ほかのお支払い方法",
        help_text="①の方。現金、クレジットカード、電子マネーなど",
        attrs={"size": 20},
    )
    call_back_at = forms.DateTimeField(
        required=False,
        label="折り返し予定",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "折り返しの日時をご確認ください。"},
    )
    travel_type = forms.ChoiceField(
        label="旅行の種類",
        choices=Application.TravelType.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "日帰りか宿泊かを選んでください。"},
    )
    travel_start = DayBox(required=False, label="チェックイン日", attrs={"size": 12})
    travel_end = DayBox(label="旅行日・チェックアウト日", attrs={"size": 12})
    coupon_use = forms.ChoiceField(
        label="クーポンの状況",
        choices=Claim.Use.choices,
        error_messages={"required": "クーポンの状況を選んでください。"},
    )
    issuer = Box(
        partial(free, limit=60, name="クーポンの発行店"),
        required=False,
        label="クーポンの発行店",
        attrs={"size": 24},
    )

    def clean(self) -> dict[str, Any]:
        """A stay has two days, in order."""
        cleaned = super().clean()
        start, end = cleaned.get("travel_start"), cleaned.get("travel_end")
        if cleaned.get("travel_type") != Application.TravelType.STAY:
            cleaned["travel_start"] = None
        elif not start and "travel_start" not in self.errors:
            self.add_error("travel_start", "チェックイン日を入力してください。")
        elif start and end and start >= end:
            self.add_error("travel_start", "チェックアウト日より前の日を入力してください。")
        return cleaned

    def told_at(self) -> datetime | None:
        """The moment of the payment as told, JST; midnight where only the day is known."""
        day, hour = self.cleaned_data["told_day"], self.cleaned_data["told_time"]
        if not day and not hour:
            return None
        return datetime.combine(
            day or NOTICE.dates.outage_day, hour or datetime.min.time(), tzinfo=JST
        )


class IdsForm(OfficeForm):
    """What makes the same form, sent twice, one case."""

    submission_id = forms.UUIDField(widget=forms.HiddenInput)
    case_number = forms.CharField(widget=forms.HiddenInput)

    def clean_case_number(self) -> str:
        number = receipts.parse(self.cleaned_data["case_number"])
        if number is None:
            raise ValidationError("画面を開き直してください。")
        return number

    def ids(self) -> Ids:
        """The ids of a valid form."""
        return Ids(self.cleaned_data["submission_id"], self.cleaned_data["case_number"])


def fresh_ids() -> dict[str, str | UUID]:
    """Ids for a form that is opened."""
    return {"submission_id": uuid4(), "case_number": receipts.new()}


def written(day: date) -> str:
    """A day as the boxes show it."""
    return f"{day.year}/{day.month}/{day.day}"
