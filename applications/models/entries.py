"""Applications that a clerk enters for somebody: by phone, on paper, at the counter (N89)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application

USER = settings.AUTH_USER_MODEL


class AssistedEntry(models.Model):
    """One entry: the clerk's draft until it is sent, then how it came in and what was read back.

    `typed` is an encrypted blob and is emptied when the entry ends.
    """

    class Way(models.TextChoices):
        PHONE = "phone", "電話"
        LETTER = "letter", "郵送（申請書）"
        FAX = "fax", "FAX（申請書）"
        COUNTER = "counter", "窓口"

    class Consent(models.TextChoices):
        SPOKEN = "spoken", "読み上げて、口頭で同意を得た"
        SIGNED = "signed", "申請書に署名・同意の印がある"

    PAPER = ("letter", "fax")

    submission_id = models.UUIDField("送信ID", unique=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="入力者")
    started_at = models.DateTimeField("開始日時")
    saved_at = models.DateTimeField("保存日時")
    typed = models.BinaryField("下書き", default=b"")
    way = models.CharField("申し出の方法", max_length=8, choices=Way, blank=True)
    arrived_at = models.DateTimeField("受付日時（電話・到着）", null=True, blank=True)
    postmarked_on = models.DateField("消印の日", null=True, blank=True)
    paper = models.CharField("申請書の整理番号", max_length=20, blank=True)
    read_back = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="読み上げた項目"
    )
    consent = models.CharField("同意", max_length=8, choices=Consent, blank=True)
    finished_at = models.DateTimeField("申請日時", null=True, blank=True)
    application = models.OneToOneField(
        Application,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entry",
        verbose_name="申請",
    )
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "代行入力"
        indexes = [
            models.Index(
                fields=["by", "saved_at"],
                condition=Q(finished_at=None, dropped_at=None),
                name="entry_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None, application=None)
                | Q(
                    finished_at__isnull=False,
                    application__isnull=False,
                    arrived_at__isnull=False,
                    arrived_at__lte=F("finished_at"),
                    dropped_at=None,
                    typed=b"",
                )
                & ~Q(way="")
                & ~Q(consent="")
                & (Q(way__in=["letter", "fax"]) | ~Q(read_back=[])),
                name="entry_finished_whole",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | Q(typed=b""), name="entry_dropped_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"代行入力{self.pk:06d}" if self.pk else "代行入力"
