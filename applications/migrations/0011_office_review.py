"""Second looks, bulk approvals, counts of the office, and the queue's indexes.

A payout that was drawn is let go by an agreeing third person only; what is prepared, decided or
done stays; an answer is amended by the office only while no value has moved.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION look_holds_its_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_payout WHERE id = NEW.payout_id AND second_look) THEN
        RAISE EXCEPTION 'payout % is drawn and does not wait', NEW.payout_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'look_holds_its_payout';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER look_holds_its_payout BEFORE INSERT ON applications_secondlook
    FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION look_holds_its_payout();
CREATE FUNCTION look_lets_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM applications_secondlook
                   WHERE payout_id = NEW.id AND verdict = 'agreed') THEN
        RAISE EXCEPTION 'payout % waits for a second look', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'look_lets_go';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER look_lets_go BEFORE UPDATE OF second_look ON payouts_payout
    FOR EACH ROW WHEN (OLD.second_look AND NOT NEW.second_look) EXECUTE FUNCTION look_lets_go();
CREATE TRIGGER drawn_stays BEFORE UPDATE ON applications_secondlook FOR EACH ROW
    EXECUTE FUNCTION columns_stay('application_id', 'decision', 'payout_id', 'prefecture_code',
        'percent', 'drawn_at', 'checked_by_id', 'entered_by_id', 'decided_by_id');
CREATE TRIGGER verdict_stays BEFORE UPDATE ON applications_secondlook FOR EACH ROW
    WHEN (OLD.verdict <> '') EXECUTE FUNCTION columns_stay('verdict', 'by_id', 'at');

CREATE TRIGGER prepared_stays BEFORE UPDATE ON applications_bulk FOR EACH ROW
    EXECUTE FUNCTION columns_stay('prefecture_code', 'count', 'yen', 'prepared_at',
        'prepared_by_id');
CREATE TRIGGER decided_stays BEFORE UPDATE ON applications_bulk FOR EACH ROW
    WHEN (OLD.approved_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('approved_at', 'approved_by_id', 'dropped_at', 'dropped_by_id');
CREATE FUNCTION bulk_takes_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM applications_bulk WHERE id = NEW.bulk_id
               AND (approved_at IS NOT NULL OR dropped_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'bulk % is decided', NEW.bulk_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bulk_takes_no_more BEFORE INSERT ON applications_bulkitem FOR EACH ROW
    EXECUTE FUNCTION bulk_takes_no_more();
CREATE TRIGGER chosen_stays BEFORE UPDATE ON applications_bulkitem FOR EACH ROW
    EXECUTE FUNCTION columns_stay('bulk_id', 'application_id', 'yen');
CREATE TRIGGER result_stays BEFORE UPDATE ON applications_bulkitem FOR EACH ROW
    WHEN (OLD.result <> '') EXECUTE FUNCTION columns_stay('result', 'why', 'at');

CREATE FUNCTION amended_before_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM applications_claim c JOIN payouts_payout p ON p.id = c.payout_id
               WHERE c.application_id = NEW.application_id
                 AND p.state IN ('issuing', 'issued', 'listed', 'handed_over', 'paid')) THEN
        RAISE EXCEPTION 'application % is paid or being paid', NEW.application_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amended_before_payout';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER amended_before_payout BEFORE INSERT ON applications_amendment
    FOR EACH ROW WHEN (NEW.by_id IS NOT NULL) EXECUTE FUNCTION amended_before_payout();

REVOKE DELETE, TRUNCATE ON applications_secondlook, applications_bulk, applications_bulkitem
    FROM hosho_app;
"""
NO_GUARDS = """
DROP TRIGGER amended_before_payout ON applications_amendment;
DROP FUNCTION amended_before_payout();
DROP TRIGGER result_stays ON applications_bulkitem;
DROP TRIGGER chosen_stays ON applications_bulkitem;
DROP TRIGGER bulk_takes_no_more ON applications_bulkitem;
DROP FUNCTION bulk_takes_no_more();
DROP TRIGGER decided_stays ON applications_bulk;
DROP TRIGGER prepared_stays ON applications_bulk;
DROP TRIGGER verdict_stays ON applications_secondlook;
DROP TRIGGER drawn_stays ON applications_secondlook;
DROP TRIGGER look_lets_go ON payouts_payout;
DROP FUNCTION look_lets_go();
DROP TRIGGER look_holds_its_payout ON applications_secondlook;
DROP FUNCTION look_holds_its_payout();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0010_new_accounts"),
        ("coupons", "0005_supplement_guards"),
        ("payouts", "0011_second_look"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                ("count", models.PositiveIntegerField(verbose_name="件数")),
                ("yen", models.BigIntegerField(verbose_name="金額の見込み（円）")),
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
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="完了日時"),
                ),
            ],
            options={
                "verbose_name": "一括承認",
                "verbose_name_plural": "一括承認",
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("yen", models.IntegerField(verbose_name="金額の見込み（円）")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "処理前"),
                            ("approved", "承認"),
                            ("skipped", "見送り"),
                            ("dropped", "取りやめ"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="結果",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="見送りの理由")),
                ("at", models.DateTimeField(blank=True, null=True, verbose_name="処理日時")),
            ],
            options={
                "verbose_name": "一括承認の明細",
                "verbose_name_plural": "一括承認の明細",
            },
        ),
        migrations.CreateModel(
            name="SecondLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("decision", models.PositiveSmallIntegerField(verbose_name="何回目の決定か")),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                ("percent", models.PositiveSmallIntegerField(verbose_name="抽出の割合（％）")),
                ("drawn_at", models.DateTimeField(verbose_name="抽出日時")),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "確認待ち"),
                            ("agreed", "同意"),
                            ("disagreed", "不同意（再審査）"),
                            ("void", "決定の取消しにより不要"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="結果",
                    ),
                ),
                ("at", models.DateTimeField(blank=True, null=True, verbose_name="確認日時")),
            ],
            options={
                "verbose_name": "二次確認",
                "verbose_name_plural": "二次確認",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=20, primary_key=True, serialize=False, verbose_name="識別"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="集計日時")),
                ("counted_at", models.DateTimeField(verbose_name="集計した時刻")),
                ("milliseconds", models.PositiveIntegerField(verbose_name="所要時間（ミリ秒）")),
                ("data", models.JSONField(default=dict, verbose_name="集計")),
            ],
            options={
                "verbose_name": "集計",
                "verbose_name_plural": "集計",
            },
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["delivery"], name="application_deliver_aaf635_idx"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("postal_code", ""), _negated=True),
                fields=["postal_code"],
                name="application_postal",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["arrived_at", "id"], name="application_arrival"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("state__in", ("received", "held", "asked", "checked"))),
                fields=["arrived_at", "id"],
                name="application_open",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("state__in", ("received", "held", "asked", "checked"))),
                fields=["prefecture_code", "arrived_at", "id"],
                name="application_open_office",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(
                    ("method", "bank"), ("state__in", ("received", "held", "asked", "checked"))
                ),
                fields=["arrived_at", "id"],
                name="application_open_bank",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("marks", []), _negated=True),
                fields=["arrived_at", "id"],
                name="application_marked",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(
                    ("state", "pending"), models.Q(("match", "clean"), _negated=True)
                ),
                fields=["match", "application"],
                name="claim_to_look_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("entered_by", None),
                    ("checked_by", None),
                    models.Q(("checked_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="application_not_own_entry",
            ),
        ),
        migrations.AddField(
            model_name="bulk",
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
            model_name="bulk",
            name="dropped_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="取りやめた人",
            ),
        ),
        migrations.AddField(
            model_name="bulk",
            name="prepared_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="起案者",
            ),
        ),
        migrations.AddField(
            model_name="bulkitem",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bulk_items",
                to="applications.application",
                verbose_name="申請",
            ),
        ),
        migrations.AddField(
            model_name="bulkitem",
            name="bulk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="applications.bulk",
                verbose_name="一括承認",
            ),
        ),
        migrations.AddField(
            model_name="secondlook",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="looks",
                to="applications.application",
                verbose_name="申請",
            ),
        ),
        migrations.AddField(
            model_name="secondlook",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="確認者",
            ),
        ),
        migrations.AddField(
            model_name="secondlook",
            name="checked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="審査者",
            ),
        ),
        migrations.AddField(
            model_name="secondlook",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="承認者",
            ),
        ),
        migrations.AddField(
            model_name="secondlook",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="代行入力者",
            ),
        ),
        migrations.AddField(
            model_name="secondlook",
            name="payout",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payouts.payout",
                verbose_name="支払い",
            ),
        ),
        migrations.AddIndex(
            model_name="bulk",
            index=models.Index(
                condition=models.Q(("approved_at__isnull", False), ("finished_at", None)),
                fields=["approved_at"],
                name="bulk_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", None), ("finished_at", None)),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("dropped_at", None),
                        models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="bulk_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dropped_at", None), ("dropped_by", None)),
                    models.Q(("dropped_at__isnull", False), ("dropped_by__isnull", False)),
                    _connector="OR",
                ),
                name="bulk_dropped",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__gte", 1)), name="bulk_count"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(
                condition=models.Q(("result", "")), fields=["bulk", "id"], name="bulkitem_to_do"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                fields=("bulk", "application"), name="bulkitem_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("result", "")),
                fields=("application",),
                name="bulkitem_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("at", None), ("result", ""), ("why", "")),
                    models.Q(
                        ("at__isnull", False),
                        ("result", "skipped"),
                        models.Q(("why", ""), _negated=True),
                    ),
                    models.Q(
                        ("at__isnull", False), ("result__in", ["approved", "dropped"]), ("why", "")
                    ),
                    _connector="OR",
                ),
                name="bulkitem_result",
            ),
        ),
        migrations.AddIndex(
            model_name="secondlook",
            index=models.Index(
                condition=models.Q(("verdict", "")),
                fields=["prefecture_code", "drawn_at"],
                name="look_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondlook",
            constraint=models.UniqueConstraint(
                fields=("application", "decision"), name="look_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondlook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("at", None), ("by", None), ("verdict", "")),
                    models.Q(("at__isnull", False), ("by", None), ("verdict", "void")),
                    models.Q(
                        ("at__isnull", False),
                        ("by__isnull", False),
                        ("verdict__in", ["agreed", "disagreed"]),
                        models.Q(("by", models.F("decided_by")), _negated=True),
                        models.Q(
                            ("checked_by", None),
                            models.Q(("by", models.F("checked_by")), _negated=True),
                            _connector="OR",
                        ),
                        models.Q(
                            ("entered_by", None),
                            models.Q(("by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="look_third_person",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
