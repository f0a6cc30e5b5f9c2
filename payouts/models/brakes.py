"""What slows or stops the sending: a pause, the provider's pace, a day's money."""

from django.conf import settings
from django.db import models
from django.db.models import Q

CHANNELS = [("sms", "SMS"), ("email", "メール")]
USER = settings.AUTH_USER_MODEL


class Pause(models.Model):
    """A channel stopped by the office, until somebody lets it go on. Survives every restart."""

    channel = models.CharField("送信方法", max_length=6, choices=CHANNELS)
    reason = models.CharField("理由", max_length=200)
    at = models.DateTimeField("停止日時")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="停止した人")
    ended_at = models.DateTimeField("再開日時", null=True, blank=True)
    ended_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="再開した人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "送信の停止"
        permissions = [("pause_sending", "通知の送信を停止・再開できる")]
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=Q(ended_at=None), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="pause_ended",
            ),
        ]


class Pace(models.Model):
    """When a channel's provider is free again: one row a channel, shared by all processes."""

    channel = models.CharField("送信方法", max_length=6, primary_key=True, choices=CHANNELS)
    free_at = models.DateTimeField("次の送信")  # by clock_timestamp(), not business time

    class Meta:
        verbose_name = verbose_name_plural = "送信の間隔"


class Spending(models.Model):
    """What SMS have cost on one day (Japanese, by the database's clock), out of one budget."""

    class Budget(models.TextChoices):
        RECEIPTS = "receipts", "受付のお知らせ"
        OTHERS = "others", "その他の通知"

    day = models.DateField("日")
    budget = models.CharField("予算", max_length=8, choices=Budget)
    yen = models.PositiveIntegerField("使用額（円）", default=0)
    stopped_at = models.DateTimeField("予算到達", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "SMSの費用"
        constraints = [models.UniqueConstraint(fields=["day", "budget"], name="spending_once")]


class LateLink(models.Model):
    """A link sent after the last ordinary day, with its own end: decided by two people (N36)."""

    payout = models.OneToOneField(
        "payouts.Payout", models.PROTECT, related_name="late_link", verbose_name="支払い"
    )
    until = models.DateTimeField("個別の受取期限（この直前まで）")
    reason = models.CharField("理由", max_length=200)
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="起案者")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )

    class Meta:
        verbose_name = verbose_name_plural = "期限間際の受取案内"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=models.F("prepared_by")),
                name="latelink_two_people",
            )
        ]
