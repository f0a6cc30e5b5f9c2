"""Decisions move along their arrows, and an approved claim is carried by its own payout."""

from django.db import migrations

from config.states import arrows

CARRIED = """
CREATE FUNCTION claim_is_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_payoutline
                   WHERE payout_id = NEW.payout_id AND coupon_id = NEW.coupon_id) THEN
        RAISE EXCEPTION 'claim % is approved and payout % does not carry it', NEW.id, NEW.payout_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER claim_is_carried AFTER INSERT OR UPDATE ON applications_claim
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'approved')
    EXECUTE FUNCTION claim_is_carried();
REVOKE DELETE ON applications_application, applications_claim FROM hosho_app;
"""
CARRIED_BACK = """
DROP TRIGGER claim_is_carried ON applications_claim;
DROP FUNCTION claim_is_carried();
GRANT DELETE ON applications_application, applications_claim TO hosho_app;
"""

APPLICATION = {
    "received": ["held", "asked", "checked", "withdrawn"],
    "held": ["received", "withdrawn"],
    "asked": ["received", "withdrawn"],
    "checked": ["decided", "received"],
    "decided": ["received"],
}
CLAIM = {
    "pending": ["approved", "not_covered", "withdrawn"],
    "approved": ["pending"],
    "not_covered": ["pending"],
}
CHANGE_REQUEST = {
    "asked": ["checked", "dismissed"],
    "checked": ["done", "asked", "dismissed"],
}


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0006_contests"),
        ("payouts", "0006_role_guards"),
        ("config", "0004_arrows"),
    ]

    operations = [
        migrations.RunSQL(CARRIED, CARRIED_BACK),
        arrows("applications_application", APPLICATION),
        arrows("applications_claim", CLAIM),
        arrows("applications_changerequest", CHANGE_REQUEST),
    ]
