"""A way in after the deadline for a proven case, once (N79)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application

USER = settings.AUTH_USER_MODEL


class LateAccess(models.Model):
    """A personal link to the application form: prepared by one, approved by another, used once.

    The token is made when the link is shown or sent, and never stored. Who it is for and the
    account of what happened are personal, so erasable.
    """

    PURPOSE, LENGTH, PATH = "late", 20, "/l/"

    class Reason(models.TextChoices):
        SITE_DOWN = "site_down", "サイトの不具合で送信できなかった"
        MISLED = "misled", "事務局・コールセンターの誤った案内"
        POST = "post", "期限内に出した申請書の到着が遅れた"
        DISASTER = "disaster", "災害・入院などやむをえない事情"
        OTHER = "other", "その他（内容に記載）"

    prefecture_code = models.CharField("都道府県", max_length=2)
    reason = models.CharField("理由", max_length=10, choices=Reason)
    account = models.TextField("確認した内容", max_length=2000, blank=True)
    name = models.CharField("お名前", max_length=60, blank=True)
    channel = models.CharField("送り方", max_length=6)  # sms, email, letter
    contact = models.CharField("送り先", max_length=254, blank=True)
    language = models.CharField("言語", max_length=10, default="ja")
    expires_at = models.DateTimeField("有効期限（この直前まで）")
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="起案者")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )
    dropped_at = models.DateTimeField("取消日時", null=True, blank=True)
    dropped_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="取り消した人"
    )
    key_number = models.PositiveSmallIntegerField("鍵番号", null=True, blank=True)
    token_hash = models.BinaryField(
        "トークンのハッシュ", max_length=32, null=True, blank=True, unique=True
    )
    used_at = models.DateTimeField("使用日時", null=True, blank=True)
    application = models.OneToOneField(
        Application,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="late_access",
        verbose_name="申請",
    )

    class Meta:
        verbose_name = verbose_name_plural = "期限後の申請"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None, token_hash=None, key_number=None)
                | Q(
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                    token_hash__isnull=False,
                    key_number__isnull=False,
                    approved_at__lt=F("expires_at"),
                )
                & ~Q(approved_by=F("prepared_by")),
                name="lateaccess_two_people",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, application=None)
                | Q(
                    used_at__isnull=False,
                    application__isnull=False,
                    approved_at__isnull=False,
                    used_at__gte=F("approved_at"),
                    used_at__lt=F("expires_at"),
                    dropped_at=None,
                ),
                name="lateaccess_used_once",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False),
                name="lateaccess_dropped_by",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email", "letter"]), name="lateaccess_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"L{self.pk:06d}" if self.pk else "L-"
