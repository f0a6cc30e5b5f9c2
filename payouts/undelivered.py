"""What did not arrive, why, and what the office does about it (N59)."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from config import clock
from config.states import Refused
from payouts import brakes, clerks, messages
from payouts.models import Link, Message, MessageAct

State = Message.State
UNDELIVERED = (State.FAILED, State.UNCONFIRMED, State.GIVEN_UP)
Act = MessageAct.Act


@dataclass(frozen=True)
class Reason:
    """A reason in the office's words, and what to do."""

    label: str
    advice: str


OTHER_CONTACT = "ほかの連絡先をお電話で伺い、配信先を変更してください。"
REASONS = {
    "barred": Reason(
        "以前の不達により、この宛先への送信を停止しています",
        f"{OTHER_CONTACT}宛先が正しいと確かめたときは、停止を解除して送り直せます。",
    ),
    "not_mobile": Reason("日本の携帯電話の番号ではありません", OTHER_CONTACT),
    "late_link": Reason(
        "受取期限まで日数が少なく、通常の案内を送る期限を過ぎています",
        "口座振込をご案内し、お返事がなければ個別の受取期限を付けて送ってください。",
    ),
    "budget": Reason(
        "受付のお知らせの1日の予算に達しました",
        "受付番号は完了画面に表示済みです。お問い合わせがあれば番号をお伝えください。",
    ),
    "once_a_day": Reason(
        "同じ宛先に、今日すでに受付のお知らせを送っています",
        "対応は不要です。続くときは、同じ宛先の申請を確認してください。",
    ),
    "busy_address": Reason(
        "機械による送信と思われる申請のため、送信を見合わせました",
        "申請の内容に不審な点がなければ、もう一度送ってください。",
    ),
    "unconfirmed": Reason(
        "送信から72時間、到達の確認がありません",
        "圏外や電源断のことがあります。お電話で伺うか、ほかの連絡先へ送ってください。",
    ),
    "no_answer": Reason(
        "事業者から応答がありません",
        "届いているかもしれません。事業者の管理画面で確かめてから、もう一度送ってください。",
    ),
    "returned": Reason("郵便が返送されました", OTHER_CONTACT),
    "wrong_number": Reason(
        "お電話の番号が違うか、使われていません", "申請の内容から、ほかの連絡先を確認してください。"
    ),
    "unreachable": Reason(
        "事業者に接続できません", "システム管理者へ連絡し、復旧後にもう一度送ってください。"
    ),
    "complained": Reason(
        "受信者が迷惑メールとして申告しました", "お電話で事情を伺い、ほかの連絡先へ送ってください。"
    ),
    "no_such_address": Reason("宛先が存在しません", OTHER_CONTACT),
    "bounced": Reason("メールが宛先から戻りました", OTHER_CONTACT),
    "recipient": Reason("宛先が受け付けられませんでした", OTHER_CONTACT),
    "inactive": Reason("以前の不達により、事業者が宛先を停止しています", OTHER_CONTACT),
    "550": Reason("メールの宛先が存在しません", OTHER_CONTACT),
    "552": Reason("相手のメールボックスがいっぱいです", "数日おいて、もう一度送ってください。"),
    "OptedOut": Reason("受信者がSMSの受け取りを停止しています", OTHER_CONTACT),
}
BY_CAUSE = {
    "permanent": Reason("宛先に届きません", OTHER_CONTACT),
    "temporary": Reason(
        "一時的に届かない状態が続きました", "数日おいて送り直すか、お電話で伺ってください。"
    ),
    "technical": Reason(
        "送信設備または事業者の問題です", "システム管理者へ連絡し、復旧後にもう一度送ってください。"
    ),
    "": Reason("送信を見合わせました", "理由を確かめ、必要ならもう一度送ってください。"),
}
AGAIN = Reason("一時的な失敗（自動で再送します）", "対応は不要です。")


def reason(state: str, failure: str, cause: str) -> Reason:
    """Why a message did not arrive, and what to do; what the provider alone knows by its kind."""
    if state == State.QUEUED:
        return WAITING.get(failure, AGAIN)
    return REASONS.get(failure) or BY_CAUSE[cause]


WAITING = {
    "paused": Reason("送信の停止中です", "送信を再開すると送られます。"),
    "rest": Reason("事業者が応答しないため、少し待っています", "対応は不要です。"),
    "budget": Reason("SMSの1日の予算に達しています", "翌日に送られます。予算の変更は管理者へ。"),
    "number_limit": Reason("同じ番号への1日の上限に達しています", "翌日に送られます。"),
}


def undelivered() -> QuerySet[Message]:
    """What is left for the office: not arrived, and nobody has seen to it yet."""
    rows = Message.objects.filter(state__in=UNDELIVERED, handled_at=None)
    return rows.exclude(channel__in=["letter", "call"])


def again(message: Message, *, by: AbstractBaseUser) -> Message:
    """Send it once more, under a reference of its own, since a provider may know the first.

    The link in it stays the same; `resending` makes a new one. Raises Refused: it arrived or is
    under way, its link is dead, its address barred, or somebody was faster.
    """
    at = clock.now()
    with transaction.atomic():
        row = _mine(message, by)
        if row.state not in UNDELIVERED:
            raise Refused("この通知は送信中か、すでに届いています。", "state")
        if row.link_id and Link.objects.get(pk=row.link_id).replaced_at:
            raise Refused(
                "この通知の受取用URLは失効しています。支払いの画面で作り直してください。", "link"
            )
        if brakes.barred([row]):
            raise Refused("この宛先への送信は停止中です。先に停止を解除してください。", "barred")
        done = MessageAct.objects.filter(message=row, act=Act.RETRY).count()
        if done:
            raise Refused("この通知は、すでに送り直しました。", "again")
        copied = copy(row, row.channel, row.address, "again")
        Message.objects.filter(pk=row.pk).update(handled_at=at, handled_by=by)
        MessageAct.objects.create(message=row, act=Act.RETRY, at=at, by=by)
    return copied


def copy(row: Message, channel: str, address: str, suffix: str) -> Message:
    """The same message once more, by this channel to this address, due now."""
    to = messages.Reach(row.prefecture_code, channel, address, row.language)
    made = messages.compose(
        f"{row.key[: 79 - len(suffix)]}:{suffix}",
        row.kind,
        to,
        clock.now(),
        facts=row.facts,
        link=row.link,
        subject=row.subject,
    )
    messages.write_all([made])
    return made if made.pk else Message.objects.get(key=made.key)


def handle(message: Message, *, by: AbstractBaseUser) -> None:
    """Take it off the list: somebody has seen to it. Raises Refused where somebody did before."""
    at = clock.now()
    with transaction.atomic():
        row = _mine(message, by)
        if row.state not in UNDELIVERED or row.handled_at:
            raise Refused("この通知は、すでに対応済みです。", "handled")
        Message.objects.filter(pk=row.pk).update(handled_at=at, handled_by=by)
        MessageAct.objects.create(message=row, act=Act.HANDLED, at=at, by=by)


def lift(message: Message, *, by: AbstractBaseUser) -> None:
    """Let messages go to this address again. Raises Refused where it is not barred."""
    with transaction.atomic():
        row = _mine(message, by)
        if not brakes.lift(row.channel, row.address, by=by):
            raise Refused("この宛先への送信は停止していません。", "free")
        MessageAct.objects.create(message=row, act=Act.LIFT, at=clock.now(), by=by)


def _mine(message: Message, by: AbstractBaseUser) -> Message:
    clerks.require(by, message.prefecture_code)
    return Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
