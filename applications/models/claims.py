"""A claim: one coupon of an application. The decision is made here (N63)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.applications import Application
from config.states import Stateful, Step
from coupons.models import Coupon
from payouts.models import Payout


class Claim(Stateful):
    """One coupon that is asked for, how it compares with the ledger, and what was decided."""

    class State(models.TextChoices):
        PENDING = "pending", "審査前"
        APPROVED = "approved", "承認（補償決定）"
        NOT_COVERED = "not_covered", "補償の対象外"
        WITHDRAWN = "withdrawn", "取下げ"

    class Use(models.TextChoices):
        PAPER = "paper", _("紙のまま")
        CHARGED = "charged", _("アプリにチャージした")
        LEFT = "left", _("チャージしたがアプリを退会した")
        UNKNOWN = "unknown", _("わからない")

    class Match(models.TextChoices):
        """The result of matching, a field and not a state; the reasons stand beside it."""

        CLEAN = "clean", "一致"
        DIFFERS = "differs", "相違あり"
        NOT_FOUND = "not_found", "台帳にない番号"
        APP_ACTIVE = "app_active", "アプリ会員に配信予定"
        CONTESTED = "contested", "重複申請（競合）"
        TO_FOLLOW = "to_follow", "番号は後日"

    class Reason(models.TextChoices):
        """Coded reasons for 補償の対象外; each drives its sentence to the applicant."""

        NO_SUCH_COUPON = "not_regionpay", "対象のクーポンとして確認できない"
        OUTSIDE = "outside", "補償対象の期限・旅行日に当たらない"
        NO_BALANCE = "no_balance", "対象となる残額がない"
        APP_LINK = "app_link", "アプリ登録の連絡先へ別途お送りする"
        ALREADY = "already", "同じクーポンの補償を別の申請で行っている"
        UNCONFIRMED = "unconfirmed", "お問合せ番号の確認がとれない"

    ARROWS = {
        "pending": frozenset({"approved", "not_covered", "withdrawn"}),
        "approved": frozenset({"pending"}),  # 承認取消, while its payout is waiting or ready
        "not_covered": frozenset({"pending"}),  # 再審査
        "withdrawn": frozenset(),
    }

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="claims", verbose_name="申請"
    )
    position = models.PositiveSmallIntegerField("番号")
    prefecture_code = models.CharField("都道府県", max_length=2)
    typed_number = models.CharField("入力されたお問合せ番号", max_length=40, blank=True)
    inquiry_number = models.CharField("お問合せ番号", max_length=20, blank=True, db_index=True)
    coupon_use = models.CharField("クーポンの状況", max_length=8, choices=Use, blank=True)
    coupon = models.ForeignKey(
        Coupon, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="台帳"
    )
    match = models.CharField("照合結果", max_length=12, choices=Match, blank=True)
    match_reasons = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="照合の理由"
    )
    matched_at = models.DateTimeField("照合日時", null=True, blank=True)
    state = models.CharField("決定", max_length=20, choices=State, default=State.PENDING)
    proposal = models.CharField("審査者の判断", max_length=12, blank=True)  # approved, not_covered
    reason = models.CharField("対象外の理由", max_length=14, choices=Reason, blank=True)
    payout = models.ForeignKey(
        Payout, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="支払い"
    )

    class Meta:
        verbose_name = verbose_name_plural = "申請クーポン"
        indexes = [
            models.Index(
                fields=["match", "application"],
                condition=~Q(match="clean"),
                name="claim_not_clean",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["application", "position"], name="claim_position"),
            models.UniqueConstraint(
                fields=["application", "inquiry_number"],
                condition=~Q(inquiry_number=""),
                name="claim_once_an_application",
            ),
            models.UniqueConstraint(
                fields=["coupon"], condition=Q(state="approved"), name="claim_one_approved"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "not_covered", "withdrawn"]),
                name="claim_state",
            ),
            models.CheckConstraint(
                condition=Q(proposal__in=["", "approved", "not_covered"]), name="claim_proposal"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(coupon__isnull=False, payout__isnull=False),
                name="claim_approved_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state="not_covered") | ~Q(reason=""), name="claim_reason"
            ),
        ]


class ClaimStep(Step):
    of = models.ForeignKey(Claim, models.PROTECT, related_name="steps", verbose_name="申請クーポン")

    class Meta:
        verbose_name = verbose_name_plural = "申請クーポンの履歴"


Claim.STEP = ClaimStep
