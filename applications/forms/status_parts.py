"""Parts of the steps' forms, asked again on /status/: what the office sent back, or a new road.

They judge as the steps do, but for the deadline: what belongs to an application that came in time
is not bound by it (N57, Q2).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django.forms import BoundField, CharField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.corrections.answering import Answer
from applications.forms.bank import ACCOUNT_TYPES, BankForm
from applications.forms.coupons import CouponsForm, numbered
from applications.forms.fields import Box, Choice, DayField, StepForm, Tick
from applications.forms.person import PersonForm
from applications.forms.receive import ReceiveForm
from applications.models import Claim
from applications.summary import Row, as_sent, branch_note, grouped, place
from applications.validators import banks
from applications.validators.phones import national
from applications.validators.postal import written
from config.clock import JST
from config.templatetags.notice import ja_date

FAR = datetime(9999, 1, 1, tzinfo=JST)
LASTING = {"applications_close": FAR, "bank_applications_close": FAR}  # no deadline for these
NUMBER, USE = "inquiry_number", "coupon_use"
TRIP = {
    "prefecture": ("prefecture",),
    "travel": ("travel_type", "travel_start", "travel_end"),
    "expiry": ("expires_on_outage_day",),
}
OF_THE_PERSON = ("name", "kana", "phone", "email")
OF_THE_HOLDER = ("holder_relation", "holder_consent")
ACCOUNT_BOXES = (
    "bank",
    "branch",
    "code_confirm",
    "account_type",
    "account_number",
    "yucho_symbol",
    "yucho_number",
    "yucho_savings",
    "yucho_confirm",
    "account_holder_kana",
    *OF_THE_HOLDER,
)
TYPES = dict(ACCOUNT_TYPES)

Typed = Mapping[str, Any]


class Part:
    """What a part adds to its form: a title, the answer in stored form, and rows to look at.

    `answer()` is what a valid part sets.
    """

    title = ""
    answer: Callable[[], Answer]

    def rows(self) -> list[Row]:
        """The answers of a valid part, as they will be stored."""
        return [row for field in self if (row := self.row(field)).value]

    def row(self, field: BoundField) -> Row:
        """One answer in words."""
        value = self.cleaned_data.get(field.name)
        match field.field:
            case Choice():
                value = dict(field.field.choices).get(value, "")
            case DayField():
                value = ja_date(value) if value else ""
            case Tick():
                value = _("はい") if value else ""
        return Row(str(field.label), _readable(field.name, value or ""))

    @property
    def inner(self) -> FormHelper:
        """How crispy lays the part out inside the page's one form."""
        helper = FormHelper(self)
        helper.form_tag, helper.disable_csrf = False, True
        helper.layout = Layout(*self.layout())
        return helper


def _readable(name: str, value: object) -> str:
    if name == "postal_code":
        return written(str(value))
    if name.startswith(NUMBER):
        return grouped(str(value))
    return national(str(value)) if str(value).startswith("+") else str(value)


class TripPart(Part, CouponsForm):
    """Prefecture, trip and expiry, as far as they are asked."""

    title = gettext_lazy("旅行とクーポンについて")

    def __init__(self, data: Typed, *, items: Iterable[str], **times: Any) -> None:
        super().__init__(data, **times)
        names = {name for item in items for name in TRIP.get(item, ())}
        for name in set(self.fields) - names:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The trip as in the first step."""
        if "travel_end" in self.fields:
            self._check_trip()
        return self.cleaned_data

    def layout(self) -> list[Any]:
        """The boxes in the order of the first step."""
        names = ("prefecture", *TRIP["travel"], *TRIP["expiry"])
        return [name for name in names if name in self.fields]

    def answer(self) -> Answer:
        """The trip; the prefecture under the name that it is stored by."""
        values = dict(self.cleaned_data)
        if "prefecture" in values:
            values["prefecture_code"] = values.pop("prefecture")
        return Answer(values)


class NumbersPart(Part, StepForm):
    """The numbers of the coupons, and where each coupon is."""

    title = gettext_lazy("クーポンについて")

    def __init__(
        self,
        data: Typed,
        *,
        claims: list[Claim],
        others: set[str],
        items: Iterable[str],
        **times: Any,
    ) -> None:
        super().__init__(data, **times)
        self.claims, self.others, items = claims, others, set(items)
        self.only_numbers = items == {NUMBER}
        for claim in claims:
            here = claim.position
            if NUMBER in items:
                box = Box(
                    numbered(here - 1),
                    required=bool(claim.inquiry_number),
                    label=_("%(n)s枚目のお問合せ番号") % {"n": here},
                    help_text=_("ハイフンや空白は、あってもなくてもかまいません。"),
                    attrs={"inputmode": "numeric", "spellcheck": "false"},
                )
                self.fields[f"{NUMBER}_{here}"] = box
            if "use" in items:
                self.fields[f"{USE}_{here}"] = Choice(
                    _("クーポンの状況を選んでください。"),
                    label=_("%(n)s枚目のクーポンは、いまどうなっていますか") % {"n": here},
                    choices=Claim.Use.choices,
                )

    def clean(self) -> dict[str, Any]:
        """At least one number where nothing else is asked, none of them twice."""
        seen, boxes = set(self.others), [n for n in self.fields if n.startswith(NUMBER)]
        for name in boxes:
            number = self.cleaned_data.get(name)
            if number and number in seen:
                self.add_error(name, _("同じお問合せ番号が、この申請にすでにあります。"))
            elif number:
                seen.add(number)
        given = any(self.cleaned_data.get(name) for name in boxes)
        if self.only_numbers and not given and not self.errors:
            self.add_error(boxes[0], _("お問合せ番号を入力してください。"))
        return self.cleaned_data

    def answer(self) -> Answer:
        """By claim: the number as typed and as stored, and the use, where given."""
        kept, found = self.typed(), {}
        for claim in self.claims:
            values = {}
            if number := self.cleaned_data.get(f"{NUMBER}_{claim.position}"):
                typed = kept[f"{NUMBER}_{claim.position}"]
                values |= {NUMBER: number, "typed_number": typed[:40]}
            if use := self.cleaned_data.get(f"{USE}_{claim.position}"):
                values[USE] = use
            found[claim.pk] = values
        return Answer(of_claims=found)


class PersonPart(Part, PersonForm):
    """Name and contact."""

    title = gettext_lazy("お名前とご連絡先")

    def answer(self) -> Answer:
        """The person."""
        return Answer({name: self.cleaned_data[name] for name in OF_THE_PERSON})


class RoadPart(Part, ReceiveForm):
    """Points or bank, and the place for the guide."""

    title = gettext_lazy("受け取り方")

    def answer(self) -> Answer:
        """The road and the channel."""
        names = ("method", "channel")
        values = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return Answer(values | {"delivery": self.delivery()})


class DeliveryPart(RoadPart):
    """The place for the guide alone, on the road that the application is on."""

    title = gettext_lazy("受け取りのご案内の送り先")

    def __init__(self, data: Typed, *, method: str, **times: Any) -> None:
        super().__init__(data, **times)
        self.method = method
        self.fields.pop("method", None)

    def clean(self) -> dict[str, Any]:
        """A channel is needed on the points road."""
        self.cleaned_data["method"] = self.method
        super().clean()
        del self.cleaned_data["method"]
        return self.cleaned_data

    def layout(self) -> list[Any]:
        """The channel's boxes."""
        return ["channel", "delivery_phone", "delivery_email"]


class BankPart(Part, BankForm):
    """The account, the holder, the address, the stay."""

    title = gettext_lazy("振込先の口座")

    def answer(self) -> Answer:
        """The account, and everything else of the step under its own name."""
        values = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self.fields and (name not in ACCOUNT_BOXES or name in OF_THE_HOLDER)
        }
        return Answer(values, account=self.account)

    def rows(self) -> list[Row]:
        """The account in stored form, then the rest."""
        found, rest = self.account, [field for field in self if field.name not in ACCOUNT_BOXES]
        bank = banks.written(found.bank_code, found.bank_name)
        return [
            Row(_("金融機関"), place(bank, found.bank_code)),
            Row(
                _("支店"),
                place(found.branch_name, found.branch_code),
                "" if found.symbol else branch_note(found),
            ),
            Row(_("預金種目"), str(TYPES[found.account_type])),
            Row(_("口座番号"), found.account_number),
            Row(_("口座名義（カナ）"), found.holder_kana, as_sent(found.holder_kana)),
            self.row(self["holder_relation"]),
            *(row for field in rest if (row := self.row(field)).value),
        ]


class AccountPart(BankPart):
    """The account and its holder alone."""

    def __init__(self, data: Typed, **times: Any) -> None:
        super().__init__(data, stay=True, charged=False, **times)
        for name in set(self.fields) - set(ACCOUNT_BOXES):
            del self.fields[name]

    def layout(self) -> list[Any]:
        """Ordinary banks, ゆうちょ銀行, the holder."""
        return [*self.of_the_account(), "account_holder_kana", *OF_THE_HOLDER]


class LodgingPart(Part, StepForm):
    """Where the person stayed, or with whom they travelled."""

    title = gettext_lazy("宿泊施設または旅行会社")

    def __init__(self, data: Typed, *, stay: bool, **times: Any) -> None:
        super().__init__(data, **times)
        for name in ("lodging", "booking_name") if stay else ("agency",):
            self.fields[name] = _copy(name)

    def answer(self) -> Answer:
        """The stay."""
        return Answer(dict(self.cleaned_data))


def _copy(name: str) -> CharField:
    """A box of the bank's step, of this form's own."""
    form = BankForm(None, stay=name != "agency", charged=False, at=FAR, extended=LASTING)
    return form.fields[name]
