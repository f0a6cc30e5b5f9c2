"""What the clerk types on the phone: topic, the facts of the caller, what is to be done."""

from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications.admin.call_pages import PrefectureForm, area
from applications.admin.desk_forms import DayBox, OfficeForm
from applications.forms.fields import Box
from applications.models import Inquiry
from applications.validators.emails import email
from applications.validators.kana import kana
from applications.validators.numbers import digits
from applications.validators.phones import is_phone, mobile, phone
from applications.validators.postal import postal_code
from applications.validators.text import compact, free, refuse

OPTIONAL = {"required": False}


def tail(value: object) -> str:
    """The last four digits of a coupon's number, also out of the whole one."""
    found = digits(value)
    if len(found) < 4 or not found.isdecimal():
        raise refuse("下4けたを、数字で入力してください。")
    return found[-4:]


def delivery(value: object) -> str:
    """A mobile number or a mail address."""
    return email(value) if "@" in compact(value) else mobile(value)


class CallForm(PrefectureForm):
    """The beginning of an inquiry."""

    way = forms.ChoiceField(label="手段", choices=Inquiry.Way.choices, initial="phone")
    topic = forms.ChoiceField(
        label="用件",
        choices=[("", "選んでください"), *Inquiry.Topic.choices],
        error_messages={"required": "用件を選んでください。"},
    )
    caller = Box(
        partial(free, limit=60, name="お名前"),
        label="お名前（任意）",
        attrs={"size": 20},
        **OPTIONAL,
    )
    caller_phone = Box(phone, label="折り返し先（任意）", attrs={"size": 16}, **OPTIONAL)

    def told(self) -> dict[str, Any]:
        """The fields of the inquiry."""
        kept = {name: self.cleaned_data[name] for name in ("way", "topic", "caller")}
        return {
            **kept,
            "caller_phone": self.cleaned_data["caller_phone"],
            "prefecture_code": self.cleaned_data["prefecture"],
        }


class FactsForm(OfficeForm):
    """What the caller says, to be held against the application. Nothing of it is kept."""

    kana = Box(kana, label="お名前（カナ）", attrs={"size": 20}, **OPTIONAL)
    phone = Box(phone, label="電話番号", attrs={"size": 16}, **OPTIONAL)
    email = Box(email, label="メールアドレス", attrs={"size": 26}, **OPTIONAL)
    coupon = Box(tail, label="お問合せ番号の下4けた", attrs={"size": 8}, **OPTIONAL)
    trip = DayBox(label="旅行日・チェックアウト日", attrs={"size": 12}, **OPTIONAL)
    delivery = Box(delivery, label="受取案内の配信先", attrs={"size": 26}, **OPTIONAL)
    postal = Box(postal_code, label="郵便番号", attrs={"size": 10}, **OPTIONAL)

    def given(self) -> dict[str, Any]:
        """The facts that were given, in stored forms."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class TodoForm(OfficeForm):
    """What was said, and what is still to be done."""

    topic = forms.ChoiceField(label="用件", choices=Inquiry.Topic.choices)
    asked = area("お尋ね")
    answered = area("お答え")
    later = area("その後・申し送り", rows=2)
    call_back_at = forms.DateTimeField(
        required=False,
        label="折り返し予定",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "折り返しの日時をご確認ください。"},
    )
    caller_phone = Box(phone, label="折り返し先", attrs={"size": 16}, **OPTIONAL)
    escalated_to = forms.ChoiceField(
        required=False,
        label="引き継ぎ先",
        choices=[("", "引き継がない"), *Inquiry.Role.choices],
    )

    def clean(self) -> dict[str, Any]:
        """Who is to be called back needs a number."""
        cleaned = super().clean()
        if cleaned.get("call_back_at") and cleaned.get("caller_phone") == "":
            self.add_error("caller_phone", "折り返し先の電話番号を入力してください。")
        return cleaned

    def told(self) -> dict[str, Any]:
        """The fields of the inquiry."""
        names = ("topic", "call_back_at", "caller_phone", "escalated_to")
        return {name: self.cleaned_data[name] for name in names}

    def notes(self) -> dict[str, str]:
        """The texts by kind."""
        return {name: self.cleaned_data[name] for name in ("asked", "answered", "later")}


def searched_phone(typed: str) -> str:
    """The stored form of a phone number typed into the search box, "" for anything else."""
    if not is_phone(typed):
        return ""
    try:
        return phone(typed)
    except ValidationError:
        return ""
