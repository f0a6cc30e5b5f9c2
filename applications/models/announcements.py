"""What the office tells everybody: numbered reports (第n報), additions (追記), corrections (N2)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Announcement(models.Model):
    """One text of one report. What was prepared is what is published; both are written once.

    A report's texts are counted by `version` when they are published. An addendum stands beside the
    text before it, a correction in its place; the older text stays readable. By trigger nothing but
    the signatures of an open row ever changes.
    """

    class Kind(models.TextChoices):
        REPORT = "report", "新しいお知らせ（第n報）"
        ADDENDUM = "addendum", "追記"
        CORRECTION = "correction", "訂正（本文の差し替え）"

    number = models.PositiveSmallIntegerField("第何報")
    kind = models.CharField("種類", max_length=10, choices=Kind)
    title = models.CharField("題名", max_length=100)
    body = models.TextField("本文", max_length=8000)
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="起案者"
    )
    version = models.PositiveSmallIntegerField("版", null=True, blank=True)
    published_at = models.DateTimeField("公開日時", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="公開者",
    )
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="取りやめた人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "お知らせ"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["report", "addendum", "correction"]),
                name="announcement_kind",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None, version=None)
                | Q(
                    published_at__isnull=False,
                    published_by__isnull=False,
                    version__isnull=False,
                    dropped_at=None,
                )
                & ~Q(published_by=F("prepared_by")),
                name="announcement_two_people",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False),
                name="announcement_dropped_by",
            ),
            models.UniqueConstraint(fields=["number", "version"], name="announcement_version"),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(kind="report", version__isnull=False),
                name="announcement_one_report",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}報　{self.title}"
