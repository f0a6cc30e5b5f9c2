"""Letters by post: printed in batches, posted, and now and then returned (N29)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from payouts.models import Message

USER = settings.AUTH_USER_MODEL


class LetterBatch(models.Model):
    """Letters of one prefecture printed together; posted on a day, by somebody."""

    prefecture_code = models.CharField("都道府県", max_length=2)
    printed_at = models.DateTimeField("印刷日時")
    printed_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", verbose_name="印刷した人"
    )
    posted_on = models.DateField("投函日", null=True, blank=True)
    posted_at = models.DateTimeField("投函の記録日時", null=True, blank=True)
    posted_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="投函した人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "郵送の束"
        constraints = [
            models.CheckConstraint(
                condition=Q(posted_on=None, posted_at=None, posted_by=None)
                | Q(posted_on__isnull=False, posted_at__isnull=False, posted_by__isnull=False),
                name="letterbatch_posted",
            )
        ]

    def __str__(self) -> str:
        return f"P{self.pk:06d}" if self.pk else "P-"


class Letter(models.Model):
    """One letter of a batch: its message, and its return."""

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", "あて所に尋ねあたりません"
        MOVED = "moved", "転居先不明"
        UNCLAIMED = "unclaimed", "保管期間経過"
        REFUSED = "refused", "受取拒絶"
        OTHER = "other", "その他"

    batch = models.ForeignKey(
        LetterBatch, models.PROTECT, related_name="letters", verbose_name="束"
    )
    message = models.OneToOneField(
        Message, models.PROTECT, related_name="letter", verbose_name="通知"
    )
    place = models.PositiveIntegerField("束の中の順番")
    returned_on = models.DateField("返送日", null=True, blank=True)
    returned_reason = models.CharField("返送の理由", max_length=10, choices=Reason, blank=True)
    returned_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="記録した人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "郵送の手紙"
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="letter_place"),
            models.CheckConstraint(
                condition=Q(returned_on=None, returned_reason="", returned_by=None)
                | Q(returned_on__isnull=False, returned_by__isnull=False) & ~Q(returned_reason=""),
                name="letter_returned",
            ),
        ]


class CallTry(models.Model):
    """One try to tell somebody by phone what no machine can (a message of channel call)."""

    class Outcome(models.TextChoices):
        TOLD = "told", "お伝えした"
        NO_ANSWER = "no_answer", "出ない・留守番電話"
        WRONG = "wrong", "番号違い・使われていない"

    message = models.ForeignKey(Message, models.PROTECT, related_name="calls", verbose_name="通知")
    at = models.DateTimeField("日時")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="担当者")
    outcome = models.CharField("結果", max_length=10, choices=Outcome)

    class Meta:
        verbose_name = verbose_name_plural = "電話連絡"
        constraints = [
            models.UniqueConstraint(
                fields=["message"], condition=Q(outcome="told"), name="calltry_told_once"
            )
        ]
