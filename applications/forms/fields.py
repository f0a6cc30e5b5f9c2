"""The kinds of boxes in our forms, and what every step's form has in common."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from applications.validators import dates
from applications.validators.deadline import in_time
from applications.validators.text import plain

PARTS = ("year", "month", "day")
KEPT = 32  # characters of a number or date kept as typed; a longer spelling is kept as stored


class Box(forms.Field):
    """One line of text, cleaned by a validator. What was typed comes back as it was typed."""

    def __init__(self, clean_with: Callable[[object], str], **options: Any) -> None:
        attrs = options.pop("attrs", {})
        self.kept = options.pop("kept", KEPT)
        self.clean_with = clean_with
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", **attrs}))
        super().__init__(**options)

    def clean(self, value: object) -> str:
        """The stored form; "" for an empty optional box. Raises ValidationError."""
        return self.clean_with(value) if self.required or plain(value) else ""

    def bound_data(self, data: object, initial: object) -> str:
        """What is shown again: without what nobody sees."""
        return plain(data)


class YearMonthDay(forms.MultiWidget):
    """Three boxes named …_year, …_month, …_day."""

    template_name = "dads/year_month_day.html"

    def __init__(self) -> None:
        super().__init__({part: forms.TextInput for part in PARTS})

    def decompress(self, value: date | None) -> list[object]:
        """The three numbers of a date."""
        return [value.year, value.month, value.day] if value else [None, None, None]


class DayField(forms.Field):
    """A date in three boxes, years in 西暦 or 令和."""

    widget = YearMonthDay

    def clean(self, value: Any) -> date | None:
        """The date; None for three empty optional boxes. Raises ValidationError."""
        boxes = tuple(value or ("", "", ""))
        return dates.day_of(boxes, self.label) if self.required or any(map(plain, boxes)) else None

    def bound_data(self, data: Any, initial: object) -> list[str]:
        """What is shown again: the three boxes as typed."""
        return [plain(box) for box in data or ("", "", "")]


class Choice(forms.ChoiceField):
    """One of a few answers, as radio buttons; no answer is chosen beforehand."""

    widget = forms.RadioSelect

    def __init__(self, missing: str, **options: Any) -> None:
        messages = {"required": missing, "invalid_choice": missing}
        super().__init__(error_messages=messages, **options)


class Tick(forms.BooleanField):
    """A box to tick."""

    def __init__(self, missing: str = "", **options: Any) -> None:
        super().__init__(error_messages={"required": missing}, **options)


class StepForm(forms.Form):
    """One step: its own fields, the deadline, the buttons. `road` is the road being asked for."""

    button = _("次へ進む")
    use_required_attribute = False
    road = "points"

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, at: datetime, extended: Mapping[str, Any]
    ) -> None:
        super().__init__(data, auto_id="id_%s", label_suffix="")
        self.at, self.extended = at, extended

    def clean(self) -> dict[str, Any]:
        """After the deadline every form says so, kindly (N34)."""
        in_time(self.at, self.extended, self.road)
        return self.cleaned_data

    def unjudged(self) -> "StepForm":
        """The form with its values but without a word about them: Back, 変更, one more row."""
        self._errors = ErrorDict()
        return self

    def refuse(self, name: str, check: Callable[[], Any]) -> Any:
        """The result of a check, or its error laid at the box `name`."""
        try:
            return check()
        except ValidationError as error:
            self.add_error(None if hasattr(error, "error_dict") else name, error)
            return None

    def typed(self) -> dict[str, str]:
        """The values to keep in the draft: as typed, but never longer than the stored form allows.

        Call it on a valid form only.
        """
        kept = {}
        for name, field in self.fields.items():
            if isinstance(field, DayField):
                for part, box in zip(PARTS, self[name].data, strict=True):
                    kept[f"{name}_{part}"] = self._kept(plain(box), name, part)
            elif isinstance(field, Tick):
                kept[name] = "on" if self.cleaned_data[name] else ""
            elif isinstance(field, Box):
                text = plain(self[name].data)
                kept[name] = text if len(text) <= field.kept else self.cleaned_data[name]
            else:
                kept[name] = self.cleaned_data[name]
        return {name: value for name, value in kept.items() if value}

    def raw(self) -> dict[str, str]:
        """All that was typed, right or wrong, so that it can be shown again."""
        boxes = {}
        for name, field in self.fields.items():
            if isinstance(field, DayField):
                for part, box in zip(PARTS, self[name].data, strict=True):
                    boxes[f"{name}_{part}"] = plain(box)
            elif isinstance(field, Tick):
                boxes[name] = "on" if self[name].data else ""
            else:
                boxes[name] = plain(self[name].data)
        return {name: value for name, value in boxes.items() if value}

    def _kept(self, typed: str, name: str, part: str) -> str:
        if len(typed) <= KEPT or not self.cleaned_data[name]:
            return typed[:KEPT]
        return str(getattr(self.cleaned_data[name], part))

    @property
    def helper(self) -> FormHelper:
        """How crispy lays the form out."""
        helper = FormHelper(self)
        helper.layout = Layout(*self.layout(), Div(*self.buttons(), css_class="buttons"))
        return helper

    def layout(self) -> list[Any]:
        """The parts of the form from top to bottom."""
        return list(self.fields)

    def buttons(self) -> list[Any]:
        """The buttons below the form."""
        return [Submit("next", self.button)]


def heading(text: str) -> HTML:
    """A heading between fields."""
    return HTML(f"<h2>{text}</h2>")


def words(html: str) -> HTML:
    """A piece of page between fields. It is read as a template: never put in what was typed."""
    return HTML(html)
