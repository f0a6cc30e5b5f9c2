"""Deliveries of codes by two people, places in the stock, lapsed payouts opened again."""

import django.db.models.deletion
import django.db.models.functions.math
from django.conf import settings
from django.db import migrations, models

from config.states import arrows

READY = ["issuing", "issued", "listed", "lapsed", "cancelled", "waiting"]
PAYOUT = {
    "waiting": ["ready", "nothing_due", "cancelled"],
    "ready": READY,  # a code of the stock is issued at once
    "issuing": ["issued", "ready"],
    "lapsed": ["ready"],
    "listed": ["handed_over", "ready"],
    "handed_over": ["paid", "returned"],
    "paid": ["returned"],
    "returned": ["ready", "given_up"],
}

GUARDS = """
CREATE FUNCTION reopened_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_reopening
                   WHERE payout_id = NEW.id AND approved_at IS NOT NULL
                     AND until = NEW.receives_until) THEN
        RAISE EXCEPTION 'payout % lapsed and is opened without a decision', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reopened_by_two AFTER UPDATE OF state ON payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state = 'lapsed' AND NEW.state = 'ready')
    EXECUTE FUNCTION reopened_by_two();

CREATE FUNCTION decision_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is decided', OLD.id, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER decision_stands BEFORE UPDATE ON payouts_reopening FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION decision_stands();
CREATE TRIGGER decision_stands BEFORE UPDATE ON payouts_delivery FOR EACH ROW
    WHEN (OLD.applied_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION decision_stands();
REVOKE UPDATE, DELETE ON payouts_reopening, payouts_delivery FROM hosho_app;
GRANT UPDATE (approved_at, approved_by_id, dropped_at) ON payouts_reopening TO hosho_app;
GRANT UPDATE (applied_at, applied_by_id, dropped_at, blob) ON payouts_delivery TO hosho_app;
"""
GUARDS_BACK = """
DROP TRIGGER decision_stands ON payouts_delivery;
DROP TRIGGER decision_stands ON payouts_reopening;
DROP FUNCTION decision_stands();
DROP TRIGGER reopened_by_two ON payouts_payout;
DROP FUNCTION reopened_by_two();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0011_second_look"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                ("file_name", models.CharField(max_length=100, verbose_name="ファイル")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("count", models.PositiveIntegerField(verbose_name="件数")),
                ("total_yen", models.BigIntegerField(verbose_name="合計（円）")),
                ("counts", models.JSONField(verbose_name="種類と額面ごとの件数")),
                ("blob", models.BinaryField(blank=True, null=True, verbose_name="内容（暗号化）")),
                ("checked_at", models.DateTimeField(verbose_name="確認日時")),
                (
                    "applied_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取込日時"),
                ),
                (
                    "dropped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
                ),
            ],
            options={
                "verbose_name": "コードの納品",
                "verbose_name_plural": "コードの納品",
            },
        ),
        migrations.CreateModel(
            name="Reopening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="新しい受取期限（この直前まで）")),
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
            ],
            options={
                "verbose_name": "受取期限切れの再開",
                "verbose_name_plural": "受取期限切れの再開",
            },
        ),
        migrations.RemoveIndex(
            model_name="code",
            name="code_free",
        ),
        migrations.AddField(
            model_name="code",
            name="draw",
            field=models.FloatField(
                db_default=django.db.models.functions.math.Random(), editable=False
            ),
        ),
        migrations.AddField(
            model_name="payout",
            name="unpayable_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="どの種類でも渡せないとわかった日時"
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "受付のお知らせ"),
                    ("link", "受取のご案内"),
                    ("nothing_due", "残額なしのお知らせ"),
                    ("decision", "確認結果のお知らせ"),
                    ("ask", "補正のお願い"),
                    ("number", "お問合せ番号の入力のお願い"),
                    ("changed", "申請内容の変更のお知らせ"),
                    ("withdrawn", "申請の取下げのお知らせ"),
                    ("notice", "事務局からのお知らせ"),
                    ("late", "期限後の申請のご案内"),
                    ("reminder", "受取期限が近いことのご案内"),
                    ("unpayable", "ポイントで渡せない金額のお知らせ"),
                ],
                max_length=20,
                verbose_name="種類",
            ),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(
                condition=models.Q(("unpayable_at__isnull", False)),
                fields=["id"],
                name="payout_unpayable",
            ),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(
                condition=models.Q(("road", "points"), ("state", "ready")),
                fields=["prefecture_code", "amount"],
                name="payout_to_receive",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="applied_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="取り込んだ人",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="checked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="確認した人",
            ),
        ),
        migrations.AddField(
            model_name="code",
            name="delivery",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="codes",
                to="payouts.delivery",
                verbose_name="納品",
            ),
        ),
        migrations.AddIndex(
            model_name="code",
            index=models.Index(
                condition=models.Q(("taken_at", None)),
                fields=["prefecture_code", "brand", "face_value", "expires_on", "draw"],
                name="code_free",
            ),
        ),
        migrations.AddIndex(
            model_name="code",
            index=models.Index(fields=["management_number"], name="code_management"),
        ),
        migrations.AddField(
            model_name="reopening",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="承認者",
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="payout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reopenings",
                to="payouts.payout",
                verbose_name="支払い",
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="prepared_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="起案者",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dropped_at", None)), fields=("sha256",), name="delivery_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("applied_at", None), ("applied_by", None)),
                    models.Q(
                        ("applied_at__isnull", False),
                        ("applied_by__isnull", False),
                        ("blob", None),
                        ("dropped_at", None),
                        models.Q(("applied_by", models.F("checked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="delivery_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at", None), ("dropped_at", None)),
                fields=("payout",),
                name="reopening_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("prepared_at")),
                    models.Q(
                        ("approved_at", None),
                        ("until__gt", models.F("approved_at")),
                        _connector="OR",
                    ),
                ),
                name="reopening_ahead",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
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
                name="reopening_two_people",
            ),
        ),
        arrows("payouts_payout", PAYOUT),
        migrations.RunSQL(GUARDS, GUARDS_BACK),
        migrations.CreateModel(
            name="Unpayable",
            fields=[],
            options={
                "verbose_name": "ポイントで渡せない金額",
                "verbose_name_plural": "ポイントで渡せない金額",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("payouts.payout",),
        ),
    ]
