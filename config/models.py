"""Rows of the wiring: what ran when, how far the rehearsal clock runs ahead, decided dates."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class JobRun(models.Model):
    """A scheduled job's claim on one slot of its timetable: two schedulers give one effect."""

    job = models.CharField("処理", max_length=40)
    slot = models.DateTimeField("予定日時")
    tries = models.PositiveIntegerField("実行回数", default=1)
    lease_until = models.DateTimeField("占有期限")  # by clock_timestamp(), not business time
    started_at = models.DateTimeField("開始")
    finished_at = models.DateTimeField("完了", null=True)
    outcome = models.JSONField("結果", default=dict)
    error = models.CharField("失敗", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "定時処理"
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="jobrun_once")]


class Offset(models.Model):
    """The rehearsal clock: one row, moving forward only. Empty outside rehearsals."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    ahead = models.DurationField("ずれ")
    stopped_at = models.DateTimeField("停止時の日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "予行の時計"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="offset_single")]

    @classmethod
    def current(cls) -> timedelta:
        """How far business time runs ahead of real time (negative: behind)."""
        return cls.objects.filter(id=1).values_list("ahead", flat=True).first() or timedelta()


class Postponement(models.Model):
    """A date of the notice moved by decision of two people (N80)."""

    key = models.CharField("対象の期日", max_length=40)
    until = models.DateTimeField("延長後の期限（この時刻の直前まで）")
    reason = models.TextField("理由")
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

    class Meta:
        verbose_name = verbose_name_plural = "期日の延長"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("prepared_by")),
                name="postponement_two_people",
            )
        ]

    @classmethod
    def approved(cls) -> dict[str, datetime]:
        """The latest decided end of each date of the notice, by its key."""
        rows = cls.objects.filter(approved_at__isnull=False).values_list("key", "until")
        return {key: until for key, until in rows.order_by("until")}


class AccessLog(models.Model):
    """Who opened whose record, who took which list out. Append-only; ids only (N83, N84)."""

    at = models.DateTimeField("日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="担当者"
    )
    act = models.CharField("操作", max_length=30)
    subject = models.CharField("対象", max_length=40)
    subject_id = models.CharField("対象ID", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "閲覧・出力の記録"


class Alarm(models.Model):
    """A stuck state that the watch found; open until the watch no longer finds it (R19)."""

    key = models.CharField("識別", max_length=60)
    label = models.CharField("警報", max_length=100)
    path = models.CharField("対応画面", max_length=200)
    detail = models.CharField("状況", max_length=200, blank=True)  # numbers and ids, no person
    raised_at = models.DateTimeField("発生日時")
    mailed_at = models.DateTimeField("通知日時", null=True, blank=True)
    cleared_at = models.DateTimeField("解消日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "警報"
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(cleared_at=None), name="alarm_one_open"
            )
        ]


class Limit(models.Model):
    """A counter of tries in a window of time; the key is a keyed hash, never an address."""

    scope = models.CharField(max_length=20)
    key = models.BinaryField(max_length=32)
    window = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "試行回数"
        constraints = [
            models.UniqueConstraint(fields=["scope", "key", "window"], name="limit_once")
        ]
