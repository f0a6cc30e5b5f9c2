"""A postponement can be dropped; what was prepared is what is approved, and never shortens."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION columns_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name THEN
            RAISE EXCEPTION '%.% is written once', TG_TABLE_NAME, name
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER prepared_stays BEFORE UPDATE ON config_postponement FOR EACH ROW
    EXECUTE FUNCTION columns_stay('key', 'until', 'reason', 'prepared_at', 'prepared_by_id');
CREATE TRIGGER dropped_stays BEFORE UPDATE ON config_postponement FOR EACH ROW
    WHEN (OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('dropped_at', 'dropped_by_id', 'approved_at', 'approved_by_id');

CREATE FUNCTION postponement_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('postponement:' || NEW.key));
    IF EXISTS (SELECT FROM config_postponement WHERE key = NEW.key AND id <> NEW.id
               AND approved_at IS NOT NULL AND until >= NEW.until) THEN
        RAISE EXCEPTION 'postponement of % would shorten a decided one', NEW.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'postponement_goes_on';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER postponement_goes_on BEFORE INSERT OR UPDATE ON config_postponement FOR EACH ROW
    WHEN (NEW.approved_at IS NOT NULL) EXECUTE FUNCTION postponement_goes_on();
REVOKE DELETE, TRUNCATE ON config_postponement FROM hosho_app;
"""
NO_GUARDS = """
DROP TRIGGER postponement_goes_on ON config_postponement;
DROP TRIGGER dropped_stays ON config_postponement;
DROP TRIGGER prepared_stays ON config_postponement;
DROP FUNCTION postponement_goes_on();
DROP FUNCTION columns_stay();
GRANT DELETE ON config_postponement TO hosho_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0006_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="postponement",
            name="dropped_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="取りやめ日時"),
        ),
        migrations.AddField(
            model_name="postponement",
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
        migrations.AddConstraint(
            model_name="postponement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dropped_at", None), ("dropped_by", None)),
                    models.Q(
                        ("approved_at", None),
                        ("dropped_at__isnull", False),
                        ("dropped_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="postponement_dropped",
            ),
        ),
        migrations.AddConstraint(
            model_name="postponement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_at", None), ("until__gt", models.F("approved_at")), _connector="OR"
                ),
                name="postponement_ahead",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
