"""All steps of one application in order: which is open next, and what they add up to."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from applications.answers import Answers
from applications.forms.bank import BankForm, kind_of
from applications.forms.coupons import CouponsForm
from applications.forms.fields import StepForm
from applications.forms.person import PersonForm
from applications.forms.receive import ReceiveForm
from applications.validators.phones import takes_sms

STEPS = ("coupons", "person", "receive", "bank")


class Journey:
    """The kept values of the steps, judged at one moment; those named `sound` were, already."""

    def __init__(
        self,
        steps: Mapping[str, Mapping[str, str]],
        *,
        at: datetime,
        extended: Mapping[str, datetime],
        sound: Collection[str] = (),
    ) -> None:
        self.sound = sound
        self.steps, self.times = steps, {"at": at, "extended": extended}
        self._judged: dict[str, StepForm] = {}

    def form(self, name: str, data: Mapping[str, Any] | None = None, **options: Any) -> StepForm:
        """The form of a step with `data` (default: what is kept of it)."""
        data = self.steps.get(name, {}) if data is None else data
        if name == "bank":
            return BankForm(data, kind=kind_of(data), **self.times, **self._of_the_trip())
        if not data:
            data = self.offered(name)
            uses = [field for field in data if field.startswith("coupon_use_")]
            options = ({"rows": max(1, len(uses))} if name == "coupons" else {}) | options
        kinds = {"coupons": CouponsForm, "person": PersonForm, "receive": ReceiveForm}
        return kinds[name](data, **self.times, **options)

    def offered(self, name: str) -> dict[str, str]:
        """What stands in a step's form before it was sent: what was told elsewhere already."""
        kinds = {"coupons": self._told, "receive": self._known_contacts}
        return kinds[name]() if name in kinds else {}

    def judged(self, name: str) -> StepForm:
        """The form of a step with its kept values, judged once."""
        if name not in self._judged:
            self._judged[name] = self.form(name)
            self._judged[name].full_clean()
        return self._judged[name]

    def route(self) -> tuple[str, ...]:
        """The steps of this application: the bank's only on the bank road."""
        by_bank = self.steps.get("receive", {}).get("method") == "bank"
        return STEPS if by_bank else STEPS[:-1]

    def next_step(self) -> str:
        """The first step that still lacks something, or "check"."""
        for name in self.route():
            if not self._holds(name):
                return name
        return "check"

    def reaches(self, name: str) -> bool:
        """Whether the steps before this one are complete."""
        route = self.route()
        before = route[: route.index(name)] if name in route else ()
        return name in route and all(map(self._holds, before))

    def _holds(self, name: str) -> bool:
        """Whether a step was sent and lacks nothing."""
        return name in self.steps and (name in self.sound or self.judged(name).is_valid())

    def answers(self) -> Answers:
        """Everything in stored forms. Only where next_step() is "check"."""
        coupons, person, receive = (self.judged(name) for name in STEPS[:-1])
        trip = {
            name: coupons.cleaned_data[name]
            for name in (
                "prefecture",
                "travel_type",
                "travel_start",
                "travel_end",
                "expires_on_outage_day",
                "number_unknown",
                "issuer",
            )
        }
        return Answers(
            **trip,
            coupons=coupons.coupons(),
            **{name: person.cleaned_data[name] for name in ("name", "kana", "phone", "email")},
            method=receive.cleaned_data["method"],
            channel=receive.cleaned_data["channel"],
            delivery=receive.delivery(),
            **self._of_the_bank(),
        )

    def _of_the_bank(self) -> dict[str, Any]:
        if "bank" not in self.route():
            return {}
        form = self.judged("bank")
        names = (
            "holder_relation",
            "holder_consent",
            "postal_code",
            "address",
            "lodging",
            "booking_name",
            "agency",
            "app_contact",
        )
        kept = {name: form.cleaned_data[name] for name in names if name in form.fields}
        return {"account": form.account, **kept}

    def _of_the_trip(self) -> dict[str, bool]:
        """What the bank's step asks depends on the first step, also on an unfinished one."""
        trip = self.steps.get("coupons", {})
        charged = any(
            value == "charged" for name, value in trip.items() if name.startswith("coupon_use_")
        )
        return {"stay": trip.get("travel_type") != "day_trip", "charged": charged}

    def _known_contacts(self) -> dict[str, str]:
        """The contact, offered as the place for the guide: nothing is asked twice."""
        person = self.steps.get("person", {})
        phone = person.get("phone", "")
        return {
            "method": self._told().get("method", ""),
            "delivery_phone": phone if takes_sms(phone) else "",
            "delivery_email": person.get("email", ""),
        }

    def _told(self) -> dict[str, str]:
        """What was told at /check/ before (N12, N20, N23)."""
        return dict(self.steps.get("told", {}))
