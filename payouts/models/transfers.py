"""Bank transfers: accounts, batches handed to the bank once, one transfer per attempt to pay."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from config.states import Stateful, Step


class BankAccount(models.Model):
    """An account in one AES-GCM blob (context "bank_account:<id>"), equal ones told by a hash.

    The blob is JSON: bank_code, bank_name, branch_code, branch_name, account_type, account_number,
    holder_kana (full width), and symbol and number as typed for the Japan Post Bank.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    blob = models.BinaryField("口座（暗号化）")
    account_hash = models.BinaryField("口座のハッシュ", max_length=32, null=True, db_index=True)
    made_at = models.DateTimeField("登録日時")
    erased_at = models.DateTimeField("消去日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "振込先口座"


class Batch(Stateful):
    """The transfers of one office for one bank business day, in one frozen file (N73)."""

    class State(models.TextChoices):
        CUT = "cut", "作成済み（確定待ち）"
        RELEASED = "released", "確定"
        HANDED_OVER = "handed_over", "銀行へ引渡し済み"
        DISSOLVED = "dissolved", "解散"

    ARROWS = {
        "cut": frozenset({"released", "dissolved"}),
        "released": frozenset({"handed_over", "dissolved"}),
        "handed_over": frozenset(),
        "dissolved": frozenset(),
    }

    prefecture_code = models.CharField("都道府県", max_length=2)
    pay_on = models.DateField("振込指定日")
    state = models.CharField("状態", max_length=20, choices=State, default=State.CUT)
    cut_at = models.DateTimeField("作成日時")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="作成者"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確定者",
    )
    approved_at = models.DateTimeField("確定日時", null=True, blank=True)
    handed_over_at = models.DateTimeField("引渡日時", null=True, blank=True)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="引渡者",
    )
    count = models.PositiveIntegerField("件数", default=0)
    total_yen = models.PositiveBigIntegerField("合計（円）", default=0)
    blob = models.BinaryField("ファイル（暗号化）", null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "振込データ"
        constraints = [
            models.UniqueConstraint(fields=["id", "prefecture_code"], name="batch_prefecture"),
            models.CheckConstraint(
                condition=Q(state__in=["cut", "released", "handed_over", "dissolved"]),
                name="batch_state",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                & ~Q(state__in=["released", "handed_over"])
                | Q(approved_at__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("prepared_by")),
                name="batch_two_people",
            ),
        ]


class BatchStep(Step):
    of = models.ForeignKey(Batch, models.PROTECT, related_name="steps", verbose_name="振込データ")

    class Meta:
        verbose_name = verbose_name_plural = "振込データの履歴"


Batch.STEP = BatchStep


class Transfer(Stateful):
    """One attempt to pay one payout into one account; its id is 顧客コード1 (ten digits)."""

    class State(models.TextChoices):
        LISTED = "listed", "作成済み"
        REMOVED = "removed", "取り外し"
        HANDED_OVER = "handed_over", "引渡し済み"
        PAID = "paid", "振込完了"
        RETURNED = "returned", "振込不能"

    ARROWS = {
        "listed": frozenset({"removed", "handed_over"}),
        "removed": frozenset(),
        "handed_over": frozenset({"paid", "returned"}),
        "paid": frozenset({"returned"}),
        "returned": frozenset(),
    }

    payout = models.ForeignKey(
        "payouts.Payout", models.PROTECT, related_name="transfers", verbose_name="支払い"
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="transfers", verbose_name="振込データ"
    )
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="+", verbose_name="振込先口座"
    )
    prefecture_code = models.CharField("都道府県", max_length=2)
    amount = models.PositiveIntegerField("金額（円）")
    first_payment = models.CharField("新規コード", max_length=1, default="1")
    state = models.CharField("状態", max_length=20, choices=State, default=State.LISTED)
    return_reason = models.CharField("振込不能の理由", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "振込"
        constraints = [
            models.UniqueConstraint(
                fields=["payout"],
                condition=Q(state__in=["listed", "handed_over", "paid"]),
                name="transfer_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["listed", "removed", "handed_over", "paid", "returned"]),
                name="transfer_state",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=1, amount__lte=9_999_999_999), name="transfer_amount"
            ),
        ]


class TransferStep(Step):
    of = models.ForeignKey(Transfer, models.PROTECT, related_name="steps", verbose_name="振込")

    class Meta:
        verbose_name = verbose_name_plural = "振込の履歴"


Transfer.STEP = TransferStep
