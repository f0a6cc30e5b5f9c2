"""A payout carries what is owed to one person, on one of two roads, once."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from config.states import Stateful, Step
from coupons.models import Coupon
from payouts.models.transfers import BankAccount


class Payout(Stateful):
    """What one person gets from one office. Knows neither application nor app holder."""

    class State(models.TextChoices):
        WAITING = "waiting", "支払時期待ち"
        READY = "ready", "受取・振込の準備完了"
        NOTHING_DUE = "nothing_due", "残額なし"
        ISSUING = "issuing", "コード発行中"
        ISSUED = "issued", "受取済み"
        LAPSED = "lapsed", "受取期限切れ"
        LISTED = "listed", "振込データ作成済み"
        HANDED_OVER = "handed_over", "銀行へ引渡し済み"
        PAID = "paid", "振込完了"
        RETURNED = "returned", "振込不能（資金返却）"
        GIVEN_UP = "given_up", "支払不能確定"
        CANCELLED = "cancelled", "取消"

    class Road(models.TextChoices):
        POINTS = "points", "キャッシュレスポイント"
        BANK = "bank", "口座振込（ご返金）"

    class Origin(models.TextChoices):
        APPLICATION = "application", "申請"
        APP_HOLDER = "app_holder", "アプリ会員"

    class Channel(models.TextChoices):
        SMS = "sms", "SMS"
        EMAIL = "email", "メール"
        LETTER = "letter", "郵送"

    ARROWS = {
        "waiting": frozenset({"ready", "nothing_due", "cancelled"}),
        # waiting again: a supplement changes what it carries
        "ready": frozenset({"issuing", "issued", "listed", "lapsed", "cancelled", "waiting"}),
        "issuing": frozenset({"issued", "ready"}),  # ready again: the provider refused
        "issued": frozenset(),
        "lapsed": frozenset({"ready"}),
        "nothing_due": frozenset(),
        # returned from here: the account check said no before anything was sent
        "listed": frozenset({"handed_over", "ready", "returned"}),
        "handed_over": frozenset({"paid", "returned"}),
        "paid": frozenset({"returned"}),
        "returned": frozenset({"ready", "given_up"}),
        "given_up": frozenset(),
        "cancelled": frozenset(),
    }
    ENDED = ("cancelled", "given_up")  # their lines are released

    prefecture_code = models.CharField("ご利用の都道府県", max_length=2)
    road = models.CharField("受取方法", max_length=6, choices=Road)
    origin = models.CharField("経路", max_length=11, choices=Origin)
    state = models.CharField("状態", max_length=20, choices=State, default=State.WAITING)
    amount = models.PositiveIntegerField("金額（円）", null=True, blank=True)
    channel = models.CharField("配信先の種類", max_length=6, blank=True, choices=Channel)
    address = models.CharField("受取案内の配信先", max_length=254, blank=True)
    language = models.CharField("言語", max_length=10, default="ja")
    proofs = ArrayField(models.BinaryField(max_length=32), default=list, verbose_name="確認事項")
    phone_proof = models.BooleanField(
        "電話番号での確認", default=False, db_default=False
    )  # whether the contact phone's end is among the proofs
    app_account = models.CharField("アプリ会員番号", max_length=64, blank=True)
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, blank=True, verbose_name="振込先口座"
    )
    by_matching = models.BooleanField("照合による自動確認", default=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="審査者",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="承認者"
    )
    # a third person looks at the decision first; nothing goes before that
    second_look = models.BooleanField("二次確認待ち", default=False, db_default=False)
    opened_at = models.DateTimeField("決定日時")
    ready_at = models.DateTimeField("支払可能日時", null=True, blank=True)
    receives_until = models.DateTimeField("個別の受取期限（この直前まで）", null=True, blank=True)
    unpayable_at = models.DateTimeField(
        "どの種類でも渡せないとわかった日時", null=True, blank=True
    )  # no brand can pay the amount exactly; empty again as soon as one can

    class Meta:
        verbose_name = verbose_name_plural = "補償の支払い"
        permissions = [("resend_link", "受取用URLを作り直して送れる")]
        indexes = [
            models.Index(fields=["state", "road", "id"]),
            models.Index(fields=["prefecture_code", "state"]),
            models.Index(
                fields=["id"], condition=Q(unpayable_at__isnull=False), name="payout_unpayable"
            ),
            models.Index(
                fields=["prefecture_code", "amount"],
                condition=Q(state="ready", road="points"),
                name="payout_to_receive",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "prefecture_code"], name="payout_prefecture"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *["waiting", "ready", "nothing_due", "issuing", "issued", "lapsed"],
                        *["listed", "handed_over", "paid", "returned", "given_up", "cancelled"],
                    ]
                ),
                name="payout_state",
            ),
            models.CheckConstraint(
                condition=Q(by_matching=True, prepared_by=None)
                | Q(by_matching=False, prepared_by__isnull=False)
                & ~Q(prepared_by=F("approved_by")),
                name="payout_two_people",
            ),
            models.CheckConstraint(
                condition=Q(road="points")
                & ~Q(state__in=["listed", "handed_over", "paid", "returned", "given_up"])
                | Q(road="bank", bank_account__isnull=False)
                & ~Q(state__in=["issuing", "issued", "lapsed"]),
                name="payout_road",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "cancelled"])
                | Q(state="nothing_due", amount=0)
                | ~Q(state__in=["waiting", "cancelled", "nothing_due"]) & Q(amount__gte=1),
                name="payout_amount",
            ),
            models.CheckConstraint(
                condition=Q(second_look=False) | Q(state__in=["waiting", "cancelled"]),
                name="payout_second_look",
            ),
        ]

    def __str__(self) -> str:
        return f"P{self.pk:08d}" if self.pk else "P-"


class Unpayable(Payout):
    """A ready payout whose amount no brand can pay exactly: the office's own queue (N72)."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "ポイントで渡せない金額"


class PayoutStep(Step):
    of = models.ForeignKey(Payout, models.PROTECT, related_name="steps", verbose_name="支払い")

    class Meta:
        verbose_name = verbose_name_plural = "支払いの履歴"


Payout.STEP = PayoutStep


class PayoutLine(models.Model):
    """One entitlement (a coupon's seal, edition 0, or a supplement) carried by a payout.

    At most one live line per (coupon, edition): promise 1. `yen` is empty before the seal.
    """

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines", verbose_name="支払い")
    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="+", verbose_name="クーポン")
    edition = models.PositiveSmallIntegerField("版（0 確定、1〜 追加確定）", default=0)
    prefecture_code = models.CharField("都道府県", max_length=2)
    yen = models.IntegerField("金額（円）", null=True, blank=True)  # a supplement may take away
    released_at = models.DateTimeField("解放日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "支払いの内訳"
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "edition"],
                condition=Q(released_at=None),
                name="payoutline_one_live",
            )
        ]
