"""Category B: charged twice, or paid in another way as well (N38 to N44)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from config.states import Stateful, Step, state_in
from coupons.models.coupons import Coupon


class DoubleChargeState(models.TextChoices):
    """The life of a case (N40)."""

    TAKEN = "taken", "受付済み"
    ASKED_SHOP = "asked_shop", "店舗へ確認中"
    CONFIRMED = "confirmed", "確認済み"
    INSTRUCTED = "instructed", "戻入依頼済み"
    REFLECTED = "reflected", "反映確認済み"
    DENIED = "denied", "確認できず"


class GiveBackList(models.Model):
    """Confirmed cases of one office that the coupon system is asked to give back, as one file.

    Made by one person, released by another (promise 7). The file is written from the debits, which
    never change, so that every download is the same; `sha256` is fixed at the release.
    """

    prefecture_code = models.CharField("都道府県", max_length=2, db_collation="C")
    prepared_at = models.DateTimeField("作成日時")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="作成者"
    )
    released_at = models.DateTimeField("確定日時", null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確定者",
    )
    cases = models.IntegerField("件数")
    total_yen = models.IntegerField("戻入額の合計（円）")
    sha256 = models.CharField("ファイルのSHA-256", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "戻入依頼"
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False)
                & ~Q(released_by=F("prepared_by")),
                name="give_back_list_two_people",
            ),
            models.CheckConstraint(
                condition=Q(cases__gte=1, total_yen__gte=1), name="give_back_list_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"G{self.pk:06d}" if self.pk else "G-"


class DoubleCharge(Stateful):
    """One case of the call centre, from the four facts to the give-back seen in an export."""

    State = DoubleChargeState

    class Case(models.TextChoices):
        PAID_OTHERWISE = "paid_otherwise", "①現金等でも支払った"
        PRESSED_AGAIN = "pressed_again", "②二回以上決済された"

    ARROWS = {
        State.TAKEN: frozenset({State.ASKED_SHOP}),
        State.ASKED_SHOP: frozenset({State.CONFIRMED, State.DENIED}),
        State.CONFIRMED: frozenset({State.INSTRUCTED, State.DENIED}),  # the second person may deny
        State.INSTRUCTED: frozenset({State.REFLECTED}),
        State.REFLECTED: frozenset(),
        State.DENIED: frozenset(),
    }

    state = models.CharField("状態", max_length=12, choices=State, default=State.TAKEN)
    case_number = models.CharField("受付番号", max_length=32, unique=True, db_collation="C")
    prefecture_code = models.CharField("ご利用の都道府県", max_length=2, db_collation="C")
    # The four facts as told (N38); a number that is not found is kept all the same.
    inquiry_number = models.CharField("お問合せ番号", max_length=40, blank=True)
    told_expiry = models.DateField("有効期限", null=True, blank=True)
    told_prefecture = models.CharField("ご利用の都道府県（お申し出）", max_length=40, blank=True)
    shop_name = models.CharField("ご利用店舗", max_length=200, blank=True)
    coupon = models.ForeignKey(
        Coupon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="double_charges",
        verbose_name="クーポン",
    )
    case = models.CharField("場合", max_length=16, choices=Case)
    told_at = models.DateTimeField("決済の日時（お申し出）", null=True, blank=True)
    told_yen = models.IntegerField("金額（お申し出、円）", null=True, blank=True)
    paid_with = models.CharField("ほかのお支払い方法", max_length=60, blank=True)
    caller_name = models.CharField("お名前", max_length=60, blank=True)
    call_back_phone = models.CharField("折り返し先の電話番号", max_length=16, blank=True)
    call_back_at = models.DateTimeField("折り返し予定", null=True, blank=True)
    taken_at = models.DateTimeField("受付日時")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="受付者"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確認者",
    )
    instructed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="戻入依頼者",
    )
    give_back_list = models.ForeignKey(
        GiveBackList,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rows",
        verbose_name="戻入依頼",
    )

    class Meta:
        verbose_name = verbose_name_plural = "二重引き落とし・重複決済（B）"
        constraints = [
            state_in(DoubleChargeState, "double_charge_state"),
            models.CheckConstraint(
                condition=Q(case__in=["paid_otherwise", "pressed_again"]),
                name="double_charge_case",
            ),
            models.CheckConstraint(
                condition=Q(told_yen=None) | Q(told_yen__gte=1), name="double_charge_yen"
            ),
            # Asking the coupon system for money takes a second person (promise 7).
            models.CheckConstraint(
                condition=Q(state__in=["taken", "asked_shop", "denied"], instructed_by=None)
                | Q(state="confirmed", confirmed_by__isnull=False, instructed_by=None)
                | Q(
                    state__in=["instructed", "reflected"],
                    confirmed_by__isnull=False,
                    instructed_by__isnull=False,
                )
                & ~Q(instructed_by=F("confirmed_by")),
                name="double_charge_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.case_number


class DoubleChargeStep(Step):
    """The history of a case. Append-only."""

    of = models.ForeignKey(DoubleCharge, models.PROTECT, related_name="steps", verbose_name="対象")

    class Meta:
        verbose_name = verbose_name_plural = "二重引き落としの経過"


DoubleCharge.STEP = DoubleChargeStep


class DoubleChargeNote(models.Model):
    """What the shop answered, and remarks of clerks; personal, so erasable, unlike the steps."""

    class Kind(models.TextChoices):
        REMARK = "remark", "メモ"
        SHOP = "shop", "店舗の回答"

    of = models.ForeignKey(DoubleCharge, models.PROTECT, related_name="notes", verbose_name="対象")
    kind = models.CharField("種類", max_length=6, choices=Kind, default=Kind.REMARK)
    at = models.DateTimeField("日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="担当者"
    )
    text = models.TextField("内容", max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = "二重引き落としのメモ"


class Debit(models.Model):
    """One payment that a confirmed case asks to be given back, once (N41, N44). Append-only."""

    of = models.ForeignKey(DoubleCharge, models.PROTECT, related_name="debits", verbose_name="対象")
    transaction_id = models.CharField("取引番号", max_length=64, db_collation="C")
    amount = models.IntegerField("戻入額（円）")

    class Meta:
        verbose_name = verbose_name_plural = "戻入の対象"
        constraints = [
            models.UniqueConstraint(fields=["transaction_id"], name="debit_given_back_once"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="debit_amount"),
        ]

    def __str__(self) -> str:
        return self.transaction_id
