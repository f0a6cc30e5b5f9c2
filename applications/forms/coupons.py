"""Step 1: the trip and its coupons, up to ten (N7, N13, N23, N26, N30)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from crispy_forms.layout import Fieldset, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.answers import CouponAnswer
from applications.forms.fields import Box, Choice, DayField, StepForm, Tick, heading, words
from applications.models import Application, Claim
from applications.validators.names import NAME_LIMIT
from applications.validators.numbers import inquiry_number
from applications.validators.text import free, plain, refuse
from config.languages import lazily, notice
from config.notice import NOTICE
from config.templatetags.notice import ja_day

MOST = 10
YEARS = 1  # before and after the outage's year, in which a trip may lie
LONGEST = 60  # days of a stay
NOT_USED = ("none", _("この欄は使わない"))  # the way out of a row that was added by mistake
ROW = re.compile(r"(?:inquiry_number|coupon_use)_(\d)")
NUMBER = re.compile(r"inquiry_number_(\d)")


def outage_day() -> dict[str, str]:
    """The day of the outage, for the sentences that name it."""
    return {"day": ja_day(NOTICE.dates.outage_day)}


def prefectures() -> list[tuple[str, str]]:
    """Code and name of each prefecture, a word to choose before them."""
    names = [(code, prefecture.name) for code, prefecture in notice().prefectures.items()]
    return [("", _("選んでください")), *names]


def issuer(value: object) -> str:
    """The shop, hotel or agency that gave the coupon out."""
    return free(value, NAME_LIMIT, _("クーポンの発行店"))


def numbered(row: int) -> Callable[[object], str]:
    """The check of one of several numbers: its sentences say which coupon they mean."""

    def clean(value: object) -> str:
        try:
            return inquiry_number(value)
        except ValidationError as error:
            raise refuse(
                _("%(place)s枚目：%(words)s") % {"place": row + 1, "words": error.message},
                error.code,
            ) from error

    return clean


class CouponsForm(StepForm):
    """One trip, one prefecture; for each coupon its number and where it is."""

    prefecture = Choice(
        _("ご利用の都道府県を選んでください。"),
        label=_("ご利用の都道府県"),
        help_text=_("旅行でクーポンを受け取った都道府県です。"),
        choices=prefectures,
        widget=forms.Select,
    )
    travel_type = Choice(
        _("日帰りか宿泊かを選んでください。"),
        label=_("旅行の種類"),
        choices=Application.TravelType.choices,
    )
    travel_start = DayField(
        label=_("チェックイン日"), required=False, help_text=_("宿泊旅行の方だけ入力してください。")
    )
    travel_end = DayField(
        label=_("チェックアウト日（日帰りの方は旅行日）"),
        help_text=lazily(
            lambda: (
                _("例：%(year)s年%(month)s月10日。令和の年でも入力できます。")
                % {"year": NOTICE.dates.outage_day.year, "month": NOTICE.dates.outage_day.month}
            )
        ),
    )
    expires_on_outage_day = Choice(
        lazily(lambda: _("有効期限が%(day)sまでだったかを選んでください。") % outage_day()),
        label=lazily(
            lambda: _("クーポン（紙）に印刷された有効期限は、%(day)sまででしたか") % outage_day()
        ),
        help_text=_("はじめの有効期限です。延長されたあとの期限ではありません。"),
        choices=Application.Expires.choices,
    )
    number_unknown = Tick(
        required=False, label=_("お問合せ番号がわからないクーポンがある（紛失など）")
    )
    issuer = Box(
        issuer,
        required=False,
        label=_("クーポンの発行店"),
        help_text=_(
            "番号がわからない方は必ず入力してください。クーポンを受け取った宿泊施設や旅行会社の名前です。"
        ),
        kept=NAME_LIMIT,
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, rows: int = 1, **times: Any
    ) -> None:
        super().__init__(data, **times)
        self.fields["travel_start"].mark = _("宿泊の方は必須")
        self.fields["issuer"].mark = ""
        self.rows = min(MOST, max(rows, rows_in(data)))
        for row in range(self.rows):
            self.fields[f"inquiry_number_{row}"] = Box(
                numbered(row) if self.rows > 1 else inquiry_number,
                required=False,
                label=_("お問合せ番号"),
                help_text=_("ハイフンや空白は、あってもなくてもかまいません。"),
                attrs={"inputmode": "numeric", "spellcheck": "false"},
            )
            self.fields[f"coupon_use_{row}"] = Choice(
                _("クーポンの状況を選んでください。"),
                required=False,
                label=_("このクーポンは、いまどうなっていますか"),
                choices=[*Claim.Use.choices, *([NOT_USED] if row else [])],
            )
            for name in (f"inquiry_number_{row}", f"coupon_use_{row}"):
                self.fields[name].mark = "" if row else _("必須")

    def clean(self) -> dict[str, Any]:
        """Rules between the boxes, each told at its own."""
        super().clean()
        self._check_trip()
        self._check_numbers()
        if self.cleaned_data.get("number_unknown") and self.cleaned_data.get("issuer") == "":
            self.add_error(
                "issuer",
                _(
                    "番号がわからないときは、クーポンの発行店（宿泊施設や旅行会社）を入力してください。"
                ),
            )
        return self.cleaned_data

    def coupons(self) -> tuple[CouponAnswer, ...]:
        """The coupons of a valid form, in the order of the rows; empty rows left out."""
        kept, cleaned = self.typed(), self.cleaned_data
        names = [f"inquiry_number_{row}" for row in range(self.rows)]
        return tuple(
            CouponAnswer(
                kept[name], cleaned[name], cleaned[name.replace("inquiry_number", "coupon_use")]
            )
            for name in names
            if cleaned[name]
        )

    def not_covered(self) -> bool:
        """Neither the expiry nor the trip is the outage day's, as a valid form says (N12)."""
        cleaned = self.cleaned_data
        return (
            cleaned["expires_on_outage_day"] == "no"
            and cleaned["travel_end"] != NOTICE.dates.outage_day
        )

    def nothing_to_do(self) -> bool:
        """Every coupon is in the app, so its link comes by itself (N20, N24)."""
        coupons = self.coupons()
        all_charged = all(coupon.use == Claim.Use.CHARGED for coupon in coupons)
        return bool(coupons) and all_charged and not self.cleaned_data["number_unknown"]

    def layout(self) -> list[Any]:
        """The trip, the coupons one by one, the lost ones."""
        coupons = [
            Fieldset(
                _("%(place)s枚目のクーポン") % {"place": row + 1},
                f"inquiry_number_{row}",
                f"coupon_use_{row}",
                css_class="coupon",
            )
            for row in range(self.rows)
        ]
        return [
            heading(_("旅行について")),
            words('{% include "apply/one_trip.html" %}'),
            "prefecture",
            "travel_type",
            "travel_start",
            "travel_end",
            "expires_on_outage_day",
            heading(_("クーポンについて")),
            words('{% include "apply/where_number.html" %}'),
            *coupons,
            heading(_("番号がわからないとき")),
            words('{% include "apply/lost_number.html" %}'),
            "number_unknown",
            "issuer",
        ]

    def buttons(self) -> list[Any]:
        """次へ進む comes first, since it is what the Enter key presses; then one more coupon."""
        add = Submit("add", _("クーポンをもう1枚追加する"), css_class="secondary")
        return [Submit("next", self.button), *([add] if self.rows < MOST else [])]

    def _check_trip(self) -> None:
        start, end = self.cleaned_data.get("travel_start"), self.cleaned_data.get("travel_end")
        for name, day in (("travel_end", end), ("travel_start", start)):
            if day and abs(day.year - NOTICE.dates.outage_day.year) > YEARS:
                self.add_error(name, _("旅行の年をもう一度ご確認ください。"))
                start, end = None, None
        if end and end > self.at.date():
            self.add_error("travel_end", _("旅行の日が、今日よりあとの日付になっています。"))
            end = None
        if self.cleaned_data.get("travel_type") != Application.TravelType.STAY:
            self.cleaned_data["travel_start"] = None
        elif not self.cleaned_data.get("travel_start") and "travel_start" not in self.errors:
            self.add_error("travel_start", _("チェックイン日を入力してください。"))
        elif start and end and start >= end:
            self.add_error(
                "travel_start",
                _(
                    "チェックイン日は、チェックアウト日より前の日を入力してください。"
                    "日帰りの方は、旅行の種類で「日帰り旅行」を選んでください。"
                ),
            )
        elif start and end and (end - start).days > LONGEST:
            self.add_error(
                "travel_start",
                _(
                    "チェックイン日からチェックアウト日までが%(days)s日を超えています。"
                    "日付をもう一度ご確認ください。"
                )
                % {"days": LONGEST},
            )

    def _check_numbers(self) -> None:
        cleaned, seen = self.cleaned_data, set()
        for row in range(self.rows):
            number = cleaned.get(f"inquiry_number_{row}")
            if number in seen:
                self.add_error(
                    f"inquiry_number_{row}",
                    _("%(place)s枚目：同じお問合せ番号が、ほかの欄にも入力されています。")
                    % {"place": row + 1},
                )
            elif number:
                seen.add(number)
            self._check_row(row)
        named = any(f"inquiry_number_{row}" in self.errors for row in range(self.rows))
        if not seen and not named and not cleaned.get("number_unknown"):
            self.add_error(
                "inquiry_number_0",
                _(
                    "お問合せ番号を入力してください。わからないときは「お問合せ番号がわからない」を選んでください。"
                ),
            )
            if cleaned.get("coupon_use_0") == "":
                self._ask_use(0)

    def _check_row(self, row: int) -> None:
        """A row with one of its two answers needs the other; a wholly empty one is left out.

        Where numbers are unknown a use may stand alone; a single row is asked for its number by
        the sentence that names the way out.
        """
        number, use = f"inquiry_number_{row}", f"coupon_use_{row}"
        if self.cleaned_data.get(use) == NOT_USED[0]:
            self.cleaned_data[use] = ""
        chosen, typed = self.cleaned_data.get(use), plain(self[number].data)
        if typed and chosen == "":
            self._ask_use(row)
        elif chosen and not typed and self.rows > 1 and not self.cleaned_data.get("number_unknown"):
            self.add_error(
                number, _("%(place)s枚目：お問合せ番号を入力してください。") % {"place": row + 1}
            )

    def _ask_use(self, row: int) -> None:
        self.add_error(
            f"coupon_use_{row}",
            _("%(place)s枚目のクーポンの状況を選んでください。") % {"place": row + 1},
        )


def rows_in(data: Mapping[str, Any] | None) -> int:
    """How many coupons the sent or kept values have room for; one at least."""
    found = [ROW.fullmatch(name) for name in data or {} if isinstance(name, str)]
    return max((int(match[1]) + 1 for match in found if match), default=1)
