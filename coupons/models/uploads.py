"""An export on its way from the office's browser into the ledger: kept, tried, applied, gone."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.states import Stateful, Step, state_in
from coupons.models.ledger import Import

USER = settings.AUTH_USER_MODEL


class UploadState(models.TextChoices):
    """The life of an upload; workers take those that wait."""

    RECEIVED = "received", "確認待ち"
    TRIED = "tried", "確認済み（未取込）"
    FAULTY = "faulty", "誤りあり"
    ORDERED = "ordered", "取込待ち"
    APPLIED = "applied", "取込済み"
    DROPPED = "dropped", "取りやめ"
    EXPIRED = "expired", "期限切れ"
    FAILED = "failed", "処理できず"


class Upload(Stateful):
    """Both files of one export, in encrypted chunks until they are applied or a day has passed.

    `doing`, `done` and `size` (bytes) tell how far a worker is; `report` is what the dry run or the
    import found, encrypted, since corrections show phones and addresses.
    """

    State = UploadState
    ARROWS = {
        State.RECEIVED: frozenset(
            {State.TRIED, State.FAULTY, State.DROPPED, State.EXPIRED, State.FAILED}
        ),
        State.TRIED: frozenset({State.ORDERED, State.RECEIVED, State.DROPPED, State.EXPIRED}),
        State.ORDERED: frozenset({State.APPLIED, State.RECEIVED, State.FAULTY, State.FAILED}),
        State.FAULTY: frozenset(),
        State.APPLIED: frozenset(),
        State.DROPPED: frozenset(),
        State.EXPIRED: frozenset(),
        State.FAILED: frozenset(),
    }
    WAITING = (State.RECEIVED, State.ORDERED)

    state = models.CharField("状態", max_length=8, choices=State, default=State.RECEIVED)
    at = models.DateTimeField("受付日時")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="担当者")
    coupons_file = models.CharField("クーポンのファイル", max_length=200)
    transactions_file = models.CharField("入出金のファイル", max_length=200)
    kept_until = models.DateTimeField("保存期限")  # real time
    tries = models.PositiveSmallIntegerField("実行回数", default=0)
    doing = models.CharField("処理中", max_length=60, blank=True)
    done = models.BigIntegerField("処理済み（バイト）", default=0)
    size = models.BigIntegerField("全体（バイト）", default=0)
    report = models.BinaryField("結果", null=True)
    # the newest import when this was tried: after another one the differences are found anew
    tried_after = models.ForeignKey(
        Import, models.PROTECT, null=True, related_name="+", verbose_name="確認時の直近の取込"
    )
    import_run = models.OneToOneField(
        Import, models.PROTECT, null=True, related_name="upload", verbose_name="台帳取込"
    )

    class Meta:
        verbose_name = verbose_name_plural = "台帳ファイルの受付"
        constraints = [
            state_in(UploadState, "upload_state"),
            models.CheckConstraint(
                condition=Q(state="applied", import_run__isnull=False)
                | ~Q(state="applied") & Q(import_run=None),
                name="upload_applied",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class UploadChunk(models.Model):
    """A part of one of the two files, encrypted for its place."""

    class File(models.TextChoices):
        COUPONS = "coupons.csv", "クーポン"
        MOVEMENTS = "transactions.csv", "入出金"

    of = models.ForeignKey(Upload, models.CASCADE, related_name="chunks", verbose_name="受付")
    file = models.CharField("ファイル", max_length=16, choices=File)
    number = models.PositiveIntegerField("順番")
    blob = models.BinaryField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "台帳ファイルの内容"
        constraints = [
            models.UniqueConstraint(fields=["of", "file", "number"], name="upload_chunk_once"),
        ]


class UploadStep(Step):
    """The history of an upload. Append-only."""

    of = models.ForeignKey(Upload, models.PROTECT, related_name="steps", verbose_name="対象")

    class Meta:
        verbose_name = verbose_name_plural = "台帳ファイルの受付の経過"


Upload.STEP = UploadStep
