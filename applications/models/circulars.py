"""Messages to many applicants at once: one person writes, another releases."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application
from payouts.models import Message

USER = settings.AUTH_USER_MODEL


class Circular(models.Model):
    """One text to a selection of applicants. What was counted and seen is what is sent."""

    prefecture_code = models.CharField("都道府県", max_length=2)
    selection = models.JSONField("対象の条件", default=dict)
    heading = models.CharField("件名", max_length=60)
    words = models.TextField("本文", max_length=2000)
    short = models.CharField("SMSの文", max_length=70)
    heading_en = models.CharField("件名（英語）", max_length=80, blank=True)
    words_en = models.TextField("本文（英語）", max_length=2000, blank=True)
    short_en = models.CharField("SMSの文（英語）", max_length=160, blank=True)
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="起案者")
    count = models.PositiveIntegerField("宛先の数")
    released_at = models.DateTimeField("発信日時", null=True, blank=True)
    released_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="発信した人"
    )
    written_at = models.DateTimeField("通知の作成を終えた日時", null=True, blank=True)
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)
    dropped_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="取りやめた人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "一斉のお知らせ"
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(released_at__isnull=False, written_at=None),
                name="circular_to_write",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None, written_at=None)
                | Q(released_at__isnull=False, released_by__isnull=False, dropped_at=None)
                & ~Q(released_by=F("prepared_by")),
                name="circular_two_people",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False),
                name="circular_dropped_by",
            ),
        ]

    def __str__(self) -> str:
        return f"N{self.pk:05d}　{self.heading}" if self.pk else self.heading


class Recipient(models.Model):
    """Who gets a circular, as counted when it was prepared: one for each channel and address."""

    id = models.BigAutoField(primary_key=True)
    circular = models.ForeignKey(
        Circular, models.PROTECT, related_name="recipients", verbose_name="お知らせ"
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name="申請"
    )
    message = models.OneToOneField(
        Message, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="通知"
    )

    class Meta:
        verbose_name = verbose_name_plural = "お知らせの宛先"
        constraints = [
            models.UniqueConstraint(fields=["circular", "application"], name="recipient_once")
        ]
        indexes = [
            models.Index(
                fields=["circular", "id"], condition=Q(message=None), name="recipient_to_write"
            )
        ]
