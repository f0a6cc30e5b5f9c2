"""What callers asked and what they were told (応対記録)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application
from coupons.models import DoubleCharge

USER = settings.AUTH_USER_MODEL


class Inquiry(models.Model):
    """One call, letter or visit: about what, who was identified how, what is still to be done.

    Facts by which somebody was identified are kept by kind, never by value. Caller and notes are
    personal, so erasable; the rest is codes.
    """

    class Way(models.TextChoices):
        PHONE = "phone", "電話"
        LETTER = "letter", "手紙"
        FAX = "fax", "FAX"
        MAIL = "mail", "メール"
        COUNTER = "counter", "窓口"

    class Topic(models.TextChoices):
        SCHEME = "scheme", "制度・対象になるか"
        HOW_TO = "how_to", "申請のしかた"
        NUMBER = "number", "お問合せ番号がわからない"
        STATUS = "status", "申請の状況"
        NOT_ARRIVED = "not_arrived", "メール・SMSが届かない"
        RECEIVE = "receive", "受取・コードの使い方"
        BANK = "bank", "口座振込"
        CORRECT = "correct", "補正・変更・取下げ"
        RESULT = "result", "確認の結果・対象外"
        DOUBLE = "double", "二重引き落とし・重複決済"
        LATE = "late", "期限後の申し出"
        FRAUD = "fraud", "不審なメール・電話"
        COMPLAINT = "complaint", "ご意見・苦情"
        OTHER = "other", "その他"

    class Fact(models.TextChoices):
        KANA = "kana", "お名前（カナ）"
        PHONE = "phone", "電話番号"
        EMAIL = "email", "メールアドレス"
        COUPON = "coupon", "お問合せ番号の下4けた"
        TRIP = "trip", "旅行日（チェックアウト日）"
        DELIVERY = "delivery", "受取案内の配信先"
        POSTAL = "postal", "郵便番号"

    class Role(models.TextChoices):
        REVIEWER = "reviewer", "審査担当"
        APPROVER = "approver", "承認者"
        PAYER = "payer", "支払担当"
        MANAGER = "manager", "責任者"

    prefecture_code = models.CharField("都道府県", max_length=2)
    way = models.CharField("手段", max_length=8, choices=Way, default=Way.PHONE)
    at = models.DateTimeField("受けた日時")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="担当者")
    topic = models.CharField("用件", max_length=12, choices=Topic)
    caller = models.CharField("お名前", max_length=60, blank=True)
    caller_phone = models.CharField("折り返し先", max_length=20, blank=True)  # E.164
    application = models.ForeignKey(
        Application,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        verbose_name="申請",
    )
    double_charge = models.ForeignKey(
        DoubleCharge,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        verbose_name="二重引き落としの受付",
    )
    first_fact = models.CharField("確認した事項1", max_length=10, choices=Fact, blank=True)
    second_fact = models.CharField("確認した事項2", max_length=10, choices=Fact, blank=True)
    call_back_at = models.DateTimeField("折り返し予定", null=True, blank=True)
    called_back_at = models.DateTimeField("折り返した日時", null=True, blank=True)
    called_back_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="折り返した人"
    )
    escalated_to = models.CharField("引き継ぎ先", max_length=10, choices=Role, blank=True)
    settled_at = models.DateTimeField("完了日時", null=True, blank=True)
    settled_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="完了した人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "応対記録"
        indexes = [
            models.Index(fields=["prefecture_code", "-at"]),
            models.Index(
                fields=["call_back_at"],
                condition=Q(call_back_at__isnull=False, called_back_at=None),
                name="inquiry_call_back",
            ),
            models.Index(
                fields=["escalated_to", "at"],
                condition=Q(settled_at=None) & ~Q(escalated_to=""),
                name="inquiry_escalated",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                # an application is told about only to who gave two facts that agree with it
                condition=Q(application=None, first_fact="", second_fact="")
                | Q(application__isnull=False)
                & ~Q(first_fact="")
                & ~Q(second_fact="")
                & ~Q(first_fact=F("second_fact")),
                name="inquiry_two_facts",
            ),
            models.CheckConstraint(
                condition=Q(called_back_at=None, called_back_by=None)
                | Q(
                    called_back_at__isnull=False,
                    called_back_by__isnull=False,
                    call_back_at__isnull=False,
                ),
                name="inquiry_called_back",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="inquiry_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"応対{self.pk:06d}" if self.pk else "応対"


class InquiryNote(models.Model):
    """What was asked or answered; personal, so erasable."""

    class Kind(models.TextChoices):
        ASKED = "asked", "お尋ね"
        ANSWERED = "answered", "お答え"
        LATER = "later", "その後"

    inquiry = models.ForeignKey(
        Inquiry, models.PROTECT, related_name="notes", verbose_name="応対記録"
    )
    kind = models.CharField("種類", max_length=8, choices=Kind)
    at = models.DateTimeField("日時")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="担当者")
    text = models.TextField("内容", max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = "応対の内容"
