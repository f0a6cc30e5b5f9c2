"""What the bank answered, and what two people decide of it: checks, results, recalls, giving up."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payouts.models.payouts import Payout
from payouts.models.transfers import Transfer


def signer(label: str, *, null: bool = False) -> models.ForeignKey:
    """A colleague who signed."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=null,
        blank=null,
        related_name="+",
        verbose_name=label,
    )


class AnswerFile(models.Model):
    """A file of the bank's answers: read and shown first, booked then; the same content once."""

    class Kind(models.TextChoices):
        RESULTS = "results", "振込結果"
        CHECKS = "checks", "口座確認の結果"

    prefecture_code = models.CharField("都道府県", max_length=2)
    kind = models.CharField("種類", max_length=7, choices=Kind)
    file_name = models.CharField("ファイル", max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    lines = models.JSONField("内容")  # ids, yen and codes; no account
    count = models.PositiveIntegerField("件数")
    read_at = models.DateTimeField("読取日時")
    read_by = signer("読み取った人")
    booked_at = models.DateTimeField("記帳日時", null=True, blank=True)
    booked_by = signer("記帳した人", null=True)
    outcome = models.JSONField("結果", default=dict, blank=True)  # counts
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "銀行の回答の取込"
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(dropped_at=None), name="answerfile_once"
            ),
            models.CheckConstraint(
                condition=Q(booked_at=None, booked_by=None)
                | Q(booked_at__isnull=False, booked_by__isnull=False, dropped_at=None),
                name="answerfile_booked",
            ),
        ]


class AccountCheck(models.Model):
    """The bank's answer about a transfer's account, before it is paid. Append-only."""

    class Code(models.TextChoices):
        FITS = "0", "一致"
        NO_ACCOUNT = "1", "該当口座なし"
        NAME_DIFFERS = "2", "受取人名相違"
        OTHER = "9", "その他"

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="checks", verbose_name="振込"
    )
    file = models.ForeignKey(AnswerFile, models.PROTECT, related_name="+", verbose_name="ファイル")
    code = models.CharField("口座確認の結果", max_length=1, choices=Code)
    at = models.DateTimeField("記帳日時")
    by = signer("記帳した人")

    class Meta:
        verbose_name = verbose_name_plural = "口座確認"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__in=["0", "1", "2", "9"]), name="accountcheck_code"
            ),
            models.UniqueConstraint(fields=["transfer", "code"], name="accountcheck_once"),
        ]


class BankWord(models.Model):
    """A result booked by hand: what the bank said of one transfer, who, how and when. Append-only
    but for its erasing."""

    class Source(models.TextChoices):
        STATEMENT = "statement", "入出金明細（入金・組戻の行）"
        PHONE = "phone", "電話"
        LETTER = "letter", "書面・メール"

    class Result(models.TextChoices):
        RETURNED = "returned", "振込不能（資金返却）"
        PAID = "paid", "口座への入金を確認"

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="words", verbose_name="振込"
    )
    result = models.CharField("結果", max_length=8, choices=Result)
    reason = models.CharField("理由", max_length=40, blank=True)  # a code of results.REASONS
    source = models.CharField("知った方法", max_length=9, choices=Source)
    told_by = models.CharField("だれから、または明細のどこで", max_length=100)
    told_at = models.DateTimeField("知った日時")
    at = models.DateTimeField("記帳日時")
    by = signer("記帳した人")

    class Meta:
        verbose_name = verbose_name_plural = "銀行からの連絡"
        constraints = [
            models.CheckConstraint(
                condition=Q(result="paid", reason="") | Q(result="returned") & ~Q(reason=""),
                name="bankword_reason",
            ),
            models.CheckConstraint(condition=Q(told_at__lte=F("at")), name="bankword_before"),
        ]


class Recall(models.Model):
    """A transfer that the bank is asked to call back (組戻): by one, confirmed by another."""

    class Outcome(models.TextChoices):
        CAME_BACK = "came_back", "資金が戻った"
        REFUSED = "refused", "組戻しできなかった"

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="recalls", verbose_name="振込"
    )
    reason = models.CharField("理由", max_length=200)
    asked_at = models.DateTimeField("起案日時")
    asked_by = signer("起案者")
    confirmed_at = models.DateTimeField("確認日時", null=True, blank=True)
    confirmed_by = signer("確認者", null=True)
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)
    outcome = models.CharField("結果", max_length=9, choices=Outcome, blank=True)
    outcome_at = models.DateTimeField("結果の記帳日時", null=True, blank=True)
    outcome_by = signer("結果を記帳した人", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "組戻しの依頼"
        constraints = [
            models.UniqueConstraint(
                fields=["transfer"],
                condition=Q(dropped_at=None, outcome_at=None),
                name="recall_one_open",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, dropped_at=None)
                & ~Q(confirmed_by=F("asked_by")),
                name="recall_two_people",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None, outcome_by=None)
                | Q(
                    outcome__in=["came_back", "refused"],
                    outcome_at__isnull=False,
                    outcome_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="recall_outcome",
            ),
        ]


class GivingUp(models.Model):
    """A returned payout that nobody can be paid any more: proposed by one, decided by another."""

    payout = models.ForeignKey(
        Payout, models.PROTECT, related_name="giving_ups", verbose_name="支払い"
    )
    reason = models.CharField("理由", max_length=200)
    prepared_at = models.DateTimeField("起案日時")
    prepared_by = signer("起案者")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    approved_by = signer("承認者", null=True)
    dropped_at = models.DateTimeField("取りやめ日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "支払不能の確定"
        constraints = [
            models.UniqueConstraint(
                fields=["payout"], condition=Q(dropped_at=None), name="givingup_one_live"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, dropped_at=None)
                & ~Q(approved_by=F("prepared_by")),
                name="givingup_two_people",
            ),
        ]
