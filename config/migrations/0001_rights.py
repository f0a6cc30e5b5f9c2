"""Before any table: what the role of the processes may do with the tables to come.

The owner migrates and erases; web, workers and commands are `hosho_app`, which never truncates and,
by `append_only`, never rewrites history.
"""

from django.db import migrations

RIGHTS = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hosho_app') THEN
        CREATE ROLE hosho_app LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO hosho_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO hosho_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hosho_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO hosho_app;

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    run_before = [
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
        ("axes", "0001_initial"),
    ]

    operations = [migrations.RunSQL(RIGHTS, "DROP FUNCTION append_only();")]
