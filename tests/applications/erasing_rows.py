"""A row of everything that is ever erased, by the acts where they are short, marked throughout."""

from datetime import timedelta
from uuid import uuid4

from axes.models import (
    AccessAttempt,
    AccessAttemptExpiration,
    AccessFailureLog,
    AccessLog,
)
from django.contrib.sessions.models import Session
from django.db import connection, models

from applications import review
from applications.models import (
    Amendment,
    Application,
    AssistedEntry,
    ChangeRequest,
    Contest,
    Inquiry,
    InquiryNote,
    LateAccess,
    Note,
)
from config import clock
from config.erasing import Wipe
from config.models import Limit
from config.owner import unguarded
from coupons.models import (
    Correction,
    DoubleCharge,
    DoubleChargeNote,
    Import,
    SealedItem,
    Upload,
    UploadChunk,
)
from payouts import gifts, opening, results, transfers
from payouts.models import (
    AppHolderRun,
    BankWord,
    Barred,
    Delivery,
    GivingUp,
    LateLink,
    Message,
    Payout,
    Recall,
    Receipt,
    Reopening,
    Transfer,
)
from tests.applications import rows
from tests.payouts import bank_rows
from tests.payouts import rows as money

MARK = "ERASEME"
DAY = timedelta(days=1)


def decided(**values: object) -> Application:
    """An application that two people approved; its payout is ready."""
    coupon = rows.coupon()
    money.seal(coupon)
    row = rows.application(coupon, **values)
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    opening.release_due()
    return row


def received() -> Application:
    """Points: chosen, issued, told."""
    with clock.at(money.LINKS_GO):
        row = decided()
        money.codes("ponta", 500, 4)
        gifts.choose(row.claims.get().payout, "ponta")
    return row


def paid() -> Application:
    """A transfer that arrived on 2023-05-22."""
    bank_rows.office()
    with clock.at(bank_rows.CUT_AT):
        row = decided(method="bank", holder_relation="self")
        batch = transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("a")).batch
        frozen = transfers.release(batch, by=bank_rows.clerk("b"))
        transfers.hand_over(frozen, by=bank_rows.clerk("c"))
    with clock.at(bank_rows.CUT_AT + 12 * DAY):
        lines = [bank_rows.HEADS, bank_rows.said(batch.transfers.get(), "入金済")]
        results.book(results.read(lines), by=bank_rows.clerk("d"))
    return row


def withdrawn() -> Application:
    """An application that ended without money on 2023-04-10, and what was written about it."""
    with clock.at(money.LINKS_GO):
        row = rows.application(rows.coupon(), lodging="宿")
        row.move("withdrawn")
        row.claims.get().move("withdrawn")
        beside(row)
        Message.objects.create(
            key=f"of {row.pk}",
            kind="withdrawn",
            channel="sms",
            address=row.phone,
            prefecture_code="22",
            subject=f"application:{row.pk}",
            state="sent",
            written_at=clock.now(),
            due_at=clock.now(),
        )
    return row


def beside(row: Application) -> None:
    """What the office wrote down about an application."""
    at, one, two = clock.now(), rows.clerk(), rows.clerk("approver")
    Note.objects.create(application=row, at=at, by=one, text="x")
    Amendment.objects.create(application=row, at=at, field="name", old="x", new="y")
    ChangeRequest.objects.create(
        application=row,
        prefecture_code="22",
        name="x",
        old_contact="x",
        channel="sms",
        contact="x",
        made_at=at,
    )
    call = Inquiry.objects.create(
        prefecture_code="22",
        at=at,
        by=one,
        topic="status",
        caller="x",
        application=row,
        first_fact="kana",
        second_fact="trip",
    )
    InquiryNote.objects.create(inquiry=call, kind="asked", at=at, by=one, text="x")
    LateAccess.objects.create(
        prefecture_code="22",
        reason="other",
        account="x",
        name="x",
        channel="sms",
        contact="x",
        expires_at=at + DAY,
        prepared_at=at - DAY,
        prepared_by=one,
        approved_at=at - DAY,
        approved_by=two,
        key_number=1,
        token_hash=uuid4().bytes * 2,
        used_at=at,
        application=row,
    )


def the_rest(points: Application, bank: Application) -> None:
    """A row of each other table that holds something of people."""
    at, one, two = clock.now(), rows.clerk(), rows.clerk("approver")
    payouts = Payout.objects.order_by("pk")
    charged = rows.charged()
    SealedItem.objects.create(
        coupon=charged,
        edition=0,
        balance=5,
        yen=5,
        category="A1",
        eligible=True,
        in_app=True,
        route="app_link",
        app_account="A1",
        at=at,
    )
    run = Import.objects.create(at=at, coupons_file="c", transactions_file="t")
    for field in ("app_phone", "issuer"):
        Correction.objects.create(coupon=charged, field=field, old="x", new="y", import_run=run)
    case = DoubleCharge.objects.create(
        case_number="D1", prefecture_code="22", case="pressed_again", taken_at=at, taken_by=one
    )
    DoubleChargeNote.objects.create(of=case, at=at, by=one, text="x")
    upload = Upload.objects.create(at=at, by=one, kept_until=at, report=b"x")
    UploadChunk.objects.create(of=upload, file="coupons.csv", number=0, blob=b"x")
    AppHolderRun.objects.create(
        prefectures=["22"],
        prepared_at=at,
        prepared_by=one,
        payouts=1,
        coupons=1,
        yen=1,
        approved_at=at,
        approved_by=two,
        reached="A1",
    )
    Receipt.objects.create(
        provider="p",
        channel="sms",
        event=b"e",
        provider_ref="x",
        outcome="failed",
        happened_at=at,
        received_at=at,
    )
    Barred.objects.create(channel="sms", address_hash=b"h" * 32, code="x", at=at)
    ends = {"until": at + DAY, "reason": "x", "prepared_at": at, "prepared_by": one}
    LateLink.objects.create(payout=payouts[0], **ends)
    Reopening.objects.create(payout=payouts[0], **ends)
    transfer = Transfer.objects.get()
    BankWord.objects.create(
        transfer=transfer,
        result="paid",
        source="phone",
        told_by="x",
        told_at=at,
        at=at,
        by=one,
    )
    Recall.objects.create(transfer=transfer, reason="x", asked_at=at, asked_by=one)
    GivingUp.objects.create(payout=payouts[0], reason="x", prepared_at=at, prepared_by=one)
    Delivery.objects.create(
        prefecture_code="22",
        file_name="f",
        sha256="0",
        count=1,
        total_yen=1,
        counts=[],
        blob=b"x",
        checked_at=at,
        checked_by=one,
    )
    Contest.objects.create(
        inquiry_number="1",
        prefecture_code="22",
        chosen=points.claims.get(),
        over=[bank.pk],
        others_not_covered=False,
        at=at,
        by=one,
        text="x",
    )
    AssistedEntry.objects.create(
        submission_id=uuid4(), by=one, started_at=at, saved_at=at, typed=b"x"
    )
    Limit.objects.create(scope="s", key=b"k", window=at, count=1)
    Session.objects.create(session_key="s", session_data="x", expire_date=clock.real_now() - DAY)
    asked = {"username": "u", "user_agent": "a", "ip_address": "127.0.0.1", "path_info": "/"}
    tried = AccessAttempt.objects.create(get_data="", post_data="", failures_since_start=1, **asked)
    AccessAttemptExpiration.objects.create(access_attempt=tried, expires_at=at)
    AccessFailureLog.objects.create(**asked)
    AccessLog.objects.create(**asked)


def mark(wipe: Wipe, fields: dict[str, models.Field]) -> None:
    """Write the marker into each column that is to be wiped."""
    values = {name: marked(fields[name]) for name in wipe.columns}
    if wipe.table == "coupons_correction":  # what did not change is no correction
        values["new"] = f"'{MARK}2'"
    chosen = ", ".join(f"{name} = {value}" for name, value in values.items() if value)
    with unguarded(wipe.table), connection.cursor() as cursor:
        if chosen and wipe.table != "coupons_sealeditem":
            cursor.execute(f"UPDATE {wipe.table} SET {chosen} WHERE {wipe.where}")
        elif chosen:  # only who is in the app has a contact there
            cursor.execute(f"UPDATE {wipe.table} SET {chosen} WHERE in_app")


def marked(field: models.Field) -> str:
    """The marker in SQL, as a column can hold it; empty where it is too short."""
    kind = field.get_internal_type()
    if kind == "BinaryField":
        return f"convert_to('{MARK}', 'UTF8')"
    if kind == "ArrayField":
        inner = marked(field.base_field)
        return inner and f"ARRAY[{inner}]"
    if kind == "JSONField":
        return f"""'{{"who": "{MARK}"}}'"""
    return f"'{MARK}'" if (field.max_length or 99) >= len(MARK) else ""
