"""States along their arrows; what the coupon system was asked for stays as it was asked."""

from django.db import migrations

from config.states import arrows

CASE = {
    "taken": ["asked_shop"],
    "asked_shop": ["confirmed", "denied"],
    "confirmed": ["instructed", "denied"],
    "instructed": ["reflected"],
}
LATE = {"listed": ["proposed"], "proposed": ["listed", "accepted", "refused"]}
UPLOAD = {
    "received": ["tried", "faulty", "dropped", "expired", "failed"],
    "tried": ["ordered", "received", "dropped", "expired"],
    "ordered": ["applied", "received", "faulty", "failed"],
}
RELEASED = """
CREATE TRIGGER released_stays BEFORE UPDATE ON coupons_givebacklist FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL)
    EXECUTE FUNCTION columns_stay('prefecture_code', 'prepared_at', 'prepared_by_id', 'released_at',
                                  'released_by_id', 'cases', 'total_yen', 'sha256');
CREATE FUNCTION released_list_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'give-back list % is released', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER released_list_stays BEFORE DELETE ON coupons_givebacklist FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION released_list_stays();
CREATE TRIGGER asked_stays BEFORE UPDATE ON coupons_doublecharge FOR EACH ROW
    WHEN (OLD.state IN ('instructed', 'reflected'))
    EXECUTE FUNCTION columns_stay('give_back_list_id', 'coupon_id', 'confirmed_by_id',
                                  'instructed_by_id');
"""
NO_RELEASED = """
DROP TRIGGER asked_stays ON coupons_doublecharge;
DROP TRIGGER released_list_stays ON coupons_givebacklist;
DROP FUNCTION released_list_stays();
DROP TRIGGER released_stays ON coupons_givebacklist;
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0007_office_calls"), ("coupons", "0006_uploads")]

    operations = [
        arrows("coupons_doublecharge", CASE),
        arrows("coupons_latemovement", LATE),
        arrows("coupons_upload", UPLOAD),
        migrations.RunSQL(RELEASED, NO_RELEASED),
    ]
