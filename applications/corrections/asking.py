"""Asking an applicant back by a personal link, and reminding of a number to follow (N30, N63)."""

from datetime import datetime, time

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications import periods, sentences, tokens
from applications.models import Application, Correction
from applications.receipts import written
from applications.replies import correction_end, reach
from config import clock
from config.clock import JST
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from config.templatetags.notice import until, until_short
from payouts import messages

NUMBER = "inquiry_number"
MOST = 500  # applications reminded in one transaction

# Why an item is asked for. Nothing here tells what only the ledger knows.
WHY = {
    "inquiry_number": _("お問合せ番号を確認できませんでした。クーポンの番号をお確かめください。"),
    "travel": _("旅行の種類か日付を確認できませんでした。旅行の予定をお確かめください。"),
    "prefecture": _("ご利用の都道府県を確認できませんでした。"),
    "expiry": _("クーポンに印刷された、はじめの有効期限をお確かめください。"),
    "use": _("クーポンをアプリにチャージしたかどうかを、もう一度お知らせください。"),
    "person": _("お名前またはご連絡先に、確認したいところがあります。"),
    "delivery": _("受取案内の配信先に、お知らせをお届けできませんでした。"),
    "account": _("振込先の口座に、確認したいところがあります。"),
    "lodging": _("宿泊施設または旅行会社の名前をお知らせください。"),
}


def ask(row: Application, items: list[str], at: datetime) -> Correction:
    """A link over these items, and its message; in the caller's transaction, the row locked."""
    wanted = [code for code in sentences.ASKED if code in items]
    link = tokens.make(Correction, row, at, items=wanted, due_at=correction_end(at))
    tell(row, link)
    return link


def ask_number(row: Application, at: datetime) -> Correction:
    """A link for the number that is to follow; a question of the office stays open beside it."""
    live = open_of(row, at) if row.state == Application.State.ASKED else None
    asked = {*(live.items if live else ()), NUMBER}
    items = [code for code in sentences.ASKED if code in asked]
    due = live.due_at if live else number_end()
    link = tokens.make(Correction, row, at, items=items, due_at=due)
    tell(row, link)
    return link


def again(row: Application, at: datetime) -> Correction:
    """The same question by a new link; the one before dies. Raises Refused where none is open."""
    live = open_of(row, at)
    if live is None:
        raise Refused(_("お送りできるご案内は、いまありません。"), "nothing")
    link = tokens.make(Correction, row, at, items=live.items, due_at=live.due_at)
    tell(row, link)
    return link


def tell(row: Application, link: Correction) -> None:
    """Write the message that carries the link; an older one not sent yet is taken back."""
    came_back = row.state == Application.State.DECIDED  # a transfer
    kind = "ask" if came_back or row.state == Application.State.ASKED else "number"
    with translation.override(row.language):
        words = {
            "what": str(_("、")).join(str(sentences.ASKED[code]) for code in link.items),
            "until": until(link.due_at),
            "until_short": until_short(link.due_at),
        }
    messages.drop(f"application:{row.pk}", ("ask", "number"))
    messages.write(
        f"{kind}:{row.pk}:{link.generation}",
        kind,
        messages.Reach(row.prefecture_code, *reach(row), row.language),
        facts={
            "receipt": written(row.receipt_number),
            "items": link.items,
            **({"came_back": True} if came_back else {}),
            **words,
            **tokens.facts(link),
        },
        subject=f"application:{row.pk}",
    )


def question(row: Application, items: list[str], due_at: datetime) -> dict[str, str]:
    """What the message asks for and until when, in the words of its reader."""
    with translation.override(row.language):
        return {
            "what": str(_("、")).join(str(sentences.ASKED[code]) for code in items),
            "until": until(due_at),
            "until_short": until_short(due_at),
        }


def live_of(row: Application) -> Correction | None:
    """The newest question to an applicant, answered or not."""
    return row.corrections.filter(replaced_at=None).first()


def open_of(row: Application, at: datetime) -> Correction | None:
    """The question that an applicant may answer at `at`: asked, not answered, not over."""
    link = live_of(row)
    return link if link and not link.answered_at and at < link.due_at else None


def owed_items(row: Application) -> list[str]:
    """What is to follow by itself: the number of a coupon that was asked for without one."""
    missing = row.claims.filter(state="pending", inquiry_number="").exists()
    return [NUMBER] if missing else []


def number_end() -> datetime:
    """The first moment too late for a number to follow, as decided today."""
    return NOTICE.end_of("number_to_follow_until", Postponement.approved())


def takes_number(row: Application, at: datetime) -> bool:
    """Whether the applicant may still complete a number at `at` (Q10)."""
    before = row.state not in (Application.State.DECIDED, Application.State.WITHDRAWN)
    end = NOTICE.end_of("number_to_follow_until", periods.extended())
    return before and at < end and bool(owed_items(row))


def remind_numbers() -> dict[str, int]:
    """Ask everybody who still owes a number, once a day at the most; safe twice. Counts."""
    at, told, last = clock.now(), 0, 0
    if at >= number_end():
        return {"told": 0}
    today = datetime.combine(at.astimezone(JST).date(), time(), JST)
    waiting = Application.objects.filter(
        state__in=["received", "held", "asked"],
        claims__state="pending",
        claims__inquiry_number="",
    ).exclude(channel="")
    while True:
        with transaction.atomic():
            ids = waiting.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True).distinct()
            wave = list(ids[:MOST])
            rows = Application.objects.select_for_update(of=("self",), skip_locked=True)
            for row in rows.filter(pk__in=wave).order_by("pk"):
                if not row.corrections.filter(made_at__gte=today).exists():
                    ask_number(row, at)
                    told += 1
        if len(wave) < MOST:
            return {"told": told}
        last = wave[-1]
