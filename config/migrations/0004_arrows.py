"""States move along the arrows of their models only, whoever writes; a decided date stays."""

from django.db import migrations

ARROWS = """
CREATE FUNCTION only_along_arrows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT OLD.state || '>' || NEW.state = ANY (TG_ARGV) THEN
        RAISE EXCEPTION '% has no arrow from % to %', TG_TABLE_NAME, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_arrows';
    END IF;
    RETURN NEW;
END $$;
"""

POSTPONEMENTS = """
CREATE FUNCTION decided_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION '% is decided', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_stays BEFORE UPDATE OR DELETE ON config_postponement
    FOR EACH ROW EXECUTE FUNCTION decided_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0003_guards")]

    operations = [
        migrations.RunSQL(ARROWS, "DROP FUNCTION only_along_arrows();"),
        migrations.RunSQL(
            POSTPONEMENTS,
            "DROP TRIGGER decided_stays ON config_postponement; DROP FUNCTION decided_stays();",
        ),
    ]
