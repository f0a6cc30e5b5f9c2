"""The offices that pay, the clerks that work for them, the banks that they pay to."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Office(models.Model):
    """The paying account of a prefecture's office, as its bank knows it (N25, N73)."""

    prefecture_code = models.CharField("都道府県コード", max_length=2, primary_key=True)
    remitter_code = models.CharField("振込依頼人コード", max_length=10)
    remitter_kana = models.CharField("振込依頼人名（カナ）", max_length=40)
    bank_code = models.CharField("仕向銀行番号", max_length=4)
    branch_code = models.CharField("仕向支店番号", max_length=3)
    account_type = models.CharField("預金種目", max_length=1)
    account_number = models.CharField("口座番号", max_length=7)

    class Meta:
        verbose_name = verbose_name_plural = "事務局の口座"


class Clerk(models.Model):
    """A staff account and the prefectures whose cases it may see and work on (N25)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="clerk", verbose_name="ログイン名"
    )
    prefectures = ArrayField(
        models.CharField(max_length=2), verbose_name="担当の都道府県", default=list, blank=True
    )
    everywhere = models.BooleanField("全都道府県", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "担当者の所属"


class Bank(models.Model):
    """A bank of the master; never deleted, only no longer current."""

    code = models.CharField("銀行コード", max_length=4, primary_key=True)
    name = models.CharField("銀行名", max_length=60)
    kana = models.CharField("銀行名（カナ）", max_length=60)
    is_current = models.BooleanField("現存", default=True)
    first_seen = models.CharField("初出の版", max_length=8)
    last_seen = models.CharField("最新の版", max_length=8)

    class Meta:
        verbose_name = verbose_name_plural = "金融機関"
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class Branch(models.Model):
    """A branch of a bank of the master."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="branches", verbose_name="銀行")
    code = models.CharField("支店コード", max_length=3)
    name = models.CharField("支店名", max_length=60)
    kana = models.CharField("支店名（カナ）", max_length=60)
    is_current = models.BooleanField("現存", default=True)
    first_seen = models.CharField("初出の版", max_length=8)
    last_seen = models.CharField("最新の版", max_length=8)

    class Meta:
        verbose_name = verbose_name_plural = "支店"
        constraints = [models.UniqueConstraint(fields=["bank", "code"], name="branch_once")]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"
