"""The account that takes the place of one to which no transfer could be made (N49)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application
from config.states import Stateful, Step, state_in
from payouts.models import BankAccount

USER = settings.AUTH_USER_MODEL


class NewAccount(Stateful):
    """Given by the applicant, or taken down by a clerk, after a transfer came back.

    Checked by one clerk and approved by another, whose signatures the next transfer carries.
    """

    class State(models.TextChoices):
        GIVEN = "given", "訂正あり（確認待ち）"
        CHECKED = "checked", "確認済み（承認待ち）"
        DONE = "done", "承認済み（再振込へ）"
        DISMISSED = "dismissed", "差戻し"

    ARROWS = {
        "given": frozenset({"checked", "dismissed"}),
        "checked": frozenset({"done", "dismissed"}),
        "done": frozenset(),
        "dismissed": frozenset(),
    }

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="new_accounts", verbose_name="申請"
    )
    prefecture_code = models.CharField("都道府県", max_length=2)
    bank_account = models.OneToOneField(
        BankAccount, models.PROTECT, related_name="+", verbose_name="新しい口座"
    )
    holder_relation = models.CharField(
        "口座名義との関係", max_length=12, choices=Application.Relation
    )
    holder_consent = models.BooleanField("名義が異なる口座への振込の同意", default=False)
    marks = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="要確認の印"
    )
    state = models.CharField("状態", max_length=20, choices=State, default=State.GIVEN)
    given_at = models.DateTimeField("訂正の日時")
    entered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代行入力者"
    )
    checked_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="確認者"
    )
    approved_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承認者"
    )

    class Meta:
        verbose_name = verbose_name_plural = "振込不能後の口座の訂正"
        indexes = [models.Index(fields=["state", "prefecture_code", "given_at"])]
        constraints = [
            state_in(("given", "checked", "done", "dismissed"), "new_account_state"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=["given", "checked"]),
                name="new_account_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(checked_by__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("checked_by"))
                & (Q(entered_by=None) | ~Q(approved_by=F("entered_by"))),
                name="new_account_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"A{self.pk:06d}" if self.pk else "A-"


class NewAccountStep(Step):
    of = models.ForeignKey(
        NewAccount, models.PROTECT, related_name="steps", verbose_name="口座の訂正"
    )

    class Meta:
        verbose_name = verbose_name_plural = "口座の訂正の履歴"


NewAccount.STEP = NewAccountStep
