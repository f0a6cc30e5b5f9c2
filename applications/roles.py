"""The six roles of the office: what each may do, and whose cases it sees (N25, N86).

Two signatures for money are kept by constraints whatever the rights say: no role can pay alone.
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import cipher
from config.states import Refused
from payouts import clerks
from payouts.models import Clerk

LABELS = {
    "call_centre": "コールセンター",
    "reviewer": "審査担当",
    "approver": "承認者",
    "payer": "支払担当",
    "auditor": "監査",
    "manager": "責任者",
}

# What every role sees of a case; the rest is added by role.
CASE = (
    "applications.view_application",
    "applications.view_claim",
    "applications.view_note",
    "applications.view_applicationstep",
    "applications.view_claimstep",
    "applications.view_amendment",
    "applications.view_changerequest",
    "applications.view_changerequeststep",
    "applications.view_bulk",
    "applications.view_bulkitem",
    "applications.view_secondlook",
    "applications.view_assistedentry",
    "applications.view_calltry",
    "applications.view_circular",
    "applications.view_inquiry",
    "applications.view_inquirynote",
    "applications.view_lateaccess",
    "applications.view_letter",
    "applications.view_letterbatch",
    "applications.view_newaccount",
    "applications.view_newaccountstep",
    "applications.view_recipient",
    "config.view_postponement",
    "coupons.view_coupon",
    "coupons.view_correction",
    "coupons.view_debit",
    "coupons.view_doublecharge",
    "coupons.view_doublechargenote",
    "coupons.view_doublechargestep",
    "coupons.view_givebacklist",
    "applications.view_contest",
    "coupons.view_entry",
    "coupons.view_extension",
    "coupons.view_latemovement",
    "coupons.view_latemovementstep",
    "coupons.view_sealeditem",
    "payouts.view_attempt",
    "payouts.view_link",
    "payouts.view_message",
    "payouts.view_messageact",
    "payouts.view_receipt",
    "payouts.view_latelink",
    "payouts.view_payout",
    "payouts.view_payoutline",
    "payouts.view_payoutstep",
    "payouts.view_reopening",
)
MONEY = (
    "config.export_lists",
    "payouts.view_order",
    "payouts.view_orderpart",
    "payouts.view_orderstep",
    "payouts.view_batch",
    "payouts.view_batchstep",
    "payouts.view_transferstep",
    "payouts.view_transfer",
    "payouts.view_code",
    "payouts.view_delivery",
    "payouts.view_unpayable",
    "payouts.view_accountcheck",
    "payouts.view_answerfile",
    "payouts.view_bankword",
    "payouts.view_givingup",
    "payouts.view_recall",
    "payouts.view_office",
    "payouts.view_officechange",
    "payouts.view_pause",
    "payouts.view_spending",
    "coupons.view_import",
    "coupons.view_seal",
    "coupons.view_difference",
    "payouts.view_appholderrun",
    "config.view_alarm",
)
WORK = ("applications.add_note", "applications.rehearse", "applications.view_announcement")
CALLS = (  # inquiries, letters and calls, first signatures
    "applications.add_inquiry",
    "applications.change_inquiry",
    "applications.add_letterbatch",
    "applications.change_letter",
    "applications.add_calltry",
    "applications.add_circular",
    "applications.add_lateaccess",
)
ANNOUNCE = ("applications.add_announcement", "applications.change_announcement")
PERMISSIONS: dict[str, tuple[str, ...]] = {
    "call_centre": (
        *CASE,
        *WORK,
        *CALLS,
        "applications.enter_application",
        "applications.change_application",
        "payouts.resend_link",
        "coupons.add_doublecharge",
        "coupons.change_doublecharge",
    ),
    "reviewer": (
        *CASE,
        *WORK,
        *CALLS,
        "applications.check_application",
        "payouts.add_reopening",
        "applications.change_application",
        "payouts.resend_link",
        "payouts.add_latelink",
        "coupons.view_import",
        "coupons.view_difference",
        "coupons.propose_latemovement",
        "applications.add_contest",
        "coupons.change_doublecharge",
    ),
    "approver": (
        *CASE,
        *MONEY,
        *WORK,
        *CALLS,
        "payouts.view_clerk",
        "config.change_handedpassword",
        "payouts.change_latelink",
        "payouts.pause_sending",
        "applications.change_circular",
        "applications.change_lateaccess",
        *ANNOUNCE,
        "applications.approve_application",
        "payouts.change_batch",
        "payouts.change_givingup",
        "payouts.add_recall",
        "payouts.change_recall",
        "payouts.change_delivery",
        "payouts.change_officechange",
        "payouts.change_reopening",
        "config.add_postponement",
        "config.change_postponement",
        "coupons.decide_latemovement",
        "payouts.change_appholderrun",
        "coupons.change_doublecharge",
    ),
    "payer": (
        *CASE,
        *MONEY,
        *WORK,
        "payouts.add_appholderrun",
        "payouts.add_batch",
        "payouts.change_batch",
        "payouts.add_answerfile",
        "payouts.add_bankword",
        "payouts.add_givingup",
        "payouts.add_recall",
        "payouts.add_code",
        "payouts.add_officechange",
        "payouts.change_delivery",
        "payouts.add_reopening",
    ),
    "manager": (
        *CASE,
        *MONEY,
        *WORK,
        *CALLS,
        "payouts.add_latelink",
        "payouts.change_latelink",
        "payouts.pause_sending",
        "applications.change_circular",
        "applications.change_lateaccess",
        *ANNOUNCE,
        "applications.approve_application",
        "payouts.change_delivery",
        "payouts.add_code",
        "payouts.add_officechange",
        "payouts.change_officechange",
        "payouts.add_reopening",
        "payouts.change_reopening",
        "coupons.propose_latemovement",
        "coupons.decide_latemovement",
        "payouts.add_appholderrun",
        "payouts.change_appholderrun",
        "applications.add_contest",
        "applications.enter_application",
        "coupons.add_doublecharge",
        "coupons.change_doublecharge",
        "coupons.add_import",
        "applications.change_application",
        "payouts.resend_link",
        "payouts.change_batch",
        "payouts.add_answerfile",
        "payouts.add_bankword",
        "payouts.add_givingup",
        "payouts.change_givingup",
        "payouts.add_recall",
        "payouts.change_recall",
        "config.add_postponement",
        "config.change_postponement",
        "config.view_accesslog",
        "config.view_jobrun",
        "config.view_erasure",
        "applications.view_closing",
        "applications.disclose_application",
        "payouts.view_clerk",
        "payouts.add_clerk",
        "payouts.change_clerk",
        "config.change_handedpassword",
    ),
}
OURS = ("applications", "payouts", "coupons", "config")  # the auditor sees every row of these

visible = clerks.visible
scoped = clerks.scoped


@dataclass(frozen=True)
class DemoClerk:
    """A log-in of the rehearsal: name (a role's), password, TOTP secret in base32."""

    username: str
    password: str
    secret: str


def set_roles() -> None:
    """Make the six groups hold exactly their permissions; safe to repeat."""
    with transaction.atomic():
        for role in LABELS:
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set(permissions_of(role))


def permissions_of(role: str) -> list[Permission]:
    """The permission rows of a role. Raises LookupError where one of its names does not exist."""
    if role == "auditor":
        sees = Q(codename__startswith="view_") | Q(codename="export_lists")
        return list(Permission.objects.filter(sees, content_type__app_label__in=OURS))
    wanted = Q()
    for name in PERMISSIONS[role]:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.filter(wanted).select_related("content_type"))
    missing = set(PERMISSIONS[role]) - {f"{p.content_type.app_label}.{p.codename}" for p in found}
    if missing:
        raise LookupError(f"{role}: {', '.join(sorted(missing))}")
    return found


def labels_of(user: Any) -> str:
    """The office's words for an account's roles."""
    names = user.groups.order_by("pk").values_list("name", flat=True)
    return "・".join(LABELS.get(name, name) for name in names)


def make_demo_clerks() -> list[DemoClerk]:
    """One clerk a role, everywhere, with password and code; the same again on the same database.

    Raises Refused outside rehearsals.
    """
    if not settings.REHEARSAL:
        raise Refused("予行モードではないため、見本の担当者は作れません。", "rehearsal")
    set_roles()
    with transaction.atomic():
        return [demo_clerk(role) for role in LABELS]


def demo_clerk(role: str) -> DemoClerk:
    """The clerk of one role. The code's secret is drawn once; the password follows from it."""
    User = get_user_model()
    user, made = User.objects.get_or_create(
        username=role, defaults={"is_staff": True, "last_name": LABELS[role]}
    )
    Clerk.objects.get_or_create(user=user, defaults={"everywhere": True})
    device, _ = TOTPDevice.objects.get_or_create(
        user=user, name="demo", defaults={"key": secrets.token_hex(20)}
    )
    password = base64.b32encode(cipher.keyed_hash("demo clerk", device.key)).decode().lower()[:16]
    if made:
        user.groups.set(Group.objects.filter(name=role))
        user.set_password(password)
        user.save(update_fields=["password"])
    return DemoClerk(role, password, base64.b32encode(bytes.fromhex(device.key)).decode())
