"""Where an application stands, in the applicant's words: state, next step with its date, messages.

No amount, and nothing that only the ledger knows. What is shown of the answers is masked, so that
it is no proof anywhere: neither a number's last four digits, nor the name's reading (N58).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import changes, periods, returns, sentences
from applications.corrections import asking
from applications.masks import (
    masked_account,
    masked_contact,
    masked_email,
    masked_name,
    masked_number,
    masked_phone,
)
from applications.models import Application, Claim
from applications.summary import Row
from config import clock
from config.languages import notice
from config.notice import NOTICE
from config.templatetags.notice import ja_date, ja_moment, until
from payouts import offices, opening
from payouts.models import Message, Payout

State = Application.State
LETTERS = 20  # messages shown

KINDS = {
    "receipt": gettext_lazy("受付のお知らせ"),
    "link": gettext_lazy("受け取りのご案内"),
    "nothing_due": gettext_lazy("残額についてのお知らせ"),
    "decision": gettext_lazy("確認の結果のお知らせ"),
    "ask": gettext_lazy("内容の確認のお願い"),
    "number": gettext_lazy("お問合せ番号の入力のお願い"),
    "changed": gettext_lazy("変更を受け付けたお知らせ"),
    "withdrawn": gettext_lazy("取下げを受け付けたお知らせ"),
}
CHANNELS = {
    "sms": gettext_lazy("SMS"),
    "email": gettext_lazy("メール"),
    "letter": gettext_lazy("お手紙"),
}
# Not sent on purpose, so nothing to worry about.
TAKEN_BACK = ("link_replaced", "once_a_day", "busy_address")
WORDS = {
    "approved": gettext_lazy("補償の対象です"),
    "not_covered": gettext_lazy("補償の対象になりませんでした"),
    "withdrawn": gettext_lazy("取り下げられました"),
}


@dataclass(frozen=True)
class Coupon:
    """One coupon: its place, enough of its number to know it by, what was decided, and why."""

    position: int
    number: str
    word: str
    why: str


@dataclass(frozen=True)
class Letter:
    """One message: what it was, how and when it went, and whether it arrived."""

    kind: str
    channel: str
    at: datetime
    word: str
    failed: bool


@dataclass(frozen=True)
class Standing:
    """What the person reads, and what they may do now."""

    application: Application
    headline: str
    next_step: str
    coupons: list[Coupon]
    rows: list[Row]
    letters: list[Letter]
    due_at: datetime | None  # an open question is to be answered before
    number: bool
    change: bool
    withdraw: bool
    again: str
    contact: bool


def standing(row: Application, *, sure: bool = False) -> Standing:
    """All of it; the reasons of a decision only for who proved a second fact (`sure`)."""
    at = clock.now()
    claims = list(row.claims.select_related("payout").order_by("position"))
    payouts = {claim.payout_id: claim.payout for claim in claims if claim.payout}
    question = asking.open_of(row, at) if row.state == State.ASKED else returns.link_of(row, at)
    headline, next_step = _decided(row, claims, at) if row.state == State.DECIDED else _open(row)
    return Standing(
        row,
        headline,
        next_step,
        [_coupon(row, claim, sure) for claim in claims],
        rows(row),
        letters(row, list(payouts)),
        question.due_at if question else None,
        asking.takes_number(row, at),
        changes.changeable(row, at),
        changes.withdrawable(row),
        changes.sendable(row, at),
        bool(row.channel) and row.state != State.WITHDRAWN,
    )


def _open(row: Application) -> tuple[str, str]:
    """Headline and next step before the decision, or after taking back."""
    points = row.method == Application.Method.POINTS
    words = notice().words
    wait = (
        _("確認ができた方から順に、%(when)s、受け取りのご案内をお送りします。")
        if points
        else _("確認ができた方から順に、%(when)s、口座へお振り込みします。")
    ) % {"when": words.points_from if points else words.bank_from}
    match row.state:
        case State.RECEIVED:
            return _("申請を受け付けています"), _("事務局が内容を確認しています。") + wait
        case State.HELD:
            return _("確認に時間をいただいています"), (
                _("そのままお待ちください。手続きはいりません。") + wait
            )
        case State.CHECKED:
            return _("内容の確認が進んでいます"), _("まもなく結果が決まります。") + wait
        case State.WITHDRAWN:
            return _("申請は取り下げられています"), _("この申請での補償の手続きはありません。")
    question = asking.live_of(row)
    if question is None or question.due_at <= clock.now():
        return _("確認のお願いがあります"), _(
            "入力の期限を過ぎました。お手数ですが、コールセンターへお電話ください。"
        )
    return _("確認のお願いがあります"), _("%(end)sまでに、下のボタンから内容を直してください。") % {
        "end": until(question.due_at)
    }


def _decided(row: Application, claims: list[Claim], at: datetime) -> tuple[str, str]:
    """Headline by what was decided, next step by where the payout is."""
    approved = [claim for claim in claims if claim.state == Claim.State.APPROVED]
    if not approved:
        return _("確認が終わりました"), _(
            "補償の対象となるクーポンはありませんでした。くわしくは、お送りしたお知らせを"
            "ご覧いただくか、コールセンターへお電話ください。"
        )
    some = any(claim.state == Claim.State.NOT_COVERED for claim in claims)
    headline = _("一部のクーポンの補償が決まりました") if some else _("補償が決まりました")
    payouts = {claim.payout_id: claim.payout for claim in approved}
    came_back = [payout for payout in payouts.values() if payout.state == Payout.State.RETURNED]
    asked = _returned(row, at) if came_back else ""
    said = [
        asked if asked and payout in came_back else payout_step(payout, at)
        for payout in payouts.values()
    ]
    if came_back:
        checking = returns.open_of(row)
        headline = _("口座を確認しています") if checking else _("口座へお振り込みできませんでした")
    return headline, " ".join(dict.fromkeys(said))


def _returned(row: Application, at: datetime) -> str:
    """What to do after a transfer came back, "" where the call centre is all that is left."""
    if returns.open_of(row):
        return _(
            "直していただいた口座を、事務局が確認しています。確認ができましたら、もう一度"
            "お振り込みします。手続きはいりません。"
        )
    if returns.link_of(row, at):
        return _(
            "補償がなくなったわけではありません。%(end)sまでに、下のボタンから正しい口座を入力して"
            "ください。お電話でもお伺いします。"
        ) % {"end": until(NOTICE.end_of("bank_corrections_until", periods.extended()))}
    return ""


def payout_step(payout: Payout, at: datetime) -> str:
    """Where a payout is, and what comes next, with its date."""
    bank = payout.road == Payout.Road.BANK
    end = opening.receives_until(payout)
    day, name = _pay_on(payout), _printed(payout)
    match payout.state:
        case "waiting" if bank:
            return _first_transfer()
        case "waiting":
            moment = NOTICE.next_link_moment(at, periods.extended())
            return _("受取用URLを、%(day)s以降にお送りします。") % {"day": ja_date(moment)}
        case "ready" if bank and payout.transfers.filter(state="returned").exists():
            return _(
                "直していただいた口座へ、もう一度お振り込みします。手続きはいりません。"
                "日が決まりましたら、この画面でお知らせします。"
            )
        case "ready" if bank:
            return _first_transfer()
        case "ready":
            return _link_step(payout, end)
        case "issuing":
            return _("ポイントのコードを発行しています。受取用URLから、もう一度ご覧ください。")
        case "issued":
            return _(
                "ポイントは受取済みです。%(end)sまで、受取用URLからコードをご覧になれます。"
            ) % {"end": until(end)}
        case "lapsed":
            return _(
                "受取期限（%(end)s）を過ぎました。ご事情のある方は、コールセンターへお電話ください。"
            ) % {"end": until(end)}
        case "nothing_due":
            return _("%(cut_off)sの時点で残額がなかったため、お送りする補償はありません。") % {
                "cut_off": until(NOTICE.dates.cut_off)
            }
        case "listed":
            return _("%(day)sに振り込む準備をしています。手続きはいりません。") % {"day": day}
        case "handed_over":
            return _("銀行へ振込を依頼しました。振込の日は%(day)sです。") % {"day": day} + name
        case "paid":
            return _("%(day)sに、口座へお振り込みしました。") % {"day": day} + name
        case "returned":
            return _(
                "補償がなくなったわけではありません。%(end)sまでに、正しい口座をコールセンターへ"
                "お知らせください。"
            ) % {"end": until(NOTICE.end_of("bank_corrections_until", periods.extended()))}
        case "given_up":
            return _(
                "口座を直していただける期限（%(end)s）を過ぎ、お振り込みの手続きを終えました。"
                "ご事情のある方は、コールセンターへお電話ください。"
            ) % {"end": until(NOTICE.end_of("bank_corrections_until", periods.extended()))}
    return _("お支払いの手続きを見直しています。そのままお待ちください。")


def _first_transfer() -> str:
    return _(
        "%(day)sから順次、口座へお振り込みします。手続きはいりません。手数料もかかりません。"
    ) % {"day": ja_date(NOTICE.dates.first_bank_day)}


def _link_step(payout: Payout, end: datetime) -> str:
    link = payout.links.filter(replaced_at=None).first()
    if link and link.locked_at:
        return _(
            "受取用URLは、確認の誤りが続いたため、安全のために止まっています。%(end)sまでに、"
            "コールセンターへお電話ください。"
        ) % {"end": until(end)}
    sent = link and link.messages.exclude(state__in=["queued", "given_up"]).exists()
    if sent:
        return _("受取用URLをお送りしました。%(end)sまでにお受け取りください。") % {
            "end": until(end)
        }
    return _("受取用URLをお送りします。%(end)sまでにお受け取りください。") % {"end": until(end)}


def _printed(payout: Payout) -> str:
    """What the passbook prints of a bank payout on its way (N47)."""
    on_its_way = payout.state in (Payout.State.HANDED_OVER, Payout.State.PAID)
    name = offices.printed(payout.prefecture_code) if on_its_way else ""
    return _("通帳には「%(name)s」と印字されます。") % {"name": name} if name else ""


def _pay_on(payout: Payout) -> str:
    transfer = payout.transfers.exclude(state="removed").select_related("batch").last()
    return ja_date(transfer.batch.pay_on) if transfer else ""


def _coupon(row: Application, claim: Claim, sure: bool) -> Coupon:
    word = WORDS.get(claim.state, "") if claim.state != "pending" else ""
    if not word:
        word = _("確認中です") if claim.inquiry_number else _("お問合せ番号をお待ちしています")
    told = sure and row.state == State.DECIDED and claim.reason
    why = sentences.not_covered(claim.reason) if told else ""
    return Coupon(claim.position, masked_number(claim.inquiry_number), str(word), why)


def rows(row: Application) -> list[Row]:
    """What was entered, masked."""
    stay = row.travel_type == Application.TravelType.STAY
    found = [
        Row(_("受付日時"), ja_moment(row.arrived_at)),
        Row(_("お名前"), masked_name(row.name)),
        Row(_("電話番号"), masked_phone(row.phone)),
        Row(_("メールアドレス"), masked_email(row.email)),
        Row(_("ご利用の都道府県"), notice().prefectures[row.prefecture_code].name),
        Row(_("チェックアウト日") if stay else _("旅行日"), ja_date(row.travel_end)),
        Row(_("受取方法"), str(row.get_method_display())),
        Row(_("受取案内の配信先"), masked_contact(row.channel, row.delivery)),
    ]
    if row.method == Application.Method.BANK:
        found.append(Row(_("振込先の口座"), masked_account(row)))
    return [each for each in found if each.value]


def letters(row: Application, payout_ids: list[int]) -> list[Letter]:
    """The messages to this person, the newest first, and whether they arrived."""
    subjects = [f"application:{row.pk}", *(f"payout:{pk}" for pk in payout_ids)]
    found = Message.objects.filter(subject__in=subjects).exclude(failure__in=TAKEN_BACK)
    return [_letter(message) for message in found.order_by("-id")[:LETTERS]]


def _letter(message: Message) -> Letter:
    failed = message.state in (Message.State.GIVEN_UP, Message.State.FAILED)
    if failed:
        word = _("お届けできませんでした")
    elif message.state != Message.State.QUEUED:
        word = _("お送りしました")
    elif message.channel == "letter":
        word = _("郵送の準備をしています")
    else:
        word = _("これからお送りします")
    kind = KINDS.get(message.kind, message.get_kind_display())
    at = message.sent_at or max(message.due_at, message.written_at)
    return Letter(str(kind), str(CHANNELS[message.channel]), at, word, failed)
