"""A third person's look at a decision, approvals of many at once, kept counts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application
from payouts.models import Payout

USER = settings.AUTH_USER_MODEL


class SecondLook(models.Model):
    """A decision that was drawn for a third person to look at; its payout waits for the verdict.

    The people of the decision stand here too, so that a constraint can tell the third from them.
    """

    class Verdict(models.TextChoices):
        OPEN = "", "確認待ち"
        AGREED = "agreed", "同意"
        DISAGREED = "disagreed", "不同意（再審査）"
        VOID = "void", "決定の取消しにより不要"

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="looks", verbose_name="申請"
    )
    decision = models.PositiveSmallIntegerField("何回目の決定か")
    payout = models.ForeignKey(
        Payout, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="支払い"
    )
    prefecture_code = models.CharField("都道府県", max_length=2)
    percent = models.PositiveSmallIntegerField("抽出の割合（％）")
    drawn_at = models.DateTimeField("抽出日時")
    checked_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="審査者"
    )
    entered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代行入力者"
    )
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="承認者")
    verdict = models.CharField("結果", max_length=9, choices=Verdict, blank=True, default="")
    by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="確認者"
    )
    at = models.DateTimeField("確認日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "二次確認"
        indexes = [
            models.Index(
                fields=["prefecture_code", "drawn_at"], condition=Q(verdict=""), name="look_open"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["application", "decision"], name="look_once"),
            models.CheckConstraint(
                condition=Q(verdict="", by=None, at=None)
                | Q(verdict="void", by=None, at__isnull=False)
                | Q(verdict__in=["agreed", "disagreed"], by__isnull=False, at__isnull=False)
                & ~Q(by=F("decided_by"))
                & (Q(checked_by=None) | ~Q(by=F("checked_by")))
                & (Q(entered_by=None) | ~Q(by=F("entered_by"))),
                name="look_third_person",
            ),
        ]

    def __str__(self) -> str:
        return f"二次確認{self.pk:06d}" if self.pk else "二次確認"


class Bulk(models.Model):
    """Clean cases of one prefecture put before an approver together; each is decided by itself."""

    prefecture_code = models.CharField("都道府県", max_length=2)
    count = models.PositiveIntegerField("件数")
    yen = models.BigIntegerField("金額の見込み（円）")
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="起案者")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)
    dropped_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="取りやめた人"
    )
    finished_at = models.DateTimeField("完了日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一括承認"
        indexes = [
            models.Index(
                fields=["approved_at"],
                condition=Q(approved_at__isnull=False, finished_at=None),
                name="bulk_to_do",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None, finished_at=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, dropped_at=None)
                & ~Q(approved_by=F("prepared_by")),
                name="bulk_two_people",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False),
                name="bulk_dropped",
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="bulk_count"),
        ]

    def __str__(self) -> str:
        return f"G{self.pk:06d}" if self.pk else "G-"


class BulkItem(models.Model):
    """One case of a bulk and what became of it there."""

    class Result(models.TextChoices):
        OPEN = "", "処理前"
        APPROVED = "approved", "承認"
        SKIPPED = "skipped", "見送り"
        DROPPED = "dropped", "取りやめ"

    bulk = models.ForeignKey(Bulk, models.PROTECT, related_name="items", verbose_name="一括承認")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="bulk_items", verbose_name="申請"
    )
    yen = models.IntegerField("金額の見込み（円）")
    result = models.CharField("結果", max_length=8, choices=Result, blank=True, default="")
    why = models.CharField("見送りの理由", max_length=200, blank=True)  # a fixed sentence
    at = models.DateTimeField("処理日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一括承認の明細"
        indexes = [
            models.Index(fields=["bulk", "id"], condition=Q(result=""), name="bulkitem_to_do")
        ]
        constraints = [
            models.UniqueConstraint(fields=["bulk", "application"], name="bulkitem_once"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(result=""), name="bulkitem_one_open"
            ),
            models.CheckConstraint(
                condition=Q(result="", at=None, why="")
                | Q(result="skipped", at__isnull=False) & ~Q(why="")
                | Q(result__in=["approved", "dropped"], at__isnull=False, why=""),
                name="bulkitem_result",
            ),
        ]


class Tally(models.Model):
    """Counts of the whole office, made by a job so that no page has to count a million rows."""

    key = models.CharField("識別", max_length=20, primary_key=True)
    at = models.DateTimeField("集計日時")
    # by clock_timestamp(): how old the counts really are, and what they cost
    counted_at = models.DateTimeField("集計した時刻")
    milliseconds = models.PositiveIntegerField("所要時間（ミリ秒）")
    data = models.JSONField("集計", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "集計"
