"""The run that opens payouts for app holders without an application (N20 to N24)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

USER = settings.AUTH_USER_MODEL


class AppHolderRun(models.Model):
    """One run over some prefectures: prepared with its figures, approved by another, then opened.

    `reached` is the last app account whose payouts stand; each chunk moves it in its own
    transaction, so that a run that was killed goes on where it was.
    """

    prefectures = ArrayField(models.CharField(max_length=2), verbose_name="都道府県")
    prepared_at = models.DateTimeField("作成日時")
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="作成者")
    payouts = models.PositiveIntegerField("配信の件数（作成時）")
    coupons = models.PositiveIntegerField("クーポン数（作成時）")
    yen = models.PositiveBigIntegerField("合計（作成時、円）")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )
    cancelled_at = models.DateTimeField("取下げ日時", null=True, blank=True)
    finished_at = models.DateTimeField("完了日時", null=True, blank=True)
    reached = models.CharField("処理済みの位置", max_length=64, blank=True)
    opened_payouts = models.PositiveIntegerField("作成した支払い", default=0)
    opened_coupons = models.PositiveIntegerField("作成したクーポン数", default=0)
    opened_yen = models.PositiveBigIntegerField("作成した合計（円）", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "アプリ会員への配信"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("prepared_by")),
                name="app_holder_run_two_people",
            ),
            models.CheckConstraint(  # nothing is opened without the second signature
                condition=Q(approved_at__isnull=False, cancelled_at=None)
                | Q(opened_payouts=0, finished_at=None, reached=""),
                name="app_holder_run_approved_first",
            ),
        ]

    def __str__(self) -> str:
        return f"R{self.pk:05d}" if self.pk else "R-"

    @property
    def state(self) -> str:
        """Where the run stands: prepared, approved, finished or cancelled."""
        if self.cancelled_at:
            return "cancelled"
        if self.finished_at:
            return "finished"
        return "approved" if self.approved_at else "prepared"

    @property
    def state_label(self) -> str:
        """The office's word for it."""
        words = {
            "prepared": "承認待ち",
            "approved": "作成中",
            "finished": "完了",
            "cancelled": "取下げ",
        }
        return words[self.state]
