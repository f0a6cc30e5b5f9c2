"""The seal on the list of applications, made after the deadline (promise 2)."""

from django.db import models


class Closing(models.Model):
    """Count, chained hash over (receipt number, arrival) and tally of one deadline. Append-only."""

    deadline = models.DateTimeField("締切（この直前まで）", unique=True)
    closed_at = models.DateTimeField("締切処理の日時")
    count = models.PositiveIntegerField("受付件数")
    sha256 = models.CharField("受付一覧のハッシュ", max_length=64)
    tally = models.JSONField("集計")

    class Meta:
        verbose_name = verbose_name_plural = "受付締切"
