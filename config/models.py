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
        verbose_name = verbose_name_plural = "期日の延長"
        constraints = [
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False, approved_at=None),
                name="postponement_dropped",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(until__gt=F("approved_at")),
                name="postponement_ahead",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("prepared_by")),
                name="postponement_two_people",
            ),
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
    detail = models.CharField("内容", max_length=200, blank=True)  # ids, codes and counts

    class Meta:
        verbose_name = verbose_name_plural = "閲覧・出力の記録"
        permissions = [("export_lists", "一覧と報告を出力できる")]
        indexes = [
            models.Index(fields=["subject", "subject_id", "-id"], name="accesslog_subject"),
            models.Index(fields=["by", "-id"], name="accesslog_by"),
            models.Index(fields=["at"], name="accesslog_at"),
        ]


class HandedPassword(models.Model):
    """A first password in two halves: good for its own change only, and until a moment.

    One person sees the first half, another the second, and only the person it is for hears both:
    so nobody can log in as a second person and sign twice (N86, promise 7).
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="担当者"
    )
    until = models.DateTimeField("有効期限")  # real time
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="前半を出した人",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="後半を出した人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "初期パスワード"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(approved_by=None)
                    | Q(asked_by__isnull=False)
                    & ~Q(approved_by=F("asked_by"))
                    & ~Q(approved_by=F("user"))
                )
                & (Q(asked_by=None) | ~Q(asked_by=F("user"))),
                name="handed_password_two_people",
            )
        ]


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


class Erasure(models.Model):
    """One run of one stage of erasing, with sums that stay true for the auditor. Append-only."""

    class Stage(models.TextChoices):
        BANK = "bank", "口座と振込データ（振込の完了後）"
        CLOSED = "closed", "取下げ・補償の対象外の申請"
        ALL = "all", "すべての個人情報（検査の終了後）"

    stage = models.CharField("段階", max_length=6, choices=Stage)
    at = models.DateTimeField("実行日時")
    until = models.DateTimeField("対象（この時刻より前のもの）")
    complete = models.BooleanField("最後まで実行")
    counts = models.JSONField("消去した件数", default=dict)  # table -> rows
    sums = models.JSONField("消去後の集計", default=dict)  # payouts: state -> [count, yen]

    class Meta:
        verbose_name = verbose_name_plural = "個人情報の消去の記録"
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=["bank", "closed", "all"]), name="erasure_stage"
            )
        ]
        indexes = [models.Index(fields=["stage", "-at"], name="erasure_stage_at")]
