"""An application: one person, one trip, one prefecture, one way of receiving (N26)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.states import Stateful, Step
from payouts.models import BankAccount

USER = settings.AUTH_USER_MODEL
OPEN = ("received", "held", "asked", "checked")  # states in which the office has something to do


class Application(Stateful):
    """What the applicant said, when it arrived, and where it stands."""

    class State(models.TextChoices):
        RECEIVED = "received", "受付済み"
        HELD = "held", "保留"
        ASKED = "asked", "補正のお願い中"
        CHECKED = "checked", "審査済み（承認待ち）"
        DECIDED = "decided", "決定済み"
        WITHDRAWN = "withdrawn", "取下げ"

    class TravelType(models.TextChoices):
        DAY_TRIP = "day_trip", _("日帰り旅行")
        STAY = "stay", _("宿泊旅行")

    class Method(models.TextChoices):
        POINTS = "points", _("キャッシュレスポイント")
        BANK = "bank", _("口座振込（ご返金）")

    class Expires(models.TextChoices):
        YES = "yes", _("はい")
        NO = "no", _("いいえ")
        UNKNOWN = "unknown", _("わからない")

    class Relation(models.TextChoices):
        SELF = "self", _("ご本人")
        FORMER_NAME = "former_name", _("ご本人（旧姓・通称）")
        FAMILY = "family", _("ご家族")
        GUARDIAN = "guardian", _("法定代理人")
        OTHER = "other", _("その他")

    ARROWS = {
        "received": frozenset({"held", "asked", "checked", "withdrawn"}),
        "held": frozenset({"received", "withdrawn"}),
        "asked": frozenset({"received", "withdrawn"}),
        "checked": frozenset({"decided", "received"}),  # received: 差戻し
        "decided": frozenset({"received"}),  # 承認取消, 再審査
        "withdrawn": frozenset(),
    }

    # the guard against a double submit, also across an error page: one id a draft
    submission_id = models.UUIDField("送信ID", unique=True)
    receipt_number = models.CharField("受付番号", max_length=16, unique=True)  # without separators
    state = models.CharField("状態", max_length=20, choices=State, default=State.RECEIVED)
    prefecture_code = models.CharField("ご利用の都道府県", max_length=2)
    language = models.CharField("言語", max_length=10, default="ja")
    # the proof of the time of arrival, and the bounds that it was judged by (N34)
    arrived_at = models.DateTimeField("受付日時")
    opened_at = models.DateTimeField("受付開始（判定時）")
    closes_at = models.DateTimeField("受付締切（判定時、この直前まで）")

    name = models.CharField("お名前", max_length=60)
    kana = models.CharField("お名前（カナ）", max_length=60)
    phone = models.CharField("電話番号", max_length=20, blank=True)  # E.164
    email = models.CharField("メールアドレス", max_length=254, blank=True)
    travel_type = models.CharField("旅行の種類", max_length=8, choices=TravelType)
    travel_start = models.DateField("チェックイン日", null=True, blank=True)
    travel_end = models.DateField("旅行日（日帰り）、チェックアウト日")
    expires_on_outage_day = models.CharField(
        "有効期限は障害発生日か", max_length=7, choices=Expires
    )
    number_unknown = models.BooleanField("お問合せ番号が不明", default=False)
    issuer = models.CharField("クーポンの発行店", max_length=60, blank=True)

    method = models.CharField("受取方法", max_length=6, choices=Method)
    channel = models.CharField(
        "配信先の種類", max_length=6, blank=True
    )  # sms, email or none (bank)
    delivery = models.CharField("受取案内の配信先", max_length=254, blank=True)
    channel_proved_at = models.DateTimeField("配信先の確認日時", null=True, blank=True)
    bank_account = models.OneToOneField(
        BankAccount, models.PROTECT, null=True, blank=True, verbose_name="振込先口座"
    )
    holder_relation = models.CharField(
        "口座名義との関係", max_length=12, choices=Relation, blank=True
    )
    holder_consent = models.BooleanField("名義が異なる口座への振込の同意", default=False)
    postal_code = models.CharField("郵便番号", max_length=7, blank=True)
    address = models.CharField("住所", max_length=120, blank=True)
    lodging = models.CharField("宿泊施設名", max_length=60, blank=True)
    booking_name = models.CharField("予約者名", max_length=60, blank=True)
    agency = models.CharField("旅行会社・商品名", max_length=60, blank=True)
    app_contact = models.CharField("アプリ登録の連絡先", max_length=254, blank=True)

    entered_by = models.ForeignKey(  # N89: entered by the office in the applicant's name
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代行入力者"
    )
    search = ArrayField(  # pairs of letters of name and reading (applications.search)
        models.CharField(max_length=4), default=list, blank=True, editable=False
    )
    content_hash = models.BinaryField("内容のハッシュ", max_length=32, db_index=True)
    source = models.BinaryField("接続元のハッシュ", max_length=32, null=True)  # see sources
    marks = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="要確認の印"
    )
    checked_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="審査者"
    )
    by_matching = models.BooleanField("照合による自動確認", default=False)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )
    decided_at = models.DateTimeField("決定日時", null=True, blank=True)
    # by clock_timestamp(): one case is in one person's hands
    taken_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="担当中"
    )
    taken_until = models.DateTimeField("担当の期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "申請"
        permissions = [
            ("check_application", "申請を審査できる"),
            ("approve_application", "申請を承認できる"),
            ("enter_application", "申請を代行入力できる"),
            ("disclose_application", "保有個人データを開示できる"),
            ("rehearse", "予行の時計を進められる"),
        ]
        indexes = [
            models.Index(fields=["state", "prefecture_code", "arrived_at"]),
            models.Index(fields=["prefecture_code", "arrived_at"]),
            models.Index(fields=["phone"]),
            models.Index(fields=["email"]),
            models.Index(fields=["delivery"]),
            models.Index(
                fields=["postal_code"], condition=~Q(postal_code=""), name="application_postal"
            ),
            GinIndex(fields=["search"], name="application_search"),
            # the queue in its order, whole and by what it is narrowed by
            models.Index(fields=["arrived_at", "id"], name="application_arrival"),
            models.Index(
                fields=["arrived_at", "id"], condition=Q(state__in=OPEN), name="application_open"
            ),
            models.Index(
                fields=["prefecture_code", "arrived_at", "id"],
                condition=Q(state__in=OPEN),
                name="application_open_office",
            ),
            models.Index(
                fields=["arrived_at", "id"],
                condition=Q(state__in=OPEN, method="bank"),
                name="application_open_bank",
            ),
            models.Index(
                fields=["arrived_at", "id"], condition=~Q(marks=[]), name="application_marked"
            ),
            models.Index(
                fields=["arrived_at"],
                condition=Q(source__isnull=False),
                name="application_source",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["received", "held", "asked", "checked", "decided", "withdrawn"]
                ),
                name="application_state",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__gte=F("opened_at"), arrived_at__lt=F("closes_at")),
                name="application_in_time",
            ),
            models.CheckConstraint(
                condition=Q(method="points", channel__in=["sms", "email"], bank_account=None)
                & ~Q(delivery="")
                | Q(method="bank", bank_account__isnull=False),
                name="application_method",
            ),
            models.CheckConstraint(
                # what a clerk entered takes two people (promise 7)
                condition=~Q(state__in=["checked", "decided"])
                | Q(by_matching=True, checked_by=None, entered_by=None)
                | Q(by_matching=False, checked_by__isnull=False),
                name="application_first_signature",
            ),
            models.CheckConstraint(
                condition=Q(entered_by=None) | Q(checked_by=None) | ~Q(checked_by=F("entered_by")),
                name="application_not_own_entry",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided")
                | Q(decided_by__isnull=False, decided_at__isnull=False)
                & (Q(checked_by=None) | ~Q(decided_by=F("checked_by")))
                & (Q(entered_by=None) | ~Q(decided_by=F("entered_by"))),
                name="application_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_number


class ApplicationStep(Step):
    of = models.ForeignKey(Application, models.PROTECT, related_name="steps", verbose_name="申請")

    class Meta:
        verbose_name = verbose_name_plural = "申請の履歴"


Application.STEP = ApplicationStep


class Note(models.Model):
    """A clerk's remark on an application; personal, so erasable, unlike the steps."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="notes", verbose_name="申請"
    )
    at = models.DateTimeField("日時")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="担当者")
    text = models.TextField("メモ", max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = "メモ"
