"""How the paying account of an office comes to be what it is: by two people, each time."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class OfficeChange(models.Model):
    """The paying account of an office as one person proposes it; another puts it in force (N73).

    Approving writes the row of the office by trigger: the processes' role can't write it itself.
    """

    prefecture_code = models.CharField("都道府県", max_length=2)
    remitter_code = models.CharField("振込依頼人コード", max_length=10)
    remitter_kana = models.CharField("振込依頼人名（カナ）", max_length=40)
    bank_code = models.CharField("仕向銀行番号", max_length=4)
    branch_code = models.CharField("仕向支店番号", max_length=3)
    account_type = models.CharField("預金種目", max_length=1)
    account_number = models.CharField("口座番号", max_length=7)
    reason = models.CharField("理由", max_length=200)
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="起案者"
    )
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="承認者",
    )
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "事務局の口座の変更"
        constraints = [
            models.UniqueConstraint(
                fields=["prefecture_code"],
                condition=Q(approved_at=None, dropped_at=None),
                name="officechange_one_open",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, dropped_at=None)
                & ~Q(approved_by=F("prepared_by")),
                name="officechange_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"K{self.pk:06d}" if self.pk else "K-"
