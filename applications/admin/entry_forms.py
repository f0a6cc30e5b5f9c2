"""Forms of assisted entry: how it came in, the public forms of the application, what was agreed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict

from applications import entries
from applications.admin.desk_forms import OfficeForm
from applications.entries import Agreed, Arrival
from applications.forms.coupons import MOST, CouponsForm, rows_in
from applications.forms.fields import StepForm
from applications.forms.journey import Journey
from applications.models import AssistedEntry, LateAccess
from applications.summary import sections
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import clerks

STEPS = ("coupons", "person", "receive", "bank")
DATE = {"required": False, "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class ArrivalForm(OfficeForm):
    """How and when it came in."""

    way = forms.ChoiceField(
        label="申し出の方法",
        choices=AssistedEntry.Way.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "申し出の方法を選んでください。"},
    )
    arrived_on = forms.DateField(
        label="受付日（電話・来所の日、申請書が届いた日）",
        help_text="空欄は今日です。申請書は、届いた日で期限内かどうかを判断します。",
        error_messages={"invalid": "受付日をご確認ください。"},
        **DATE,
    )
    arrived_time = forms.TimeField(
        required=False,
        label="時刻（電話・来所）",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "時刻を 14:05 のように入力してください。"},
    )
    postmarked_on = forms.DateField(
        label="消印の日（郵送）", error_messages={"invalid": "消印の日をご確認ください。"}, **DATE
    )
    paper = forms.CharField(
        required=False,
        label="申請書の整理番号",
        max_length=20,
        widget=forms.TextInput({"size": 14}),
    )

    def clean(self) -> dict[str, Any]:
        """The moment that decides can be told, and a paper was posted before it came."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            cleaned["at"] = entries.moment(
                cleaned["way"], cleaned["arrived_on"], cleaned["arrived_time"]
            )
        except Refused as why:
            self.add_error("arrived_on", why.message)
            return cleaned
        posted = cleaned["postmarked_on"]
        if posted and posted > cleaned["at"].date():
            self.add_error("postmarked_on", "消印の日が、届いた日より後になっています。")
        return cleaned

    def arrival(self) -> Arrival:
        """What a valid form says."""
        cleaned = self.cleaned_data
        return Arrival(cleaned["way"], cleaned["at"], cleaned["postmarked_on"], cleaned["paper"])

    def typed(self) -> dict[str, str]:
        """What was typed, to be kept in the draft."""
        return {name: str(self[name].data or "") for name in self.fields}


class AgreedForm(OfficeForm):
    """What was read back, section by section, and how the person agreed."""

    read_back = forms.MultipleChoiceField(
        required=False, label="読み上げて確認した項目", widget=forms.CheckboxSelectMultiple
    )
    consent = forms.ChoiceField(
        label="個人情報の取り扱いへの同意と、内容が事実であることの確認",
        choices=AssistedEntry.Consent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "同意の確認を選んでください。"},
    )

    late = forms.ModelChoiceField(
        LateAccess.objects.none(),
        required=False,
        label="期限後の申請の承認",
        empty_label="使わない",
        error_messages={"invalid_choice": "この承認は、もう使えません。"},
    )

    def __init__(
        self,
        data: Any,
        *,
        steps: list[tuple[str, str]],
        spoken: bool,
        late: QuerySet[LateAccess] | None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.fields["read_back"].choices = steps
        self.spoken = spoken
        if late is None:
            del self.fields["late"]
        else:
            self.fields["late"].queryset = late

    def clean(self) -> dict[str, Any]:
        """On the phone and at the counter everything is read back."""
        cleaned = super().clean()
        wanted = {code for code, _ in self.fields["read_back"].choices}
        if self.spoken and wanted - set(cleaned.get("read_back", [])):
            self.add_error("read_back", "すべての項目を読み上げて、印を付けてください。")
        return cleaned

    def agreed(self) -> Agreed:
        """What a valid form says."""
        return Agreed(tuple(self.cleaned_data["read_back"]), self.cleaned_data["consent"])


class Entry:
    """All forms of one entry, as posted or as kept in the draft.

    The forms are the public site's, judged as if in time: intake judges the moment of arrival.
    """

    def __init__(
        self, row: AssistedEntry, data: Mapping[str, Any] | None, *, user: Any, at: datetime
    ) -> None:
        kept = entries.typed(row)
        self.posted = data is not None
        arrival = data if self.posted else kept.get("arrival")
        self.arrival = ArrivalForm(arrival, initial={"way": "phone"})
        self.steps = _of_post(data) if data is not None else kept
        self.journey = Journey(self.steps, **_in_time(at))
        self.user = user

    def forms(self) -> list[StepForm]:
        """The forms of the road, judged once posted, without a word on a fresh page."""
        route = self.journey.route()
        found = [
            self.journey.judged(name) if self._known(name) else self._fresh(name) for name in STEPS
        ]
        for name, form in zip(STEPS, found, strict=True):
            if name not in route:
                form._errors = ErrorDict()
        self._own_prefectures(found[0])
        return found

    def is_valid(self) -> bool:
        """Whether everything is there, every mistake told at once."""
        valid = [self.arrival.is_valid()]
        route = self.journey.route()
        valid += [self.journey.judged(name).is_valid() for name in route]
        return all(valid)

    def typed(self) -> dict[str, dict[str, str]]:
        """Everything typed, right or wrong, for the draft."""
        return {**self.steps, "arrival": self.arrival.typed() if self.arrival.is_bound else {}}

    def more(self) -> None:
        """Room for one more coupon."""
        coupons = self.steps.setdefault("coupons", {})
        rows = min(MOST, rows_in(coupons) + 1)
        coupons[f"inquiry_number_{rows - 1}"] = ""

    def sections(self) -> list[Any]:
        """The answers in stored form, to be read back."""
        typed = self.steps.get("bank", {}).get("account_number", "")
        return sections(self.journey.answers(), typed)

    def _known(self, name: str) -> bool:
        return self.posted or bool(self.steps.get(name))

    def _fresh(self, name: str) -> StepForm:
        return self.journey.form(name).unjudged()

    def _own_prefectures(self, form: CouponsForm) -> None:
        own = set(clerks.prefectures_of(self.user))
        field = form.fields["prefecture"]
        field.choices = [pair for pair in field.choices if pair[0] in own or not pair[0]]


def _of_post(data: Any) -> dict[str, dict[str, str]]:
    """The posted values by step; the field names of the steps do not overlap."""
    flat = {name: data.get(name, "") for name in data}
    return {name: dict(flat) for name in STEPS}


def _in_time(at: datetime) -> dict[str, Any]:
    extended = Postponement.approved()
    close = NOTICE.end_of("bank_applications_close", extended) - timedelta(seconds=1)
    inside = min(max(at, NOTICE.end_of("site_opens", extended)), close)
    return {"at": inside, "extended": extended}
