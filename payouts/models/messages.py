"""The outbox: a message is a row until its end is known; each try is a row as well (N75)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from payouts.models.links import Link


class Message(models.Model):
    """A message to one person. The text is rendered when it is sent and never stored."""

    class State(models.TextChoices):
        QUEUED = "queued", "送信待ち"
        SENT = "sent", "送信済み"
        DELIVERED = "delivered", "到達済み"
        FAILED = "failed", "不達"
        UNCONFIRMED = "unconfirmed", "到達確認なし"  # 72 hours without a receipt
        GIVEN_UP = "given_up", "送信できず"

    class Cause(models.TextChoices):
        PERMANENT = "permanent", "宛先の問題"
        TEMPORARY = "temporary", "一時的な失敗"
        TECHNICAL = "technical", "送信設備・事業者の問題"

    class Channel(models.TextChoices):
        SMS = "sms", "SMS"
        EMAIL = "email", "メール"
        LETTER = "letter", "郵送"
        CALL = "call", "電話"

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "受付のお知らせ"
        LINK = "link", "受取のご案内"
        NOTHING_DUE = "nothing_due", "残額なしのお知らせ"
        DECISION = "decision", "確認結果のお知らせ"
        ASK = "ask", "補正のお願い"
        NUMBER = "number", "お問合せ番号の入力のお願い"
        CHANGED = "changed", "申請内容の変更のお知らせ"
        WITHDRAWN = "withdrawn", "申請の取下げのお知らせ"
        NOTICE = "notice", "事務局からのお知らせ"
        LATE = "late", "期限後の申請のご案内"
        REMINDER = "reminder", "受取期限が近いことのご案内"
        UNPAYABLE = "unpayable", "ポイントで渡せない金額のお知らせ"

    key = models.CharField("識別", max_length=80, unique=True)  # also towards the provider
    kind = models.CharField("種類", max_length=20, choices=Kind)
    channel = models.CharField("送信方法", max_length=6, choices=Channel)
    address = models.CharField("宛先", max_length=300)
    language = models.CharField("言語", max_length=10, default="ja")
    version = models.PositiveSmallIntegerField("文面の版", default=1)
    prefecture_code = models.CharField("都道府県", max_length=2)
    subject = models.CharField("対象", max_length=40, blank=True, db_index=True)
    facts = models.JSONField("文面の値", default=dict)  # numbers and codes, nothing personal
    link = models.ForeignKey(
        Link, models.PROTECT, null=True, blank=True, related_name="messages", verbose_name="URL"
    )
    state = models.CharField("状態", max_length=20, choices=State, default=State.QUEUED)
    written_at = models.DateTimeField("作成日時")
    due_at = models.DateTimeField("送信予定")
    sent_at = models.DateTimeField("送信日時", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("試行回数", default=0)
    provider_ref = models.CharField("事業者の番号", max_length=80, blank=True)
    failure = models.CharField("不達の理由", max_length=40, blank=True)
    cause = models.CharField(
        "不達の種類", max_length=9, choices=Cause, blank=True, default="", db_default=""
    )
    # the newest receipt that holds: the provider's moment, and its weight at the same moment
    told_at = models.DateTimeField("配信結果の日時", null=True, blank=True)
    told_rank = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    other_at = models.DateTimeField("ほかの連絡先の確認日時", null=True, blank=True)
    handled_at = models.DateTimeField("対応日時", null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="対応者",
    )
    # by clock_timestamp(), not business time
    next_at = models.DateTimeField("次の試行", null=True, blank=True)
    lease = models.UUIDField("占有", null=True, blank=True)
    lease_until = models.DateTimeField("占有期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *["queued", "sent", "delivered", "failed", "unconfirmed", "given_up"]
                    ]
                ),
                name="message_state",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email", "letter", "call"]), name="message_channel"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at", "id"], condition=Q(state="queued"), name="message_due"
            ),
            models.Index(
                fields=["handled_at", "id"],
                condition=Q(state__in=["failed", "unconfirmed", "given_up"]),
                name="message_undelivered",
            ),
            models.Index(
                fields=["id"],
                condition=Q(state__in=["failed", "unconfirmed", "given_up"], other_at=None),
                name="message_other_channel",
            ),
            models.Index(fields=["address", "sent_at"], name="message_address"),
            models.Index(fields=["channel", "sent_at"], name="message_sent"),
            models.Index(
                fields=["provider_ref"], condition=~Q(provider_ref=""), name="message_ref"
            ),
            # what the monitor counts, without reading the table
            models.Index(
                fields=["prefecture_code", "channel", "kind", "state", "failure", "cause"],
                name="message_counted",
            ),
        ]


class Attempt(models.Model):
    """One try to send a message, and what became of it. Append-only."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "受付済み"
        REFUSED = "refused", "拒否"
        UNKNOWN = "unknown", "不明"

    message = models.ForeignKey(Message, models.PROTECT, related_name="tries", verbose_name="通知")
    number = models.PositiveSmallIntegerField("回")
    at = models.DateTimeField("日時")
    outcome = models.CharField("結果", max_length=10, choices=Outcome)
    permanent = models.BooleanField("再送しても届かない", default=False)
    code = models.CharField("理由", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "配信履歴"
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_number")]


class MessageAct(models.Model):
    """What somebody of the office did with a message. Append-only."""

    class Act(models.TextChoices):
        RETRY = "retry", "もう一度送る"
        HANDLED = "handled", "対応済みにする"
        LIFT = "lift", "停止した宛先を再開する"

    message = models.ForeignKey(Message, models.PROTECT, related_name="acts", verbose_name="通知")
    act = models.CharField("操作", max_length=10, choices=Act)
    at = models.DateTimeField("日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="担当者"
    )

    class Meta:
        verbose_name = verbose_name_plural = "通知への対応"
