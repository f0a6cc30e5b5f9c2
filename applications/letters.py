"""Letters by post and calls by phone: what no machine can deliver waits here for a person (N29).

A message by letter or call is an outbox row like any other. Printing makes a batch of letters, the
day of posting makes them sent, a returned one failed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from applications import receipts
from applications.models import Application, CallTry, LateAccess, Letter, LetterBatch
from applications.validators.phones import national
from applications.validators.postal import written as postal_code
from config import clock
from config.clock import JST
from config.states import OVERTAKEN, Refused
from payouts import clerks, messages, texts
from payouts.models import Message
from payouts.outbound.messages import Text

MOST = 200  # letters of one batch: what one printer and one person do in one go
UNDELIVERED = ("failed", "unconfirmed", "given_up")


@dataclass(frozen=True)
class Addressed:
    """A letter as it is printed: where it goes, what it says. `postal` with its dash."""

    place: int
    postal: str
    address: str
    name: str
    text: Text
    message: Message
    link: str


def to_print(user: Any) -> QuerySet[Message]:
    """Letters that wait for a printer, the oldest first."""
    rows = Message.objects.filter(channel="letter", state="queued", letter=None)
    return clerks.scoped(rows, user).order_by("due_at", "id")


def to_call(user: Any) -> QuerySet[Message]:
    """Messages that wait for a call, those tried least lately first."""
    rows = Message.objects.filter(channel="call", state="queued")
    return clerks.scoped(rows, user).order_by("next_at", "due_at", "id")


def without_way(user: Any) -> QuerySet[Message]:
    """Messages that did not arrive by machine and that nobody saw to yet."""
    rows = Message.objects.filter(
        channel__in=("sms", "email"), state__in=UNDELIVERED, handled_at=None
    )
    return clerks.scoped(rows, user).order_by("-id")


def print_batch(prefecture_code: str, *, by: AbstractBaseUser) -> LetterBatch:
    """Take the waiting letters of a prefecture, MOST of them, into one batch.

    Raises Refused where there is none. Two who press at once get different letters.
    """
    at = clock.now()
    clerks.require(by, prefecture_code)
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(
            prefecture_code=prefecture_code,
            channel="letter",
            state="queued",
            due_at__lte=at,
            letter=None,
        )
        found = list(rows.order_by("due_at", "id")[:MOST])
        if not found:
            raise Refused("印刷を待っている手紙はありません。", "none")
        batch = LetterBatch.objects.create(
            prefecture_code=prefecture_code, printed_at=at, printed_by=by
        )
        Letter.objects.bulk_create(
            Letter(batch=batch, message=message, place=place)
            for place, message in enumerate(found, 1)
        )
        return batch


def post(batch: LetterBatch, day: date, *, by: AbstractBaseUser) -> LetterBatch:
    """The batch was posted on `day` (JST): its letters are sent. Raises Refused for a day to come
    or before it was printed, and the second time.
    """
    at = clock.now()
    clerks.require(by, batch.prefecture_code)
    if not batch.printed_at.astimezone(JST).date() <= day <= at.astimezone(JST).date():
        raise Refused("投函日は、印刷した日から今日までの日を入力してください。", "day")
    with transaction.atomic():
        waits = LetterBatch.objects.filter(pk=batch.pk, posted_at=None)
        if not waits.update(posted_on=day, posted_at=at, posted_by=by):
            raise Refused(OVERTAKEN, "moved")
        sent = Message.objects.filter(letter__batch=batch, state="queued")
        sent.update(state=Message.State.SENT, sent_at=at)
    batch.refresh_from_db()
    return batch


def returned(letter: Letter, day: date, reason: str, *, by: AbstractBaseUser) -> Letter:
    """A posted letter came back: its message failed, for good."""
    batch, at = letter.batch, clock.now()
    clerks.require(by, batch.prefecture_code)
    if reason not in Letter.Reason.values:
        raise Refused("返送の理由を選んでください。", "reason")
    if not batch.posted_on or not batch.posted_on <= day <= at.astimezone(JST).date():
        raise Refused("返送日は、投函日から今日までの日を入力してください。", "day")
    with transaction.atomic():
        rows = Letter.objects.filter(pk=letter.pk, returned_on=None)
        if not rows.update(returned_on=day, returned_reason=reason, returned_by=by):
            raise Refused("この手紙の返送は、すでに記録されています。", "moved")
        Message.objects.filter(pk=letter.message_id, state="sent").update(
            state=Message.State.FAILED, failure="returned", cause=Message.Cause.PERMANENT
        )
    letter.refresh_from_db()
    return letter


def addressed(batch: LetterBatch) -> list[Addressed]:
    """The letters of a batch as they are printed, each with its own text."""
    letters = batch.letters.select_related("message__link").order_by("place")
    people = _people([letter.message for letter in letters])
    return [_addressed(letter, people) for letter in letters]


def told(message: Message, outcome: str, *, by: AbstractBaseUser) -> CallTry:
    """Book a call: told makes the message sent; a wrong number fails it; else it waits on."""
    at = clock.now()
    clerks.require(by, message.prefecture_code)
    if outcome not in CallTry.Outcome.values:
        raise Refused("結果を選んでください。", "outcome")
    ends = {
        CallTry.Outcome.TOLD: {"state": Message.State.SENT, "sent_at": at},
        CallTry.Outcome.WRONG: {
            "state": Message.State.FAILED,
            "failure": "wrong_number",
            "cause": Message.Cause.PERMANENT,
        },
    }
    with transaction.atomic():
        locked = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if locked.state != Message.State.QUEUED or locked.channel != "call":
            raise Refused(OVERTAKEN, "moved")
        Message.objects.filter(pk=locked.pk).update(
            **ends.get(outcome, {"next_at": at}), attempts=locked.attempts + 1
        )
        return CallTry.objects.create(message=locked, at=at, by=by, outcome=outcome)


def instead(message: Message, channel: str, *, by: AbstractBaseUser) -> Message:
    """A message that did not arrive goes by letter or call, once; no call carries a money link.

    Raises Refused where the applicant gave neither address nor phone for it.
    """
    at = clock.now()
    clerks.require(by, message.prefecture_code)
    if message.state not in UNDELIVERED:
        raise Refused("届かなかった通知ではありません。", "state")
    if message.link_id and channel == "call":
        raise Refused("受取用URLは、お電話ではお伝えできません。郵送にしてください。", "link")
    application = application_of(message)
    if application is None:
        raise Refused("申請のない通知です。アプリ利用者の画面で対応してください。", "subject")
    address = {"letter": _postal(application), "call": application.phone}.get(channel, "")
    if not address:
        missing = "住所" if channel == "letter" else "電話番号"
        raise Refused(f"この申請には{missing}がありません。", "address")
    with transaction.atomic():
        key = f"{channel}:{message.key}"[:80]
        messages.write(
            key,
            message.kind,
            messages.Reach(message.prefecture_code, channel, address, message.language),
            facts=message.facts,
            link=message.link,
            subject=message.subject,
        )
        Message.objects.filter(pk=message.pk, handled_at=None).update(handled_at=at, handled_by=by)
    return Message.objects.get(key=key)


def application_of(message: Message) -> Application | None:
    """The application that a message is about, None for an app holder's."""
    kind, _, pk = message.subject.partition(":")
    if kind == "application" and pk.isdecimal():
        return Application.objects.filter(pk=pk).first()
    if kind == "payout" and pk.isdecimal():
        return Application.objects.filter(claims__payout=pk).first()
    return None


def _people(found: Iterable[Message]) -> dict[str, tuple[str, str, str]]:
    """Postal code, address and name of who letters go to, by subject."""
    people = {}
    for message in found:
        application = application_of(message)
        if application:
            code = postal_code(application.postal_code) if application.postal_code else ""
            people[message.subject] = (code, application.address, application.name)
        elif message.subject.startswith("late_access:"):
            case = LateAccess.objects.filter(pk=message.subject.partition(":")[2]).first()
            people[message.subject] = ("", message.address, case.name if case else "")
    return people


def _addressed(letter: Letter, people: dict[str, tuple[str, str, str]]) -> Addressed:
    message = letter.message
    postal, address, name = people.get(message.subject, ("", message.address, ""))
    if not address:
        address = message.address
    text = texts.render(message)
    return Addressed(letter.place, postal, address, name, text, message, texts.link_of(message))


def _postal(row: Application) -> str:
    return f"〒{postal_code(row.postal_code)} {row.address}" if row.address else ""


def described(message: Message) -> dict[str, str]:
    """Who a call goes to and about what, for the call list."""
    application = application_of(message)
    return {
        "phone": national(message.address) if message.address.startswith("+") else message.address,
        "name": application.name if application else "",
        "kana": application.kana if application else "",
        "receipt": receipts.written(application.receipt_number) if application else "",
        "application": str(application.pk) if application else "",
        "said": "" if message.link_id else texts.render(message).body,
    }
