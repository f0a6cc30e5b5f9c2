"""Gift codes: the order of a payout, its parts, and the stock."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Random

from config.states import Stateful, Step
from payouts.models.links import Link
from payouts.models.payouts import Payout


class Order(Stateful):
    """The choice of one brand for one payout. Its parts are worth the payout's amount, exactly."""

    class State(models.TextChoices):
        PLACED = "placed", "発行依頼中"
        ISSUED = "issued", "発行済み"
        REJECTED = "rejected", "発行できず"
        CANCELLED = "cancelled", "取消"

    ARROWS = {
        "placed": frozenset({"issued", "rejected"}),
        "issued": frozenset({"cancelled"}),
        "rejected": frozenset(),
        "cancelled": frozenset(),
    }
    LIVE = ("placed", "issued")

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="orders", verbose_name="支払い")
    brand = models.CharField("種類", max_length=10)
    provider = models.CharField("発行元", max_length=10)
    amount = models.PositiveIntegerField("金額（円）")
    state = models.CharField("状態", max_length=20, choices=State, default=State.PLACED)
    placed_at = models.DateTimeField("依頼日時")
    issued_at = models.DateTimeField("発行日時", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("照会回数", default=0)
    # by clock_timestamp(), not business time
    next_at = models.DateTimeField("次の照会", null=True, blank=True)
    lease = models.UUIDField("占有", null=True, blank=True)
    lease_until = models.DateTimeField("占有期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "ポイントの発行"
        constraints = [
            models.UniqueConstraint(
                fields=["payout"],
                condition=Q(state__in=["placed", "issued"]),
                name="order_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["placed", "issued", "rejected", "cancelled"]),
                name="order_state",
            ),
            models.CheckConstraint(condition=Q(amount__gte=1), name="order_amount"),
        ]


class OrderStep(Step):
    of = models.ForeignKey(Order, models.PROTECT, related_name="steps", verbose_name="発行")

    class Meta:
        verbose_name = verbose_name_plural = "発行の履歴"


Order.STEP = OrderStep


class Delivery(models.Model):
    """A file of codes, read and counted by one person, taken into the stock by another (N71).

    `blob` holds its rows, encrypted, until it is taken in or dropped.
    """

    prefecture_code = models.CharField("都道府県", max_length=2)
    file_name = models.CharField("ファイル", max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    count = models.PositiveIntegerField("件数")
    total_yen = models.BigIntegerField("合計（円）")
    counts = models.JSONField("種類と額面ごとの件数")  # [[brand, yen, count], ...]
    blob = models.BinaryField("内容（暗号化）", null=True, blank=True)
    checked_at = models.DateTimeField("確認日時")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="確認した人"
    )
    applied_at = models.DateTimeField("取込日時", null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="取り込んだ人",
    )
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "コードの納品"
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(dropped_at=None), name="delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None, applied_by=None)
                | Q(
                    applied_at__isnull=False,
                    applied_by__isnull=False,
                    dropped_at=None,
                    blob=None,
                )
                & ~Q(applied_by=F("checked_by")),
                name="delivery_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Code(models.Model):
    """A code of the stock, encrypted; equal codes collide by their keyed hash (N71)."""

    prefecture_code = models.CharField("都道府県", max_length=2)
    brand = models.CharField("種類", max_length=10)
    face_value = models.PositiveIntegerField("額面（円）")
    secret = models.BinaryField("コード（暗号化）")
    code_hash = models.BinaryField("コードのハッシュ", max_length=32, unique=True)
    management_number = models.CharField("管理番号", max_length=40)
    expires_on = models.DateField("有効期限")
    imported_at = models.DateTimeField("取込日時")
    taken_at = models.DateTimeField("払出日時", null=True, blank=True)
    delivery = models.ForeignKey(
        Delivery, models.PROTECT, null=True, blank=True, verbose_name="納品", related_name="codes"
    )
    # where among its equals it lies: those who take at once begin at places of their own
    draw = models.FloatField(db_default=Random(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "コード在庫"
        constraints = [
            models.CheckConstraint(condition=Q(face_value__gte=1), name="code_face_value")
        ]
        indexes = [
            models.Index(
                fields=["prefecture_code", "brand", "face_value", "expires_on", "draw"],
                condition=Q(taken_at=None),
                name="code_free",
            ),
            models.Index(fields=["management_number"], name="code_management"),
        ]


class OrderPart(models.Model):
    """One code of an order: from the stock (`code`) or by a provider's own reference."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="parts", verbose_name="発行")
    number = models.PositiveSmallIntegerField("番号")
    amount = models.PositiveIntegerField("金額（円）")
    request_id = models.CharField("依頼番号", max_length=40, unique=True)
    code = models.OneToOneField(
        Code, models.PROTECT, null=True, blank=True, verbose_name="在庫のコード"
    )
    provider_ref = models.CharField("発行元の番号", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "発行の内訳"
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="orderpart_number"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="orderpart_amount"),
        ]


class Reveal(models.Model):
    """Each time that a code was shown to its holder. Append-only (N71)."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="reveals", verbose_name="発行")
    link = models.ForeignKey(Link, models.PROTECT, related_name="+", verbose_name="受取用URL")
    at = models.DateTimeField("表示日時")

    class Meta:
        verbose_name = verbose_name_plural = "コードの表示"
