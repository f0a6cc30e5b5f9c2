"""Two people ask for one coupon (Q14): what the office decided, and why."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from applications.models.claims import Claim


class Contest(models.Model):
    """A decision between the claims for one number; the latest one holds.

    It pays nobody: the chosen claim may go on to its two signatures, the others may not.
    """

    inquiry_number = models.CharField("お問合せ番号", max_length=20, db_index=True)
    prefecture_code = models.CharField("都道府県", max_length=2)
    chosen = models.ForeignKey(
        Claim, models.PROTECT, related_name="contests", verbose_name="認める申請"
    )
    # applications that were weighed against it: a later one contests the coupon anew
    over = ArrayField(models.BigIntegerField(), verbose_name="ほかの申請")
    others_not_covered = models.BooleanField("ほかの申請は対象外")  # else they stay open
    at = models.DateTimeField("決定日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="担当者"
    )
    text = models.TextField("判断の理由", max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = "重複申請の判断"
