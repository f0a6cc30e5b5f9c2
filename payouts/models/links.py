"""The personal link to the receiving page. The token itself is never stored (decided: tokens)."""

from django.db import models
from django.db.models import Q

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
