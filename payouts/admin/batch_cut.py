"""Cutting batches: choose office and day, see what would be listed, then cut (N73)."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts import clerks, foreseeing, transfers
from payouts.admin.batch_words import FAULTS
from payouts.admin.listing import prefecture_name

CUT = "payouts.add_batch"
ONE_DAY = timedelta(days=1)
SHOWN = 500  # payouts told one by one


class CutForm(forms.Form):
    """One office, one bank business day."""

    prefecture = forms.ChoiceField(
        label="都道府県", error_messages={"required": "都道府県を選んでください。"}
    )
    pay_on = forms.DateField(
        label="振込指定日",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="明日以降の銀行営業日。土日、祝日、12月31日から1月3日は選べません。",
        error_messages={
            "required": "振込指定日を入力してください。",
            "invalid": "日付を、年-月-日の順に入力してください。",
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = clerks.prefectures_of(user)
        self.fields["prefecture"].choices = [(each, prefecture_name(each)) for each in codes]

    def clean_pay_on(self) -> date:
        day = self.cleaned_data["pay_on"]
        try:
            transfers.check_day(day, clock.now())
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused
        except OverflowError as error:
            raise forms.ValidationError("日付を確かめてください。") from error
        return day


def new(request: HttpRequest) -> HttpResponse:
    """GET: the form, and with an office and a day the preview. POST: cut as previewed."""
    if not request.user.has_perm(CUT):
        raise PermissionDenied
    asked = request.POST if request.method == "POST" else request.GET
    bound = asked if asked or request.method == "POST" else None
    form = CutForm(bound, user=request.user, initial={"pay_on": next_bank_day()})
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        code, day = form.cleaned_data["prefecture"], form.cleaned_data["pay_on"]
        try:
            if request.method == "POST":
                return cut(request, code, day)
            context |= preview(foreseeing.foresee(code, day, by=request.user))
        except Refused as refused:
            form.add_error(None, refused.message)
    status = 422 if form.is_bound and form.errors else 200
    context |= {**admin.site.each_context(request), "limit": transfers.limit()}
    return TemplateResponse(request, "admin/batches/new.html", context, status=status)


def preview(found: foreseeing.Foreseen) -> dict[str, Any]:
    """What the page shows of it."""
    return {
        "found": found,
        "doubtful": [
            (each.payout, foreseeing.masked(each.account)) for each in found.doubtful[:SHOWN]
        ],
        "left_out": [
            (left.payout, FAULTS.get(left.field, left.field)) for left in found.left_out[:SHOWN]
        ],
    }


def cut(request: HttpRequest, code: str, day: date) -> HttpResponse:
    """Cut every file, tell each, and open the first one."""
    marked = [each for each in request.POST.getlist("without") if each.isascii()]
    without = frozenset(int(each) for each in marked if each.isdecimal() and len(each) < 19)
    made = []
    for each in foreseeing.cut_all(code, day, by=request.user, without=without):
        if each.batch:
            made.append(each.batch)
            messages.success(
                request,
                f"振込データ{each.batch.pk}を作成しました（{each.batch.count:,}件、"
                f"{each.batch.total_yen:,}円）。別の担当者が確定してください。",
            )
    if not made:
        messages.warning(request, "作成する振込データはありません。")
        return redirect("admin:payouts_batch_changelist")
    return redirect("admin:payouts_batch_change", made[0].pk)


def next_bank_day() -> date:
    """The first day for which a batch can be cut now."""
    day = max(clock.now().astimezone(clock.JST).date(), NOTICE.dates.first_bank_day - ONE_DAY)
    while not NOTICE.is_bank_day(day := day + ONE_DAY):
        pass
    return day
