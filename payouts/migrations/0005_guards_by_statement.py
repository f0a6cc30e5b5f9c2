"""Lines and payout held together at commit, by one check a statement instead of one a row.

A statement that touches payouts or lines leaves one row with their ids in payouts_unproven; its
deferred constraint trigger proves all of them at commit in one query and takes the row away. A
million payouts of the app-holder run then cost a hundred checks and not two million.
"""

import importlib

from django.db import migrations

BY_ROW = importlib.import_module("payouts.migrations.0002_guards")

GUARD = """
CREATE UNLOGGED TABLE payouts_unproven (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payouts bigint[] NOT NULL
);
REVOKE ALL ON payouts_unproven FROM hosho_app;  -- nobody takes a row away but the check itself

CREATE FUNCTION payouts_to_prove() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'payouts_payout' THEN
        INSERT INTO payouts_unproven (payouts)
        SELECT array_agg(id) FROM changed HAVING count(*) > 0;
    ELSIF TG_OP = 'UPDATE' THEN  -- the payout that a line was taken from is touched as well
        INSERT INTO payouts_unproven (payouts)
        SELECT array_agg(payout_id)
        FROM (SELECT payout_id FROM changed UNION SELECT payout_id FROM before) touched
        HAVING count(*) > 0;
    ELSE
        INSERT INTO payouts_unproven (payouts)
        SELECT array_agg(DISTINCT payout_id) FROM changed HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;

-- It looks its rows up one by one: without statistics a plan would read whole tables.
CREATE FUNCTION payout_holds_together() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    -- The first of a transaction's rows proves them all; the others find theirs gone.
    WITH taken AS (
        DELETE FROM payouts_unproven WHERE id >= NEW.id RETURNING payouts
    ), touched AS (
        SELECT DISTINCT unnest(payouts) AS id FROM taken
    )
    SELECT payout.id, payout.state, payout.amount, line.* INTO wrong
    FROM touched
    JOIN payouts_payout payout ON payout.id = touched.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS all_lines,
               count(*) FILTER (WHERE line.released_at IS NULL) AS live,
               sum(line.yen) AS yen,
               count(*) FILTER (WHERE line.yen IS NULL) AS unsealed,
               count(*) FILTER (WHERE line.yen IS NOT NULL AND line.yen IS DISTINCT FROM (
                   SELECT item.yen FROM coupons_sealeditem item
                   WHERE item.coupon_id = line.coupon_id AND item.edition = line.edition
               )) AS off_seal,
               count(*) FILTER (WHERE line.released_at IS NULL AND EXISTS (
                   SELECT FROM coupons_sealeditem minus
                   WHERE minus.coupon_id = line.coupon_id AND minus.yen < 0 AND NOT EXISTS (
                       SELECT FROM payouts_payoutline beside
                       WHERE beside.coupon_id = minus.coupon_id
                         AND beside.edition = minus.edition AND beside.released_at IS NULL)
               )) AS without_minus
        FROM payouts_payoutline line
        WHERE line.payout_id = payout.id
    ) line
    WHERE line.all_lines = 0
       OR payout.state IN ('cancelled', 'given_up') AND line.live > 0
       OR payout.state NOT IN ('cancelled', 'given_up') AND line.live < line.all_lines
       OR payout.amount IS NOT NULL AND (line.unsealed > 0 OR line.yen <> payout.amount)
       OR line.off_seal > 0
       OR line.without_minus > 0
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF wrong.all_lines = 0 THEN
        RAISE EXCEPTION 'payout % has no line', wrong.id USING ERRCODE = 'check_violation';
    ELSIF wrong.state IN ('cancelled', 'given_up') AND wrong.live > 0
       OR wrong.state NOT IN ('cancelled', 'given_up') AND wrong.live < wrong.all_lines THEN
        RAISE EXCEPTION 'payout % is % with % of % lines live', wrong.id, wrong.state, wrong.live,
            wrong.all_lines USING ERRCODE = 'check_violation';
    ELSIF wrong.amount IS NOT NULL AND (wrong.unsealed > 0 OR wrong.yen <> wrong.amount) THEN
        RAISE EXCEPTION 'payout % of % yen has lines of % yen', wrong.id, wrong.amount, wrong.yen
            USING ERRCODE = 'check_violation';
    ELSIF wrong.off_seal > 0 THEN
        RAISE EXCEPTION 'payout % differs from the seal', wrong.id
            USING ERRCODE = 'check_violation';
    END IF;
    RAISE EXCEPTION 'payout % leaves out what a supplement takes away', wrong.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_carries_every_minus';
END $$;

CREATE CONSTRAINT TRIGGER payout_holds_together AFTER INSERT ON payouts_unproven
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payout_holds_together();
CREATE TRIGGER to_prove_inserted AFTER INSERT ON payouts_payout
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payouts_to_prove();
CREATE TRIGGER to_prove_updated AFTER UPDATE ON payouts_payout
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payouts_to_prove();
CREATE TRIGGER to_prove_inserted AFTER INSERT ON payouts_payoutline
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payouts_to_prove();
CREATE TRIGGER to_prove_updated AFTER UPDATE ON payouts_payoutline
    REFERENCING NEW TABLE AS changed OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_to_prove();
CREATE TRIGGER to_prove_deleted AFTER DELETE ON payouts_payoutline
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payouts_to_prove();

-- What a supplement takes away stands beside what it takes from, as soon as that is on its way.
CREATE FUNCTION minus_is_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_payoutline
               WHERE coupon_id = NEW.coupon_id AND released_at IS NULL)
       AND NOT EXISTS (SELECT FROM payouts_payoutline
                       WHERE coupon_id = NEW.coupon_id AND edition = NEW.edition
                         AND released_at IS NULL) THEN
        RAISE EXCEPTION 'coupon % is on its way without what edition % takes away',
            NEW.coupon_id, NEW.edition
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_carries_every_minus';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER minus_is_carried AFTER INSERT ON coupons_sealeditem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.yen < 0)
    EXECUTE FUNCTION minus_is_carried();
"""
GUARD_BACK = """
DROP TRIGGER minus_is_carried ON coupons_sealeditem;
DROP FUNCTION minus_is_carried();
DROP TRIGGER to_prove_inserted ON payouts_payout;
DROP TRIGGER to_prove_updated ON payouts_payout;
DROP TRIGGER to_prove_inserted ON payouts_payoutline;
DROP TRIGGER to_prove_updated ON payouts_payoutline;
DROP TRIGGER to_prove_deleted ON payouts_payoutline;
DROP TABLE payouts_unproven;
DROP FUNCTION payouts_to_prove();
DROP FUNCTION payout_holds_together();
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0004_app_holders"), ("coupons", "0005_supplement_guards")]

    operations = [
        migrations.RunSQL(BY_ROW.LINES_BACK, BY_ROW.LINES),
        migrations.RunSQL(GUARD, GUARD_BACK),
    ]
