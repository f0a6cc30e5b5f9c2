"""The outbox: a message is a row until it is sent or given up; each try is a row as well (N75)."""

from django.db import models
from django.db.models import Q

from payouts.models.links import Link


class Message(models.Model):
    """A message to one person. The text is rendered when it is sent and never stored."""

    class State(models.TextChoices):
        QUEUED = "queued", "送信待ち"
        SENT = "sent", "送信済み"
        GIVEN_UP = "given_up", "送信できず"

    class Channel(models.TextChoices):
        SMS = "sms", "SMS"
        EMAIL = "email", "メール"
        LETTER = "letter", "郵送"

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "受付のお知らせ"
        LINK = "link", "受取のご案内"
        NOTHING_DUE = "nothing_due", "残額なしのお知らせ"
        DECISION = "decision", "確認結果のお知らせ"
        ASK = "ask", "補正のお願い"
        NUMBER = "number", "お問合せ番号の入力のお願い"
        CHANGED = "changed", "申請内容の変更のお知らせ"
        WITHDRAWN = "withdrawn", "申請の取下げのお知らせ"

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
    # by clock_timestamp(), not business time
    next_at = models.DateTimeField("次の試行", null=True, blank=True)
    lease = models.UUIDField("占有", null=True, blank=True)
    lease_until = models.DateTimeField("占有期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "given_up"]), name="message_state"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email", "letter"]), name="message_channel"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at", "id"], condition=Q(state="queued"), name="message_due"
            )
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
