"""The movements of the ledger, the runs that brought them, and what the office has to look at."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coupons.models.coupons import Coupon


class Import(models.Model):
    """One run of `import_ledger`: which files, what they changed."""

    at = models.DateTimeField("取込日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="担当者",
    )
    coupons_file = models.CharField("クーポンのファイル", max_length=200)
    coupons_sha256 = models.CharField("クーポンのSHA-256", max_length=64)
    transactions_file = models.CharField("入出金のファイル", max_length=200)
    transactions_sha256 = models.CharField("入出金のSHA-256", max_length=64)
    coupons_read = models.IntegerField("クーポンの行数", default=0)
    coupons_new = models.IntegerField("新しいクーポン", default=0)
    coupons_corrected = models.IntegerField("訂正したクーポン", default=0)
    extensions = models.IntegerField("期限延長", default=0)
    transactions_read = models.IntegerField("入出金の行数", default=0)
    entries_new = models.IntegerField("新しい入出金", default=0)
    entries_changed = models.IntegerField("訂正した入出金", default=0)
    differences = models.IntegerField("新しい相違", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "台帳取込"

    def __str__(self) -> str:
        return f"{self.pk}"


class Entry(models.Model):
    """One movement of a coupon's balance in yen. Append-only (decisions: ledger corrections).

    The first version of a movement is revision 1. A movement that a newer export tells otherwise is
    taken back by a reversing entry (revision 2, same moment) and written anew (revision 3), so that
    the sum up to any moment is the balance at that moment.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", "決済"
        CANCELLATION = "cancellation", "決済取消"
        RESTORATION = "restoration", "戻入"

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="entries", verbose_name="クーポン"
    )
    transaction_id = models.CharField("取引番号", max_length=64, db_collation="C")
    revision = models.SmallIntegerField("版", default=1)
    reversal = models.BooleanField("取消記帳", default=False)
    kind = models.CharField("種別", max_length=12, choices=Kind)
    amount = models.IntegerField("金額（円）")
    yen = models.IntegerField("残額の増減（円）")
    occurred_at = models.DateTimeField("日時")
    store_id = models.CharField("店舗番号", max_length=64, blank=True)
    store_name = models.CharField("ご利用店舗", max_length=200, blank=True)
    restores_transaction_id = models.CharField(
        "戻入の対象取引", max_length=64, blank=True, db_collation="C"
    )
    import_run = models.ForeignKey(
        Import, models.PROTECT, related_name="+", db_index=False, verbose_name="台帳取込"
    )

    class Meta:
        verbose_name = verbose_name_plural = "入出金明細（残額の増減）"
        constraints = [
            models.UniqueConstraint(fields=["transaction_id", "revision"], name="entry_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["payment", "cancellation", "restoration"]),
                name="entry_kind",
            ),
            models.CheckConstraint(condition=Q(amount__gte=1), name="entry_amount"),
            models.CheckConstraint(
                condition=Q(kind="payment", reversal=False, yen=-F("amount"))
                | Q(kind="payment", reversal=True, yen=F("amount"))
                | ~Q(kind="payment") & Q(reversal=False, yen=F("amount"))
                | ~Q(kind="payment") & Q(reversal=True, yen=-F("amount")),
                name="entry_sign",
            ),
            models.CheckConstraint(
                condition=Q(revision__gte=1, reversal=False) | Q(revision__gte=2, reversal=True),
                name="entry_revision",
            ),
            models.CheckConstraint(
                condition=~Q(kind="restoration", restores_transaction_id=""),
                name="entry_names_restored",
            ),
        ]
        indexes = [
            models.Index(
                fields=["restores_transaction_id"],
                condition=Q(kind="restoration"),
                name="entry_restored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id}/{self.revision}"


class Difference(models.Model):
    """A point where export, ledger and seal disagree: listed for the office, never resolved here.

    `key` makes the same finding one row, however often it is found again.
    """

    class Kind(models.TextChoices):
        COUPON_VANISHED = "coupon_vanished", "台帳にあるクーポンが取込ファイルにない"
        MOVEMENT_VANISHED = "movement_vanished", "台帳にある入出金が取込ファイルにない"
        EXPIRY = "expiry", "有効期限が延長以外の値に変わった"
        EXPIRY_ORIGINAL = "expiry_original", "有効期限が当初の値に戻っている"
        ORIGINAL_UNKNOWN = "original_unknown", "当初の有効期限がわからない（延長後に初めて取込み）"
        PREFECTURE = "prefecture", "都道府県が変わった"
        BELOW_ZERO = "below_zero", "残額がマイナスになる時点がある"
        ABOVE_FACE = "above_face", "残額が額面を超える時点がある"
        USED_AFTER_CUT_OFF = "used_after_cut_off", "期限後利用"
        RESTORED_TOO_MUCH = "restored_too_much", "決済額を超える戻入・取消"
        AFTER_SEAL = "after_seal", "残額の確定後に現れたクーポン"
        SEALED = "sealed", "確定残額と台帳の相違"

    kind = models.CharField("種類", max_length=20, choices=Kind)
    key = models.CharField("識別", max_length=200, db_collation="C")
    coupon = models.ForeignKey(
        Coupon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="differences",
        verbose_name="クーポン",
    )
    detail = models.JSONField("内容", default=dict)
    import_run = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, related_name="found", verbose_name="台帳取込"
    )
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = verbose_name_plural = "相違"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="difference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
