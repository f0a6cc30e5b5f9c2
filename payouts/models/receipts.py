"""What providers tell afterwards: delivery receipts, and addresses that no longer take anything."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from payouts.models.messages import Message


class Receipt(models.Model):
    """One receipt, once. It may come before our own word of the sending, late, or for nobody."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", "到達"
        FAILED = "failed", "不達"
        DELAYED = "delayed", "遅延"
        COMPLAINED = "complained", "迷惑メールとして申告"

    provider = models.CharField("事業者", max_length=20)
    channel = models.CharField("送信方法", max_length=6)
    event = models.BinaryField("受信内容の識別", max_length=32)
    reference = models.CharField("通知の識別", max_length=80, blank=True)
    provider_ref = models.CharField("事業者の番号", max_length=80, blank=True)
    outcome = models.CharField("結果", max_length=10, choices=Outcome)
    permanent = models.BooleanField("再送しても届かない", default=False)
    code = models.CharField("理由", max_length=40, blank=True)
    happened_at = models.DateTimeField("事業者の日時")
    received_at = models.DateTimeField("受信日時")
    message = models.ForeignKey(
        Message, models.PROTECT, null=True, blank=True, related_name="receipts", verbose_name="通知"
    )

    class Meta:
        verbose_name = verbose_name_plural = "配信結果の通知"
        constraints = [models.UniqueConstraint(fields=["provider", "event"], name="receipt_once")]
        indexes = [models.Index(fields=["id"], condition=Q(message=None), name="receipt_unmatched")]


class Barred(models.Model):
    """An address to which nothing goes any more, by keyed hash; until somebody lifts the bar."""

    channel = models.CharField("送信方法", max_length=6)
    address_hash = models.BinaryField("宛先のハッシュ", max_length=32)
    code = models.CharField("理由", max_length=40)
    at = models.DateTimeField("停止日時")
    lifted_at = models.DateTimeField("再開日時", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="再開した人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "送信を停止した宛先"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address_hash"],
                condition=Q(lifted_at=None),
                name="barred_once",
            )
        ]
