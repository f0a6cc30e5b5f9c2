"""Links by which an applicant answers or proves, what was changed, and what they wish to change."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application
from applications.models.claims import Claim
from config.states import Stateful, Step, state_in

USER = settings.AUTH_USER_MODEL


class Tokened(models.Model):
    """One generation of a personal link; the next one kills it. The token is never stored."""

    PURPOSE: ClassVar[str]
    LENGTH: ClassVar[int]  # base62 letters
    PATH: ClassVar[str]  # the short address that a message carries

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="%(class)ss", verbose_name="申請"
    )
    generation = models.PositiveSmallIntegerField("世代")
    key_number = models.PositiveSmallIntegerField("鍵番号")
    token_hash = models.BinaryField("トークンのハッシュ", max_length=32, unique=True)
    made_at = models.DateTimeField("作成日時")
    replaced_at = models.DateTimeField("失効日時", null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["application", "generation"], name="%(class)s_generation"
            ),
            models.UniqueConstraint(
                fields=["application"], condition=Q(replaced_at=None), name="%(class)s_one_live"
            ),
        ]


class Correction(Tokened):
    """What the applicant is asked to correct or complete, until when, by which link (N30, N57)."""

    PURPOSE, LENGTH, PATH = "correct", 20, "/c/"

    items = ArrayField(models.CharField(max_length=20), verbose_name="お願いした項目")
    due_at = models.DateTimeField("期限（この直前まで）")
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)

    class Meta(Tokened.Meta):
        verbose_name = verbose_name_plural = "補正用URL"


class ChannelLink(Tokened):
    """The link in a receipt message: opening and confirming it proves the channel, nothing else."""

    PURPOSE, LENGTH, PATH = "channel", 12, "/p/"

    class Meta(Tokened.Meta):
        verbose_name = verbose_name_plural = "配信先の確認用URL"


class Amendment(models.Model):
    """One answer that changed, with its old and new value; personal, so erasable (N64).

    An account stands here by the id of its encrypted row. `by` is empty for the applicant.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="amendments", verbose_name="申請"
    )
    claim = models.ForeignKey(
        Claim,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="amendments",
        verbose_name="申請クーポン",
    )
    at = models.DateTimeField("日時")
    by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="担当者"
    )
    field = models.CharField("項目", max_length=30)
    old = models.CharField("変更前", max_length=254, blank=True)
    new = models.CharField("変更後", max_length=254, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "訂正"


class ChangeRequest(Stateful):
    """A wish to get messages elsewhere, since the contact on record is dead (N24, N59).

    Checked by one clerk and approved by another, like all that moves where value goes. Without an
    application it is an app holder's, told apart by the coupon's number.
    """

    class State(models.TextChoices):
        ASKED = "asked", "申し出あり"
        CHECKED = "checked", "確認済み（承認待ち）"
        DONE = "done", "変更済み"
        DISMISSED = "dismissed", "見送り"

    ARROWS = {
        "asked": frozenset({"checked", "dismissed"}),
        "checked": frozenset({"done", "asked", "dismissed"}),
        "done": frozenset(),
        "dismissed": frozenset(),
    }

    application = models.ForeignKey(
        Application,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="change_requests",
        verbose_name="申請",
    )
    prefecture_code = models.CharField("都道府県", max_length=2)
    inquiry_number = models.CharField("お問合せ番号", max_length=20, blank=True, db_index=True)
    name = models.CharField("お名前", max_length=60, blank=True)
    old_contact = models.CharField("これまでの連絡先", max_length=254)
    channel = models.CharField("新しい配信先の種類", max_length=6)
    contact = models.CharField("新しい配信先", max_length=254)
    state = models.CharField("状態", max_length=20, choices=State, default=State.ASKED)
    made_at = models.DateTimeField("申し出の日時")
    checked_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="確認者"
    )
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )

    class Meta:
        verbose_name = verbose_name_plural = "配信先の変更の申し出"
        indexes = [models.Index(fields=["state", "prefecture_code", "made_at"])]
        constraints = [
            state_in(("asked", "checked", "done", "dismissed"), "change_request_state"),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(checked_by__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("checked_by")),
                name="change_request_two_people",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email"]) & ~Q(contact=""),
                name="change_request_channel",
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=False) | ~Q(inquiry_number=""),
                name="change_request_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"C{self.pk:06d}" if self.pk else "C-"


class ChangeRequestStep(Step):
    of = models.ForeignKey(
        ChangeRequest, models.PROTECT, related_name="steps", verbose_name="変更の申し出"
    )

    class Meta:
        verbose_name = verbose_name_plural = "変更の申し出の履歴"


ChangeRequest.STEP = ChangeRequestStep
