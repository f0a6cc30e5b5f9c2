"""What the ledger says later than the seal, and what two people decided about it (N18, N43)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from config.states import Stateful, Step, state_in
from coupons.models.coupons import Coupon
from coupons.models.ledger import Import
from coupons.models.seals import SealedItem

USER = settings.AUTH_USER_MODEL


class LateMovementState(models.TextChoices):
    """The life of a late movement: one proposes, another decides; where drawn, a third looks."""

    LISTED = "listed", "未処理"
    PROPOSED = "proposed", "起案済み（承認待ち）"
    DRAWN = "drawn", "承認済み（二次確認待ち）"
    ACCEPTED = "accepted", "採用"
    REFUSED = "refused", "見送り"


class LateMovement(Stateful):
    """What one import (or one of our own cases) changed about one coupon after the seal.

    `yen` is its effect on the balance, net over the entries of one transaction in one import; what
    is owed changes only with an accepted one, as the next edition of the coupon's sealed item.
    """

    State = LateMovementState

    class Kind(models.TextChoices):
        GIVE_BACK = "give_back", "基準時刻より後の戻入"
        LATE = "late", "基準時刻より前の増減（後から到着）"
        COUPON = "coupon", "残額の確定後に現れたクーポン"
        OWN = "own", "事務局の確認による戻入"

    class Refusal(models.TextChoices):
        """Why one is put aside, by code (never a name: erasing leaves history whole)."""

        PAID = "paid", "すでに支払いが進んでいる"
        NOT_OURS = "not_ours", "補償の対象の増減ではない"
        EXPORT_ERROR = "export_error", "取込ファイルの誤り"
        TWIN = "twin", "別の戻入と同じもの"

    ARROWS = {
        State.LISTED: frozenset({State.PROPOSED}),
        State.PROPOSED: frozenset({State.LISTED, State.DRAWN, State.ACCEPTED, State.REFUSED}),
        State.DRAWN: frozenset({State.LISTED, State.ACCEPTED, State.REFUSED}),
        State.ACCEPTED: frozenset(),
        State.REFUSED: frozenset(),
    }

    key = models.CharField("識別", max_length=120, db_collation="C")
    kind = models.CharField("種類", max_length=9, choices=Kind)
    state = models.CharField("状態", max_length=8, choices=State, default=State.LISTED)
    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="late_movements", verbose_name="クーポン"
    )
    prefecture_code = models.CharField("都道府県コード", max_length=2, db_collation="C")
    transaction_id = models.CharField("取引番号", max_length=64, blank=True, db_collation="C")
    restores = models.CharField("戻入の対象取引", max_length=64, blank=True, db_collation="C")
    yen = models.IntegerField("増減（円）")
    occurred_at = models.DateTimeField("発生日時", null=True, blank=True)
    import_run = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="台帳取込"
    )
    listed_at = models.DateTimeField("検出日時")
    accepts = models.BooleanField("採用する", default=False)  # what is proposed, then decided
    refusal = models.CharField("見送りの理由", max_length=12, choices=Refusal, blank=True)
    prepared_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="起案者"
    )
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )
    # drawn for a second look: nothing is owed and nothing is paid before a third person agrees
    drawn = models.BooleanField("二次確認の対象", default=False, db_default=False)
    looked_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="二次確認者"
    )
    item = models.OneToOneField(
        SealedItem, models.PROTECT, null=True, blank=True, verbose_name="追加確定"
    )
    # the transaction of an export that told the same give-back as our own one (N41)
    twin = models.CharField("同じ戻入の取引番号", max_length=64, blank=True, db_collation="C")

    class Meta:
        verbose_name = verbose_name_plural = "確定後の増減"
        permissions = [
            ("propose_latemovement", "確定後の増減を起案できる"),
            ("decide_latemovement", "確定後の増減を承認できる"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="late_movement_once"),
            state_in(LateMovementState, "late_movement_state"),
            models.CheckConstraint(
                condition=Q(kind__in=["give_back", "late", "coupon", "own"]),
                name="late_movement_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="listed", prepared_by=None, approved_by=None)
                | Q(state="proposed", prepared_by__isnull=False, approved_by=None)
                | Q(
                    state__in=["drawn", "accepted", "refused"],
                    prepared_by__isnull=False,
                    approved_by__isnull=False,
                )
                & ~Q(approved_by=F("prepared_by")),
                name="late_movement_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["listed", "proposed"], drawn=False, looked_by=None)
                | Q(state="drawn", drawn=True, looked_by=None)
                | Q(state__in=["accepted", "refused"], drawn=False, looked_by=None)
                | Q(state__in=["accepted", "refused"], drawn=True, looked_by__isnull=False)
                & ~Q(looked_by=F("prepared_by"))
                & ~Q(looked_by=F("approved_by")),
                name="late_movement_third_person",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", accepts=True)
                | Q(state="refused", accepts=False) & ~Q(refusal="")
                | Q(state__in=["listed", "proposed", "drawn"], item=None),
                name="late_movement_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "prefecture_code", "id"])]

    def __str__(self) -> str:
        return f"{self.coupon.inquiry_number}（{self.get_kind_display()}）"


class LateMovementStep(Step):
    """The history of a late movement. Append-only."""

    of = models.ForeignKey(LateMovement, models.PROTECT, related_name="steps", verbose_name="対象")

    class Meta:
        verbose_name = verbose_name_plural = "確定後の増減の経過"


LateMovement.STEP = LateMovementStep
