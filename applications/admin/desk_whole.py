"""All forms of one call together, judged at once, and what they add up to.

Person, way of receiving and account are the public forms, so that the same rules hold (N89); the
deadline is left to intake, which knows when the call was taken.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

from applications.admin.desk_forms import CallForm, FactsForm, IdsForm, fresh_ids, written
from applications.answers import Answers, CouponAnswer
from applications.forms.bank import BankForm
from applications.forms.person import PersonForm
from applications.forms.receive import ReceiveForm
from applications.templatetags.dads import first_id
from config.models import Postponement
from config.notice import NOTICE
from coupons.models import Coupon
from payouts.admin.listing import prefecture_name

NEW, ONLY_CASE = "new", "case"  # what the call makes beside the case


class Receiving:
    """The public forms of person, way and account, judged as if in time: intake judges that."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        at: datetime,
        initial: Mapping[str, Any],
    ) -> None:
        extended = Postponement.approved()
        close = NOTICE.end_of("bank_applications_close", extended) - timedelta(seconds=1)
        at = min(max(at, NOTICE.end_of("site_opens", extended)), close)
        times = {"at": at, "extended": extended}
        posted = {**initial, **(data.dict() if data else {})}
        self.person = PersonForm(data, **times)
        self.receive = ReceiveForm(data, **times)
        self.bank = BankForm(
            data,
            stay=posted.get("travel_type") != "day_trip",
            charged=posted.get("coupon_use") == "charged",
            **times,
        )
        self.by_bank = posted.get("method") == "bank"
        for form in (self.person, self.receive, self.bank):
            form.initial = dict(initial)

    def forms(self, way: str) -> list[forms.Form]:
        """Those that are judged: without an application only the person."""
        if way != NEW:
            return [self.person]
        return [self.person, self.receive, *([self.bank] if self.by_bank else [])]


class Whole:
    """All forms of a call together."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        user: Any,
        at: datetime,
        facts: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        initial = dict(initial or {})
        self.data = data
        self.facts = FactsForm(facts if data is None else data, user=user)
        self.call = CallForm(data, initial=initial)
        self.ids = IdsForm(data, initial=fresh_ids())
        self.receiving = Receiving(data, at, initial)

    @property
    def way(self) -> str:
        """new, case, or the id of an application that the call belongs to."""
        return (self.data or {}).get("way") or NEW

    def is_valid(self) -> bool:
        """Judges all that counts, so that every mistake is told at once."""
        call = self.call if self.way == NEW else self.case_only()
        judged = [self.facts, self.ids, call]
        if not self.way.isdecimal():  # else the person is known from the application
            judged += self.receiving.forms(self.way)
        valid = [form.is_valid() for form in judged]
        return all(valid)

    def unjudged(self) -> None:
        """No word about what was not judged."""
        for form in self.parts():
            if form._errors is None:
                form._errors = ErrorDict()

    def parts(self) -> tuple[forms.Form, ...]:
        """The forms in the order of the page."""
        receiving = self.receiving
        return (
            self.facts,
            self.call,
            receiving.person,
            receiving.receive,
            receiving.bank,
            self.ids,
        )

    def case_only(self) -> CallForm:
        """Without a new application the trip is not asked for."""
        for name in ("travel_type", "travel_start", "travel_end", "coupon_use"):
            self.call.fields[name].required = False
        return self.call

    def errors(self) -> list[tuple[str, str]]:
        """Each mistake with the id of its box, in the order of the page."""
        return [
            (first_id(form[name]) if name in form.fields else "", str(message))
            for form in self.parts()
            if form.is_bound and form._errors
            for name, messages in form.errors.items()
            for message in messages
        ]

    def told(self) -> dict[str, Any]:
        """The fields of the case, as heard."""
        facts, call, person = (
            form.cleaned_data if hasattr(form, "cleaned_data") else {}
            for form in (self.facts, self.call, self.receiving.person)
        )
        return {
            "inquiry_number": facts["inquiry_number"],
            "told_expiry": facts["told_expiry"],
            "prefecture_code": facts["prefecture"],
            "told_prefecture": prefecture_name(facts["prefecture"]),
            "shop_name": facts["shop_name"],
            "case": call["case"],
            "told_at": self.call.told_at(),
            "told_yen": int(call["told_yen"]) if call["told_yen"] else None,
            "paid_with": call["paid_with"],
            "call_back_at": call["call_back_at"],
            "caller_name": person.get("name", ""),
            "call_back_phone": person.get("phone", ""),
        }

    def answers(self) -> Answers:
        """The application of the call."""
        facts, call = self.facts.cleaned_data, self.call.cleaned_data
        person, receive = self.receiving.person.cleaned_data, self.receiving.receive
        number = facts["inquiry_number"]
        stored = number if re.fullmatch(NOTICE.inquiry_number_pattern, number) else ""
        coupons = (CouponAnswer(number, stored, call["coupon_use"]),) if number else ()
        return Answers(
            prefecture=facts["prefecture"],
            travel_type=call["travel_type"],
            travel_start=call["travel_start"],
            travel_end=call["travel_end"],
            expires_on_outage_day=expires(facts["told_expiry"]),
            coupons=coupons,
            number_unknown=not coupons,
            issuer=call["issuer"],
            **{name: person[name] for name in ("name", "kana", "phone", "email")},
            method=receive.cleaned_data["method"],
            channel=receive.cleaned_data["channel"],
            delivery=receive.delivery(),
            **(self._of_the_bank() if self.receiving.by_bank else {}),
        )

    def _of_the_bank(self) -> dict[str, Any]:
        form = self.receiving.bank
        names = (
            *("holder_relation", "holder_consent", "postal_code", "address"),
            *("lodging", "booking_name", "agency", "app_contact"),
        )
        kept = {name: form.cleaned_data[name] for name in names if name in form.fields}
        return {"account": form.account, **kept}


def expires(told: date | None) -> str:
    """The answer to the form's question about the first expiry."""
    if told is None:
        return "unknown"
    return "yes" if told == NOTICE.dates.outage_day else "no"


def from_ledger(coupon: Coupon) -> dict[str, Any]:
    """What is read out to the caller and asked for a yes, instead of being asked for."""
    use = "paper" if coupon.charged_at is None else "left" if coupon.app_left_at else "charged"
    return {
        "travel_type": coupon.travel_type,
        "travel_start": written(coupon.travel_start) if coupon.travel_type == "stay" else "",
        "travel_end": written(coupon.travel_end),
        "coupon_use": use,
        "issuer": coupon.issuer[:60],
        "told_day": written(NOTICE.dates.outage_day),
    }
