"""A paper regional coupon as the coupon system exports it, and what changed about it since."""

from django.db import models
from django.db.models import F, Q


class Coupon(models.Model):
    """One paper coupon (N5). Written by the import only; money moves in Entry, never here."""

    class TravelType(models.TextChoices):
        DAY_TRIP = "day_trip", "日帰り"
        STAY = "stay", "宿泊"

    inquiry_number = models.CharField("お問合せ番号", max_length=32, db_collation="C")
    prefecture_code = models.CharField("都道府県コード", max_length=2, db_collation="C")
    travel_type = models.CharField("旅行の種類", max_length=8, choices=TravelType)
    travel_start = models.DateField("旅行開始日")
    travel_end = models.DateField("旅行日（日帰り）、チェックアウト日")
    face_value = models.IntegerField("額面（円）")
    issued_at = models.DateTimeField("発行日時")
    # The first expiry seen, also where it was none, stays for ever: category A1 asks for it (N6).
    original_expires_at = models.DateTimeField("当初の有効期限", null=True, blank=True)
    expires_at = models.DateTimeField("有効期限", null=True, blank=True)
    issuer = models.CharField("クーポンの発行店", max_length=200, blank=True)
    charged_at = models.DateTimeField("アプリへのチャージ日時", null=True, blank=True)
    app_account = models.CharField("アプリのアカウント", max_length=64, blank=True)
    app_phone = models.CharField("アプリ登録の電話番号", max_length=16, blank=True)
    app_email = models.CharField("アプリ登録のメールアドレス", max_length=254, blank=True)
    app_left_at = models.DateTimeField("アプリ退会日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "地域クーポン（紙）"
        constraints = [
            models.UniqueConstraint(fields=["inquiry_number"], name="coupon_number_once"),
            # what a payout line points at, so that nothing crosses a prefecture (promise 9)
            models.UniqueConstraint(fields=["id", "prefecture_code"], name="coupon_prefecture"),
            models.CheckConstraint(
                condition=Q(travel_type__in=["day_trip", "stay"]), name="coupon_travel_type"
            ),
            models.CheckConstraint(condition=Q(face_value__gte=1), name="coupon_face_value"),
            models.CheckConstraint(
                condition=Q(travel_end__gte=F("travel_start")), name="coupon_travel_order"
            ),
            models.CheckConstraint(
                condition=Q(original_expires_at=None)
                | Q(expires_at__isnull=False, expires_at__gte=F("original_expires_at")),
                name="coupon_expiry_never_earlier",
            ),
        ]

    def __str__(self) -> str:
        return self.inquiry_number


class Extension(models.Model):
    """A later expiry that an export showed (N15, N41). Append-only."""

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="extensions", verbose_name="クーポン"
    )
    old = models.DateTimeField("延長前", null=True, blank=True)
    new = models.DateTimeField("延長後")
    at = models.DateTimeField("取込日時")
    import_run = models.ForeignKey(
        "coupons.Import", models.PROTECT, related_name="+", db_index=False, verbose_name="台帳取込"
    )

    class Meta:
        verbose_name = verbose_name_plural = "期限延長"
        constraints = [
            models.CheckConstraint(
                condition=Q(old=None) | Q(new__gt=F("old")), name="extension_is_later"
            ),
            models.UniqueConstraint(fields=["coupon", "new"], name="extension_once"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} {self.new:%Y-%m-%d %H:%M}"


class Correction(models.Model):
    """One attribute of a coupon that a newer export tells otherwise. Append-only."""

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="corrections", verbose_name="クーポン"
    )
    field = models.CharField("項目", max_length=20)
    old = models.CharField("訂正前", max_length=254, blank=True)
    new = models.CharField("訂正後", max_length=254, blank=True)
    import_run = models.ForeignKey(
        "coupons.Import", models.PROTECT, related_name="+", db_index=False, verbose_name="台帳取込"
    )

    class Meta:
        verbose_name = verbose_name_plural = "クーポン情報の訂正"
        constraints = [
            models.CheckConstraint(condition=~Q(old=F("new")), name="correction_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} {self.field}"
