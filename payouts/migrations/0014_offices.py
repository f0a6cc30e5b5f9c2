"""The paying account of an office is put in force by a second person, by the database itself."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION office_by_two() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO payouts_office (prefecture_code, remitter_code, remitter_kana, bank_code,
                                branch_code, account_type, account_number)
    VALUES (NEW.prefecture_code, NEW.remitter_code, NEW.remitter_kana, NEW.bank_code,
            NEW.branch_code, NEW.account_type, NEW.account_number)
    ON CONFLICT (prefecture_code) DO UPDATE
    SET remitter_code = excluded.remitter_code, remitter_kana = excluded.remitter_kana,
        bank_code = excluded.bank_code, branch_code = excluded.branch_code,
        account_type = excluded.account_type, account_number = excluded.account_number;
    RETURN NULL;
END $$;
CREATE TRIGGER office_by_two AFTER UPDATE ON payouts_officechange FOR EACH ROW
    WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL)
    EXECUTE FUNCTION office_by_two();
CREATE TRIGGER decision_stands BEFORE UPDATE ON payouts_officechange FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION decision_stands();
CREATE FUNCTION proposed_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is born decided', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER proposed_first BEFORE INSERT ON payouts_officechange FOR EACH ROW
    WHEN (NEW.approved_at IS NOT NULL OR NEW.dropped_at IS NOT NULL)
    EXECUTE FUNCTION proposed_first();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON payouts_office FROM hosho_app;
REVOKE UPDATE, DELETE, TRUNCATE ON payouts_officechange FROM hosho_app;
GRANT UPDATE (approved_at, approved_by_id, dropped_at) ON payouts_officechange TO hosho_app;
"""
GUARDS_BACK = """
GRANT INSERT, UPDATE, DELETE ON payouts_office TO hosho_app;
GRANT UPDATE, DELETE ON payouts_officechange TO hosho_app;
DROP TRIGGER proposed_first ON payouts_officechange;
DROP FUNCTION proposed_first();
DROP TRIGGER decision_stands ON payouts_officechange;
DROP TRIGGER office_by_two ON payouts_officechange;
DROP FUNCTION office_by_two();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0013_after_handing_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OfficeChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                ("remitter_code", models.CharField(max_length=10, verbose_name="振込依頼人コード")),
                (
                    "remitter_kana",
                    models.CharField(max_length=40, verbose_name="振込依頼人名（カナ）"),
                ),
                ("bank_code", models.CharField(max_length=4, verbose_name="仕向銀行番号")),
                ("branch_code", models.CharField(max_length=3, verbose_name="仕向支店番号")),
                ("account_type", models.CharField(max_length=1, verbose_name="預金種目")),
                ("account_number", models.CharField(max_length=7, verbose_name="口座番号")),
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
                "verbose_name": "事務局の口座の変更",
                "verbose_name_plural": "事務局の口座の変更",
            },
        ),
        migrations.AddConstraint(
            model_name="officechange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at", None), ("dropped_at", None)),
                fields=("prefecture_code",),
                name="officechange_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="officechange",
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
                name="officechange_two_people",
            ),
        ),
        migrations.RunSQL(GUARDS, GUARDS_BACK),
    ]
