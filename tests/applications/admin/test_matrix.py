"""Who may do what: every address of the office, each role, reading (GET) and doing (POST).

A new address without its line makes `test_every_address_has_its_line` red. Roles by letter:
c call centre, r reviewer, a approver, p payer, u auditor, m manager. "200 am" reads: 200 for these,
403 for the others; "405" alone: for all; NO: 403, 404 or 405, whoever asks. Records are asked for
by a number that no record has, so that 404 stands for "may, but there is none"; the buttons of one
application are pressed on a real one below.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import URLResolver

from applications import review, roles
from applications.admin.verbs import VERBS
from applications.models import ChangeRequest
from payouts.models import Message, Payout
from tests.applications import rows

pytestmark = pytest.mark.django_db

LETTERS = dict(zip("crapum", roles.LABELS, strict=True))
ALL, MONEY, EXPORTS = "crapum", "apum", "apum"
NO = "no"
MISSING = 999_999_999
REFUSED = (403, 404, 405)

# Lists of the admin: who reads list and records; nobody adds, changes or deletes there.
READS = {
    "applications_announcement": ALL,
    "applications_application": ALL,
    "applications_assistedentry": ALL,
    "applications_bulk": ALL,
    "applications_changerequest": ALL,
    "applications_circular": ALL,
    "applications_closing": "um",
    "applications_inquiry": ALL,
    "applications_lateaccess": ALL,
    "applications_letterbatch": ALL,
    "applications_newaccount": ALL,
    "applications_secondlook": ALL,
    "config_accesslog": "um",
    "config_alarm": MONEY,
    "config_erasure": "um",
    "config_jobrun": "um",
    "config_postponement": ALL,
    "coupons_coupon": ALL,
    "coupons_difference": "rapum",
    "coupons_doublecharge": ALL,
    "coupons_import": "rapum",
    "coupons_latemovement": ALL,
    "coupons_seal": MONEY,
    "payouts_answerfile": MONEY,
    "payouts_appholderrun": MONEY,
    "payouts_batch": MONEY,
    "payouts_code": MONEY,
    "payouts_delivery": MONEY,
    "payouts_givingup": MONEY,
    "payouts_message": ALL,
    "payouts_office": MONEY,
    "payouts_officechange": MONEY,
    "payouts_order": MONEY,
    "payouts_payout": ALL,
    "payouts_recall": MONEY,
    "payouts_reopening": ALL,
    "payouts_transfer": MONEY,
    "payouts_unpayable": MONEY,
}
# Our own pages: (GET, POST).
PAGES = {
    # the own account
    "account": ("200 crapum", "200 crapum"),
    "account_codes": ("405", "422 crapum"),
    "account_first": ("302", "302"),
    "account_kept": ("302", "302"),
    "account_replace": ("405", "422 crapum"),
    "index": ("200 crapum", "200 crapum"),
    "login": ("302", "200 crapum"),
    "password_change": ("200 crapum", "200 crapum"),
    "password_change_done": ("200 crapum", "405"),
    # accounts of the office
    "staff": ("200 aum", "405"),
    "staff_act": ("405", "404 m"),
    "staff_export": ("200 aum", "405"),
    "staff_new": ("200 m", "200 m"),
    "staff_one": ("404 aum", "404 m"),
    # figures
    "coupons_seal_reconcile": ("200 apum", "405"),
    "coupons_seal_reconcile_rows": ("200 apum", "405"),
    "reports": ("200 apum", "405"),
    "reports_export": ("200 apum", "405"),
    "reports_final": ("200 apum", "405"),
    "reports_final_export": ("200 apum", "405"),
    "reports_show": ("200 apum", "405"),
    # cases
    "applications_act": ("302", "404"),
    "applications_amend": ("404", "404"),
    "applications_disclosure": ("404", "404"),
    "applications_bulk_act": ("405", "404"),
    "applications_bulk_new": ("200 ram", "200 ram"),
    "applications_newaccount_approve": ("405", "404"),
    "applications_newaccount_check": ("405", "404"),
    "applications_newaccount_dismiss": ("405", "404"),
    "applications_preview": ("302", "404"),
    "applications_reveal": ("302", "404"),
    "applications_next": ("302", "302 r"),
    "applications_announcement_add": ("200 am", "200 am"),
    "applications_announcement_drop": ("405", "404"),
    "applications_announcement_publish": ("405", "404"),
    "applications_changerequest_approve": ("405", "404"),
    "applications_changerequest_check": ("405", "404"),
    "applications_changerequest_dismiss": ("405", "404"),
    # calls, letters, dates
    "applications_assistedentry_begin": ("302 cm", "302 cm"),
    "applications_assistedentry_drop": ("404 cm", "404 cm"),
    "applications_assistedentry_read": ("404 cm", "404 cm"),
    "applications_assistedentry_type": ("404 cm", "404 cm"),
    "applications_circular_act": ("405", "404"),
    "applications_circular_prepare": ("200 cram", "422 cram"),
    "applications_inquiry_act": ("404", "404"),
    "applications_inquiry_call": ("200 cram", "422 cram"),
    "applications_inquiry_figures": ("200 crapum", "405"),
    "applications_lateaccess_act": ("405", "404"),
    "applications_lateaccess_prepare": ("200 cram", "422 cram"),
    "applications_letterbatch_called": ("405", "404 cram"),
    "applications_letterbatch_calls": ("200 cram", "405"),
    "applications_letterbatch_instead": ("405", "404 cram"),
    "applications_letterbatch_post": ("405", "404 cram"),
    "applications_letterbatch_print": ("405", "302 cram"),
    "applications_letterbatch_return": ("405", "404 cram"),
    "applications_letterbatch_sheets": ("404", "405"),
    "config_postponement_act": ("405", "404"),
    "config_postponement_prepare": ("200 am", "422 am"),
    # coupons and category B
    "coupons_coupon_contested": ("200 crapum", "405"),
    "coupons_coupon_contested_decide": ("405", "404"),
    "coupons_coupon_contested_one": ("404", "405"),
    "coupons_coupon_issuers": ("200 crapum", "405"),
    "coupons_coupon_use": ("405", "404 crm"),
    "coupons_doublecharge_act": ("405", "404"),
    "coupons_doublecharge_call": ("200 cm", "422 cm"),
    "coupons_doublecharge_complete": ("404 cm", "404 cm"),
    "coupons_doublecharge_csv": ("404 cram", "405"),
    "coupons_doublecharge_give_backs": ("200 crapum", "405"),
    "coupons_doublecharge_list_act": ("405", "404"),
    "coupons_doublecharge_prepare": ("405", "302 cram"),
    "coupons_doublecharge_suspects": ("200 crapum", "405"),
    "coupons_doublecharge_take_up": ("405", "404 cram"),
    "coupons_import_apply": ("405", "404 m"),
    "coupons_import_drop": ("405", "404 m"),
    "coupons_import_upload": ("200 m", "422 m"),
    "coupons_import_uploaded": ("404 m", "404 m"),
    "coupons_latemovement_act": ("405", "404"),
    "coupons_latemovement_why": ("404", "404"),
    # money
    "payouts_appholderrun_approve": ("405", "404 am"),
    "payouts_appholderrun_cancel": ("405", "404 pm"),
    "payouts_appholderrun_new": ("302 pm", "302 pm"),
    "payouts_batch_act": ("405", "404 apm"),
    "payouts_batch_file": ("405", "404 apm"),
    "payouts_batch_new": ("200 p", "422 p"),
    "payouts_batch_sheet": ("404 apum", "405"),
    "payouts_batch_take_out": ("405", "404 apm"),
    "payouts_code_levels": ("200 apum", "200 apum"),
    "payouts_answerfile_book": ("405", "404 pm"),
    "payouts_answerfile_drop": ("405", "404 pm"),
    "payouts_answerfile_new": ("200 pm", "422 pm"),
    "payouts_delivery_apply": ("405", "404 apm"),
    "payouts_delivery_drop": ("405", "404 apm"),
    "payouts_delivery_new": ("200 pm", "422 pm"),
    "payouts_office_propose": ("200 pm", "422 pm"),
    "payouts_officechange_approve": ("405", "404 am"),
    "payouts_officechange_drop": ("405", "404 apm"),
    "payouts_givingup_approve": ("405", "404 am"),
    "payouts_givingup_drop": ("405", "404 apm"),
    "payouts_givingup_of": ("404 apum", "404 pm"),
    "payouts_payout_life": ("404 crapum", "405"),
    "payouts_payout_resend": ("302", "404 crm"),
    "payouts_recall_came_back": ("405", "404 apm"),
    "payouts_recall_confirm": ("405", "404 am"),
    "payouts_recall_drop": ("405", "404 apm"),
    "payouts_recall_refused": ("405", "404 apm"),
    "payouts_reopening_approve": ("405", "404 am"),
    "payouts_reopening_drop": ("405", "404 rapm"),
    "payouts_reopening_prepare": ("405", "404 rpm"),
    "payouts_transfer_recall": ("405", "404 apm"),
    "payouts_transfer_word": ("405", "404 pm"),
    "payouts_unpayable_change": ("302", "302"),
    # messages
    "payouts_message_again": ("405", "404 crm"),
    "payouts_message_handle": ("405", "404 crm"),
    "payouts_message_late": ("200 crapum", "405"),
    "payouts_message_late_approve": ("405", "404 am"),
    "payouts_message_late_propose": ("405", "404 rm"),
    "payouts_message_late_withdraw": ("405", "404 rm"),
    "payouts_message_lift": ("405", "404 crm"),
    "payouts_message_monitor": ("200 crapum", "405"),
    "payouts_message_pause": ("405", "302 am"),
    "payouts_message_samples": ("200 crapum", "405"),
    "payouts_message_undelivered": ("200 crapum", "405"),
}
# Django's own, of which nobody is told anything
DJANGO = {"app_list", "autocomplete", "jsi18n", "logout", "view_on_site"}
ARGUMENTS = {"stage": "check", "verb": "check", "key": "road", "number": "123456789012"}
# The buttons of one application: who may press them.
BUTTONS = {
    "agree": "am",
    "approve": "am",
    "ask": "crm",
    "check": "r",
    "disagree": "am",
    "hold": "crm",
    "note": "crapm",
    "release": "cram",
    "resume": "crm",
    "revoke": "am",
    "send_back": "am",
    "take": "cram",
    "withdraw": "crm",
}


@cache
def addresses() -> dict[str, tuple[str, ...]]:
    """Every named address of the admin site and the names of its arguments."""
    found: dict[str, tuple[str, ...]] = {}
    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "app_name", None) == "admin":
            for name, arguments in walk(resolver):
                found.setdefault(name, arguments)
    return found


def walk(resolver: URLResolver) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, tuple(pattern.pattern.converters)


def line(name: str) -> tuple[str, str] | None:
    """What is expected of an address: its own line, or that of its kind."""
    if name in PAGES:
        return PAGES[name]
    model, _, kind = name.rpartition("_")
    if model not in READS:
        return None
    readers = READS[model]
    return {
        "changelist": (f"200 {readers}", f"200 {readers}"),
        "export": (f"200 {''.join(sorted(set(readers) & set(EXPORTS)))}", "405"),
        "change": (f"404 {readers}", NO),
        "history": (NO, NO),
        "add": (NO, NO),
        "delete": (NO, NO),
    }.get(kind)


def wrong(expected: str, letter: str, status: int) -> bool:
    """Whether a status is not what a line says of a role."""
    if expected == NO:
        return status not in REFUSED
    wanted, _, letters = expected.partition(" ")
    return status != (int(wanted) if not letters or letter in letters else 403)


def path_of(name: str, **given: Any) -> str:
    """The address, its arguments filled in."""
    arguments = {key: ARGUMENTS.get(key, MISSING) for key in addresses()[name]}
    return reverse(f"admin:{name}", kwargs=arguments | given)


def asked(client: Client, method: str, path: str) -> int:
    """The status, with everything undone that the request did."""
    with transaction.atomic():
        status = getattr(client, method)(path).status_code
        transaction.set_rollback(True)
    return status


def test_every_address_has_its_line() -> None:
    known = {name for name in addresses() if name in DJANGO or line(name)}

    assert sorted(addresses().keys() - known) == []
    assert sorted((PAGES.keys() | DJANGO) - addresses().keys()) == []
    assert [model for model in READS if f"{model}_changelist" not in addresses()] == []


@pytest.mark.parametrize("letter", LETTERS)
def test_each_role_opens_and_does_what_its_letter_says(client: Client, letter: str) -> None:
    rows.signed_in(client, rows.clerk(LETTERS[letter]))
    assert not contradicted(client, letter, lambda expected: expected != NO)


def test_what_nobody_does_is_refused_to_who_has_every_right_at_once(client: Client) -> None:
    """So it is to each role, which has fewer."""
    rows.signed_in(client, rows.clerk("manager", is_superuser=True))
    assert not contradicted(client, "m", lambda expected: expected == NO)


def contradicted(client: Client, letter: str, asks: Callable[[str], bool]) -> str:
    """The addresses whose status is not what their line says, among lines that are asked for."""
    client.get("/admin/")
    found = []
    for name in filter(line, addresses().keys() - DJANGO):
        for method, expected in zip(("get", "post"), line(name) or (), strict=True):
            if asks(expected) and wrong(
                expected, letter, status := asked(client, method, path_of(name))
            ):
                found.append(f"{name} {method}: {status}, expected {expected}")
    return "\n".join(sorted(found))


@pytest.mark.parametrize("letter", LETTERS)
def test_the_buttons_of_an_application_are_for_their_roles(client: Client, letter: str) -> None:
    row = rows.application(rows.coupon())
    rows.signed_in(client, rows.clerk(LETTERS[letter]))
    client.get("/admin/")
    allowed = {
        verb
        for verb in VERBS
        if asked(client, "post", path_of("applications_act", pk=row.pk, verb=verb)) != 403
    }

    assert allowed == {verb for verb, letters in BUTTONS.items() if letter in letters}
    assert BUTTONS.keys() == VERBS.keys()


def records() -> dict[str, int]:
    """One record of prefecture 22 behind each of these addresses."""
    row = rows.application(rows.coupon())
    decided = review.check_clean(rows.application(rows.coupon()))
    review.approve(decided, by=rows.clerk("approver"))
    payout = Payout.objects.latest("pk")
    message = Message.objects.filter(subject=f"application:{row.pk}").first() or rows_message(row)
    request = ChangeRequest.objects.create(
        application=row,
        prefecture_code="22",
        channel="email",
        contact="a@example.jp",
        made_at=rows.ARRIVED,
    )
    return {
        "applications_application": row.pk,
        "applications_changerequest": request.pk,
        "coupons_coupon": row.claims.get().coupon_id or rows.coupon().pk,
        "payouts_payout": payout.pk,
        "payouts_message": message.pk,
    }


def rows_message(row: Any) -> Message:
    """A message to an applicant."""
    return Message.objects.create(
        key=f"m{row.pk}",
        kind="receipt",
        channel="sms",
        address=row.delivery,
        prefecture_code=row.prefecture_code,
        subject=f"application:{row.pk}",
        written_at=rows.ARRIVED,
        due_at=rows.ARRIVED,
    )


def test_another_prefecture_s_records_do_not_exist(client: Client) -> None:
    found, here = records(), []
    rows.signed_in(client, rows.clerk("manager", "24", is_superuser=True))
    client.get("/admin/")
    for name, arguments in addresses().items():
        model = next((each for each in found if name.startswith(f"{each}_")), None)
        if name == "applications_act":
            model = "applications_application"
        key = next((each for each in ("pk", "object_id") if each in arguments), None)
        if model is None or key is None:
            continue
        for method in ("get", "post"):
            status = asked(client, method, path_of(name, **{key: found[model]}))
            if status not in (404, 405, 403) and not (status == 302 and method == "get"):
                here.append(f"{name} {method}: {status}")
            if name.endswith("_change") and method == "get" and status != 404:
                here.append(f"{name}: {status}")
    assert not here, "\n".join(here)


@pytest.mark.parametrize("who", ["nobody", "password alone"])
def test_without_both_factors_every_address_leads_to_the_log_in(client: Client, who: str) -> None:
    if who == "password alone":
        user = rows.clerk("manager", is_superuser=True)
        rows.signed_in(Client(), user)  # has a device, and did not use it here
        client.force_login(user)
    found = []
    for name in addresses().keys() - {"login", "logout", "app_list", "account_first"}:
        for method in ("get", "post"):
            answer = getattr(client, method)(path_of(name))
            there = answer.get("Location", "").startswith("/admin/login/?next=")
            if answer.status_code != 302 or not there:
                found.append(f"{name} {method}: {answer.status_code}")
    assert sorted(found) == []
