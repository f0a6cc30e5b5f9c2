"""After handing over: the bank's answers, recalls, giving up; who decides what, kept by guards."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.states import append_only, arrows

PAYOUT = {
    "waiting": ["ready", "nothing_due", "cancelled"],
    "ready": ["issuing", "issued", "listed", "lapsed", "cancelled", "waiting"],
    "issuing": ["issued", "ready"],
    "lapsed": ["ready"],
    "listed": ["handed_over", "ready", "returned"],  # returned: the account check said no
    "handed_over": ["paid", "returned"],
    "paid": ["returned"],
    "returned": ["ready", "given_up"],
}

GUARDS = """
CREATE FUNCTION given_up_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_givingup
                   WHERE payout_id = NEW.id AND approved_at IS NOT NULL) THEN
        RAISE EXCEPTION 'payout % is given up without a decision', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER given_up_by_two AFTER UPDATE OF state ON payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'given_up' AND OLD.state <> 'given_up')
    EXECUTE FUNCTION given_up_by_two();

CREATE TRIGGER decision_stands BEFORE UPDATE ON payouts_givingup FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION decision_stands();
CREATE TRIGGER decision_stands BEFORE UPDATE ON payouts_recall FOR EACH ROW
    WHEN (OLD.outcome_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION decision_stands();
CREATE TRIGGER decision_stands BEFORE UPDATE ON payouts_answerfile FOR EACH ROW
    WHEN (OLD.booked_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION decision_stands();
REVOKE UPDATE, DELETE ON payouts_givingup, payouts_recall, payouts_answerfile FROM hosho_app;
GRANT UPDATE (approved_at, approved_by_id, dropped_at) ON payouts_givingup TO hosho_app;
GRANT UPDATE (confirmed_at, confirmed_by_id, dropped_at, outcome, outcome_at, outcome_by_id)
    ON payouts_recall TO hosho_app;
GRANT UPDATE (booked_at, booked_by_id, outcome, dropped_at) ON payouts_answerfile TO hosho_app;
"""
GUARDS_BACK = """
DROP TRIGGER decision_stands ON payouts_answerfile;
DROP TRIGGER decision_stands ON payouts_recall;
DROP TRIGGER decision_stands ON payouts_givingup;
DROP TRIGGER given_up_by_two ON payouts_payout;
DROP FUNCTION given_up_by_two();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0012_gifts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                (
                    "kind",
                    models.CharField(
                        choices=[("results", "振込結果"), ("checks", "口座確認の結果")],
                        max_length=7,
                        verbose_name="種類",
                    ),
                ),
                ("file_name", models.CharField(max_length=100, verbose_name="ファイル")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("lines", models.JSONField(verbose_name="内容")),
                ("count", models.PositiveIntegerField(verbose_name="件数")),
                ("read_at", models.DateTimeField(verbose_name="読取日時")),
                ("booked_at", models.DateTimeField(blank=True, null=True, verbose_name="記帳日時")),
                ("outcome", models.JSONField(blank=True, default=dict, verbose_name="結果")),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
                ),
                (
                    "booked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記帳した人",
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="読み取った人",
                    ),
                ),
            ],
            options={
                "verbose_name": "銀行の回答の取込",
                "verbose_name_plural": "銀行の回答の取込",
            },
        ),
        migrations.CreateModel(
            name="AccountCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("0", "一致"),
                            ("1", "該当口座なし"),
                            ("2", "受取人名相違"),
                            ("9", "その他"),
                        ],
                        max_length=1,
                        verbose_name="口座確認の結果",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="記帳日時")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記帳した人",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="payouts.transfer",
                        verbose_name="振込",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.answerfile",
                        verbose_name="ファイル",
                    ),
                ),
            ],
            options={
                "verbose_name": "口座確認",
                "verbose_name_plural": "口座確認",
            },
        ),
        migrations.CreateModel(
            name="BankWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("returned", "振込不能（資金返却）"),
                            ("paid", "口座への入金を確認"),
                        ],
                        max_length=8,
                        verbose_name="結果",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="理由")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "入出金明細（入金・組戻の行）"),
                            ("phone", "電話"),
                            ("letter", "書面・メール"),
                        ],
                        max_length=9,
                        verbose_name="知った方法",
                    ),
                ),
                (
                    "told_by",
                    models.CharField(max_length=100, verbose_name="だれから、または明細のどこで"),
                ),
                ("told_at", models.DateTimeField(verbose_name="知った日時")),
                ("at", models.DateTimeField(verbose_name="記帳日時")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記帳した人",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="payouts.transfer",
                        verbose_name="振込",
                    ),
                ),
            ],
            options={
                "verbose_name": "銀行からの連絡",
                "verbose_name_plural": "銀行からの連絡",
            },
        ),
        migrations.CreateModel(
            name="GivingUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("prepared_at", models.DateTimeField(verbose_name="起案日時")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="承認日時"),
                ),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="承認者",
                    ),
                ),
                (
                    "payout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="giving_ups",
                        to="payouts.payout",
                        verbose_name="支払い",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起案者",
                    ),
                ),
            ],
            options={
                "verbose_name": "支払不能の確定",
                "verbose_name_plural": "支払不能の確定",
            },
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="起案日時")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="確認日時"),
                ),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("came_back", "資金が戻った"), ("refused", "組戻しできなかった")],
                        max_length=9,
                        verbose_name="結果",
                    ),
                ),
                (
                    "outcome_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="結果の記帳日時"),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起案者",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確認者",
                    ),
                ),
                (
                    "outcome_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="結果を記帳した人",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recalls",
                        to="payouts.transfer",
                        verbose_name="振込",
                    ),
                ),
            ],
            options={
                "verbose_name": "組戻しの依頼",
                "verbose_name_plural": "組戻しの依頼",
            },
        ),
        migrations.AddConstraint(
            model_name="answerfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dropped_at", None)), fields=("sha256",), name="answerfile_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="answerfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("booked_at", None), ("booked_by", None)),
                    models.Q(
                        ("booked_at__isnull", False),
                        ("booked_by__isnull", False),
                        ("dropped_at", None),
                    ),
                    _connector="OR",
                ),
                name="answerfile_booked",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__in", ["0", "1", "2", "9"])), name="accountcheck_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.UniqueConstraint(
                fields=("transfer", "code"), name="accountcheck_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="bankword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("result", "paid")),
                    models.Q(("result", "returned"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="bankword_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankword",
            constraint=models.CheckConstraint(
                condition=models.Q(("told_at__lte", models.F("at"))), name="bankword_before"
            ),
        ),
        migrations.AddConstraint(
            model_name="givingup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dropped_at", None)),
                fields=("payout",),
                name="givingup_one_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="givingup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", None)),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("dropped_at", None),
                        models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="givingup_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dropped_at", None), ("outcome_at", None)),
                fields=("transfer",),
                name="recall_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("dropped_at", None),
                        models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="recall_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("outcome_at", None), ("outcome_by", None)),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("outcome__in", ["came_back", "refused"]),
                        ("outcome_at__isnull", False),
                        ("outcome_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="recall_outcome",
            ),
        ),
        arrows("payouts_payout", PAYOUT),
        migrations.RunSQL(GUARDS, GUARDS_BACK),
        append_only("payouts_accountcheck", "payouts_bankword"),
    ]
