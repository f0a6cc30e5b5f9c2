"""The call page of category B: four facts, what the ledger holds beside them, the rest (N38)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from applications import desk
from applications.admin.desk_forms import FactsForm, written
from applications.admin.desk_whole import NEW, ONLY_CASE, Whole, from_ledger
from applications.models import Application
from applications.validators.phones import national
from config import clock
from config.notice import NOTICE
from config.states import Refused
from coupons import double_charges, suspects
from coupons.facts import Facts, facts_of
from coupons.models import Coupon, DoubleCharge, Entry
from payouts import clerks
from payouts.admin.listing import seen

TAKE = "coupons.add_doublecharge"
TEMPLATE = "admin/desk/call.html"


@dataclass(frozen=True)
class Movement:
    """One movement for the desk: in the outage band or not, a suspected double or not.

    A `payment` can be asked back; one that came `back` already can't.
    """

    entry: Entry
    in_band: bool
    doubled: bool
    payment: bool
    back: bool


def movements(facts: Facts) -> list[Movement]:
    """What happened on a coupon, oldest first; repeated payments of the band are marked (N44)."""
    dates = NOTICE.dates
    standing = list(double_charges.payments_in_band(facts.coupon.pk))
    doubled = suspects.doubled(standing)
    payments = set(
        double_charges.payments(facts.coupon.pk).values_list("transaction_id", "revision")
    )
    back = double_charges.given_back([facts.coupon.pk])
    return [
        Movement(
            entry,
            dates.outage_from <= entry.occurred_at < dates.outage_until,
            entry.transaction_id in doubled - back and entry.kind == Entry.Kind.PAYMENT,
            (entry.transaction_id, entry.revision) in payments and entry.transaction_id not in back,
            entry.transaction_id in back and entry.kind == Entry.Kind.PAYMENT,
        )
        for entry in facts.entries
    ]


def call(request: HttpRequest) -> HttpResponse:
    """GET: the four facts, then the rest beside what the ledger says. POST: write it down."""
    if not request.user.has_perm(TAKE):
        raise PermissionDenied
    if request.method == "POST":
        return answered(request)
    like = person_like(request)
    facts = FactsForm(request.GET if "prefecture" in request.GET else None, user=request.user)
    if not facts.is_bound or not facts.is_valid():
        return page(request, {"facts": facts, "like": request.GET.get("like", "")})
    coupon = facts.coupon()
    initial = like | (from_ledger(coupon) if coupon else {"told_day": outage_day()})
    return opened(request, facts=request.GET, initial=initial)


def opened(request: HttpRequest, **begins: Any) -> HttpResponse:
    """The whole form, as it is opened."""
    form = Whole(None, user=request.user, at=clock.now(), **begins)
    form.facts.is_valid()
    return whole(request, form)


def answered(request: HttpRequest, row: DoubleCharge | None = None) -> HttpResponse:
    """Look again, or store: a new case, or the application of a case that had none."""
    form = Whole(request.POST, user=request.user, at=clock.now())
    if "look" in request.POST:
        form.facts.is_valid()
        return whole(request, looked_up(request, form), row)
    if not form.is_valid():
        return whole(request, form, row, status=422)
    try:
        row = stored(form, request.user, row)
    except Refused as refused:
        messages.error(request, refused.message)
        return whole(request, form, row, status=409)
    messages.success(request, "記録しました。受付番号をお伝えください。")
    return redirect("admin:coupons_doublecharge_change", row.pk)


def stored(form: Whole, by: Any, row: DoubleCharge | None) -> DoubleCharge:
    """The act behind the button that was pressed. Raises Refused."""
    if row is not None:
        with transaction.atomic():
            if row.coupon is None and form.facts.coupon():
                desk.identify(row, form.facts.cleaned_data["inquiry_number"], by=by)
            desk.complete(row, form.answers(), form.ids.ids(), by=by)
        return row
    told, way = form.told(), form.way
    if way.isdecimal():
        rows = clerks.scoped(Application.objects.all(), by)
        application = rows.filter(pk=way).first()
        if application is None:
            raise Refused("申請が見つかりません。", "moved")
        told |= {"caller_name": application.name, "call_back_phone": application.phone}
        return desk.attach(told, application, by=by)
    answers = form.answers() if way == NEW else None
    return desk.take(told, answers, form.ids.ids(), by=by)


def looked_up(request: HttpRequest, form: Whole) -> Whole:
    """The same form, with the trip of the coupon that is found now."""
    coupon = form.facts.coupon() if form.facts.is_valid() else None
    if coupon is None:
        return form
    data: QueryDict = request.POST.copy()
    for name, value in from_ledger(coupon).items():
        if name != "told_day":
            data[name] = value
    again = Whole(data, user=request.user, at=clock.now())
    again.facts.is_valid()
    return again


def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page for a case that was written down without an application (N42)."""
    if not request.user.has_perm(TAKE):
        raise PermissionDenied
    row = get_object_or_404(clerks.scoped(DoubleCharge.objects.all(), request.user), pk=pk)
    if request.method == "POST":
        return answered(request, row)
    facts = {
        "inquiry_number": row.coupon.inquiry_number if row.coupon else row.inquiry_number,
        "told_expiry": written(row.told_expiry) if row.told_expiry else "",
        "prefecture": row.prefecture_code,
        "shop_name": row.shop_name,
    }
    initial = {
        "case": row.case,
        "told_yen": row.told_yen or "",
        "paid_with": row.paid_with,
        "name": row.caller_name,
        "phone": national(row.call_back_phone) if row.call_back_phone else "",
    }
    initial |= from_ledger(row.coupon) if row.coupon else {}
    form = Whole(None, user=request.user, at=clock.now(), facts=facts, initial=initial)
    form.facts.is_valid()
    return whole(request, form, row)


def person_like(request: HttpRequest) -> dict[str, Any]:
    """The same caller once more: person and channel of an earlier case."""
    like = request.GET.get("like", "")
    rows = clerks.scoped(DoubleCharge.objects.all(), request.user)
    row = rows.filter(pk=like).first() if like.isdecimal() else None
    application = desk.application_of(row) if row else None
    if application is None:
        return {}
    delivery = {"sms": "delivery_phone", "email": "delivery_email"}.get(application.channel)
    return {
        "name": application.name,
        "kana": application.kana,
        "phone": national(application.phone) if application.phone else "",
        "email": application.email,
        "method": application.method,
        "channel": application.channel,
        **({delivery: application.delivery} if delivery else {}),
    }


def outage_day() -> str:
    """The day on which it happened, as the boxes show it."""
    return written(NOTICE.dates.outage_day)


def whole(
    request: HttpRequest, form: Whole, row: DoubleCharge | None = None, status: int = 200
) -> HttpResponse:
    """The page with all forms, and what the ledger holds."""
    form.unjudged()
    valid = hasattr(form.facts, "cleaned_data") and "prefecture" in form.facts.cleaned_data
    coupon = form.facts.coupon() if valid and not form.facts.errors else None
    if coupon:
        seen(request, "coupon", coupon.pk)
    receiving = form.receiving
    context = {
        "form": form,
        "facts": form.facts,
        "call": form.call,
        "person": receiving.person,
        "receive": receiving.receive,
        "bank": receiving.bank,
        "by_bank": receiving.by_bank,
        "faults": form.errors(),
        "case": row,
        "only_case": ONLY_CASE,
        **(beside(coupon, request.user) if coupon else {}),
    }
    return page(request, context, status)


def beside(coupon: Coupon, user: Any) -> dict[str, Any]:
    """What stands in the second column: the coupon, its movements, who asks for it already."""
    facts = facts_of(coupon)
    cases = clerks.scoped(coupon.double_charges.order_by("-pk"), user)
    return {
        "ledger": facts,
        "movements": movements(facts),
        "cases": cases,
        "asking": desk.asking_for(coupon.inquiry_number, user),
    }


def page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The call page."""
    row = context.get("case")
    named = f"申請を追加：{desk.written(row.case_number)}" if row else "電話の受付（B）"
    context = {
        **admin.site.each_context(request),
        "title": named,
        "opts": DoubleCharge._meta,
        **context,
    }
    return TemplateResponse(request, TEMPLATE, context, status=status)
