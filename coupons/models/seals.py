"""The balances before the cut-off, sealed once, and the dated supplements to them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coupons.models.coupons import Coupon
from coupons.models.ledger import Import

OWES = Q(yen__gte=1) | Q(edition__gte=1, yen__lte=-1)  # only a supplement takes away


class Seal(models.Model):
    """The one seal of the whole ledger (N16, N18)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    cut_off = models.DateTimeField("基準時刻（この時刻の直前まで）")
    sealed_at = models.DateTimeField("確定日時")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="担当者",
    )
    # the newest import that the seal knows; what a later one brings is a late movement
    last_import = models.ForeignKey(
        Import,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="最後の台帳取込",
    )
    coupons = models.IntegerField("クーポン数")
    eligible = models.IntegerField("補償の対象")
    total_yen = models.BigIntegerField("確定残額の合計（円）")
    sha256 = models.CharField("SHA-256（番号順の連鎖）", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "残額の確定"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="seal_single"),
            models.CheckConstraint(
                condition=Q(sealed_at__gte=F("cut_off")), name="seal_after_cut_off"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class SealedItem(models.Model):
    """One entitlement (promise 1): edition 0 is the seal, 1, 2 … accepted supplements. Append-only.

    `balance` is the raw balance before the cut-off, also of coupons that are not covered; `yen` is
    what this item owes: a supplement may take away, and then the editions of its coupon still sum
    to zero or more. Contacts are frozen only where the coupon was in the app (N24).
    """

    class Category(models.TextChoices):
        A1 = "A1", "A1（有効期限が障害発生日）"
        A2 = "A2", "A2（旅行の終わりが障害発生日）"
        B = "B", "B（二重引き落とし・重複決済）"
        NONE = "", "なし"

    class Route(models.TextChoices):
        APP_LINK = "app_link", "アプリ登録の連絡先へ"
        APPLICATION = "application", "申請により"
        NONE = "none", "支払なし"

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="sealed_items", verbose_name="クーポン"
    )
    edition = models.SmallIntegerField("版（0は確定、1からは追加確定）")
    balance = models.IntegerField("確定時点の残額（円）")
    yen = models.IntegerField("確定残額（円）")
    category = models.CharField("区分", max_length=2, choices=Category, blank=True)
    eligible = models.BooleanField("補償の対象")
    in_app = models.BooleanField("アプリにチャージ済み（退会していない）")
    route = models.CharField("支払の道", max_length=11, choices=Route)
    app_account = models.CharField("アプリのアカウント", max_length=64, blank=True)
    app_phone = models.CharField("アプリ登録の電話番号", max_length=16, blank=True)
    app_email = models.CharField("アプリ登録のメールアドレス", max_length=254, blank=True)
    at = models.DateTimeField("確定日時")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="起案者",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="承認者",
    )

    class Meta:
        verbose_name = verbose_name_plural = "確定残額"
        constraints = [
            models.UniqueConstraint(fields=["coupon", "edition"], name="sealed_item_once"),
            models.CheckConstraint(condition=Q(edition__gte=0), name="sealed_item_edition"),
            models.CheckConstraint(
                condition=Q(category__in=["A1", "A2", "B", ""]), name="sealed_item_category"
            ),
            models.CheckConstraint(
                condition=Q(eligible=False, yen=0) | Q(eligible=True) & ~Q(category=""),
                name="sealed_item_eligible",
            ),
            models.CheckConstraint(  # and so the seal owes no yen below zero
                condition=Q(route="none", yen=0)
                | Q(route="app_link", in_app=True) & OWES
                | Q(route="application", in_app=False) & OWES,
                name="sealed_item_route",
            ),
            models.CheckConstraint(
                condition=Q(in_app=True) | Q(app_account="", app_phone="", app_email=""),
                name="sealed_item_contact",
            ),
            models.CheckConstraint(  # the seal is the ledger's; a supplement takes two people
                condition=Q(edition=0, prepared_by=None, approved_by=None)
                | Q(edition__gte=1, prepared_by__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("prepared_by")),
                name="sealed_item_two_people",
            ),
        ]
        indexes = [
            models.Index(  # the app-holder run goes through the accounts in their order
                fields=["app_account"], condition=Q(route="app_link"), name="sealed_item_account"
            ),
            models.Index(  # few: what supplements take away
                fields=["coupon"], condition=Q(yen__lt=0), name="sealed_item_minus"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id}/{self.edition}"
