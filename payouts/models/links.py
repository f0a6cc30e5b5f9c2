"""The personal link to the receiving page. The token itself is never stored (decided: tokens)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payouts.models.payouts import Payout


class Link(models.Model):
    """One generation of a payout's link; a re-send makes the next and the old one dies (N70)."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="links", verbose_name="支払い")
    generation = models.PositiveSmallIntegerField("世代")
    key_number = models.PositiveSmallIntegerField("鍵番号")
    token_hash = models.BinaryField("トークンのハッシュ", max_length=32, unique=True)
    made_at = models.DateTimeField("作成日時")
    replaced_at = models.DateTimeField("失効日時", null=True, blank=True)
    wrong_proofs = models.PositiveSmallIntegerField("確認の誤り", default=0)
    locked_at = models.DateTimeField("ロック日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "受取用URL"
        constraints = [
            models.UniqueConstraint(fields=["payout", "generation"], name="link_generation"),
            models.UniqueConstraint(
                fields=["payout"], condition=Q(replaced_at=None), name="link_one_live"
            ),
        ]


class Reopening(models.Model):
    """A payout that lapsed is opened again until a day of its own, by two people (N78)."""

    payout = models.ForeignKey(
        Payout, models.PROTECT, related_name="reopenings", verbose_name="支払い"
    )
    until = models.DateTimeField("新しい受取期限（この直前まで）")
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
        verbose_name = verbose_name_plural = "受取期限切れの再開"
        constraints = [
            models.UniqueConstraint(
                fields=["payout"],
                condition=Q(approved_at=None, dropped_at=None),
                name="reopening_one_open",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("prepared_at"))
                & (Q(approved_at=None) | Q(until__gt=F("approved_at"))),
                name="reopening_ahead",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, dropped_at=None)
                & ~Q(approved_by=F("prepared_by")),
                name="reopening_two_people",
            ),
        ]
