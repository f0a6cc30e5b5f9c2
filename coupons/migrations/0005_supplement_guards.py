"""History of late movements that nobody rewrites; what a supplement takes away was owed before."""

from django.db import migrations

from config.states import append_only

MINUS = """
CREATE FUNCTION supplement_leaves_nothing_negative() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owed bigint;
BEGIN
    SELECT sum(yen) INTO owed FROM coupons_sealeditem WHERE coupon_id = NEW.coupon_id;
    IF owed < 0 THEN
        RAISE EXCEPTION 'coupon % would owe % yen', NEW.coupon_id, owed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'supplement_leaves_nothing_negative';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER supplement_leaves_nothing_negative AFTER INSERT ON coupons_sealeditem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.yen < 0)
    EXECUTE FUNCTION supplement_leaves_nothing_negative();
"""
MINUS_BACK = """
DROP TRIGGER supplement_leaves_nothing_negative ON coupons_sealeditem;
DROP FUNCTION supplement_leaves_nothing_negative();
"""


class Migration(migrations.Migration):
    dependencies = [("coupons", "0004_supplements")]

    operations = [
        migrations.RunSQL(MINUS, MINUS_BACK),
        append_only("coupons_latemovementstep"),
    ]
