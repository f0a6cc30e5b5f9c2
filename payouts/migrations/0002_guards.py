"""Promises that a single row can't keep: lines and payout, parts and order, one prefecture.

Checked at commit, so that an act may write its rows in any order.
"""

from django.db import migrations

from config.states import append_only

PREFECTURES = """
ALTER TABLE payouts_payoutline
    ADD CONSTRAINT line_payout_prefecture FOREIGN KEY (payout_id, prefecture_code)
        REFERENCES payouts_payout (id, prefecture_code) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT line_coupon_prefecture FOREIGN KEY (coupon_id, prefecture_code)
        REFERENCES coupons_coupon (id, prefecture_code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE payouts_transfer
    ADD CONSTRAINT transfer_payout_prefecture FOREIGN KEY (payout_id, prefecture_code)
        REFERENCES payouts_payout (id, prefecture_code) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT transfer_batch_prefecture FOREIGN KEY (batch_id, prefecture_code)
        REFERENCES payouts_batch (id, prefecture_code) DEFERRABLE INITIALLY DEFERRED;
"""
PREFECTURES_BACK = """
ALTER TABLE payouts_payoutline
    DROP CONSTRAINT line_payout_prefecture, DROP CONSTRAINT line_coupon_prefecture;
ALTER TABLE payouts_transfer
    DROP CONSTRAINT transfer_payout_prefecture, DROP CONSTRAINT transfer_batch_prefecture;
"""

LINES = """
CREATE FUNCTION payout_holds_together() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payout payouts_payout%ROWTYPE;
    target bigint;
    lines record;
BEGIN
    IF TG_TABLE_NAME = 'payouts_payout' THEN
        target := NEW.id;
    ELSE
        target := NEW.payout_id;
    END IF;
    SELECT * INTO payout FROM payouts_payout WHERE id = target;
    SELECT count(*) AS all_lines,
           count(*) FILTER (WHERE line.released_at IS NULL) AS live,
           sum(line.yen) AS yen,
           count(*) FILTER (WHERE line.yen IS NULL) AS unsealed,
           count(*) FILTER (WHERE line.yen IS NOT NULL AND line.yen IS DISTINCT FROM item.yen)
               AS off_seal
    INTO lines
    FROM payouts_payoutline line
    LEFT JOIN coupons_sealeditem item USING (coupon_id, edition)
    WHERE line.payout_id = target;
    IF lines.all_lines = 0 THEN
        RAISE EXCEPTION 'payout % has no line', target USING ERRCODE = 'check_violation';
    END IF;
    IF payout.state IN ('cancelled', 'given_up') AND lines.live > 0
       OR payout.state NOT IN ('cancelled', 'given_up') AND lines.live < lines.all_lines THEN
        RAISE EXCEPTION 'payout % is % with % of % lines live', target, payout.state, lines.live,
            lines.all_lines USING ERRCODE = 'check_violation';
    END IF;
    IF payout.amount IS NOT NULL AND (lines.unsealed > 0 OR lines.yen <> payout.amount) THEN
        RAISE EXCEPTION 'payout % of % yen has lines of % yen', target, payout.amount, lines.yen
            USING ERRCODE = 'check_violation';
    END IF;
    IF lines.off_seal > 0 THEN
        RAISE EXCEPTION 'payout % differs from the seal', target USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER payout_holds_together AFTER INSERT OR UPDATE ON payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payout_holds_together();
CREATE CONSTRAINT TRIGGER payout_holds_together AFTER INSERT OR UPDATE ON payouts_payoutline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payout_holds_together();
"""
LINES_BACK = """
DROP TRIGGER payout_holds_together ON payouts_payout;
DROP TRIGGER payout_holds_together ON payouts_payoutline;
DROP FUNCTION payout_holds_together();
"""

ORDERS = """
CREATE FUNCTION order_holds_together() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ordered record;
    target bigint;
    parts record;
BEGIN
    IF TG_TABLE_NAME = 'payouts_order' THEN
        target := NEW.id;
    ELSE
        target := NEW.order_id;
    END IF;
    SELECT o.state, o.amount, o.brand, p.amount AS due, p.prefecture_code
    INTO ordered FROM payouts_order o JOIN payouts_payout p ON p.id = o.payout_id
    WHERE o.id = target;
    SELECT coalesce(sum(part.amount), 0) AS yen,
           count(*) FILTER (WHERE part.code_id IS NULL AND part.provider_ref = '') AS without,
           count(*) FILTER (WHERE code.id IS NOT NULL AND (
               code.prefecture_code <> ordered.prefecture_code OR code.brand <> ordered.brand
               OR code.face_value <> part.amount OR code.taken_at IS NULL)) AS foreign_codes
    INTO parts
    FROM payouts_orderpart part LEFT JOIN payouts_code code ON code.id = part.code_id
    WHERE part.order_id = target;
    IF ordered.amount IS DISTINCT FROM ordered.due OR parts.yen <> ordered.amount THEN
        RAISE EXCEPTION 'order % of % yen has parts of % yen for % due', target, ordered.amount,
            parts.yen, ordered.due USING ERRCODE = 'check_violation';
    END IF;
    IF ordered.state = 'issued' AND parts.without > 0 THEN
        RAISE EXCEPTION 'order % is issued without its codes', target
            USING ERRCODE = 'check_violation';
    END IF;
    IF parts.foreign_codes > 0 THEN
        RAISE EXCEPTION 'order % holds a code that is not its own', target
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER order_holds_together AFTER INSERT OR UPDATE ON payouts_order
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION order_holds_together();
CREATE CONSTRAINT TRIGGER order_holds_together AFTER INSERT OR UPDATE ON payouts_orderpart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION order_holds_together();

CREATE FUNCTION issued_has_its_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_order WHERE payout_id = NEW.id AND state = 'issued') THEN
        RAISE EXCEPTION 'payout % is issued without an issued order', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER issued_has_its_code AFTER INSERT OR UPDATE ON payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'issued')
    EXECUTE FUNCTION issued_has_its_code();
"""
ORDERS_BACK = """
DROP TRIGGER issued_has_its_code ON payouts_payout;
DROP FUNCTION issued_has_its_code();
DROP TRIGGER order_holds_together ON payouts_order;
DROP TRIGGER order_holds_together ON payouts_orderpart;
DROP FUNCTION order_holds_together();
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_initial"), ("coupons", "0002_guards")]

    operations = [
        migrations.RunSQL(PREFECTURES, PREFECTURES_BACK),
        migrations.RunSQL(LINES, LINES_BACK),
        migrations.RunSQL(ORDERS, ORDERS_BACK),
        append_only(
            "payouts_payoutstep",
            "payouts_orderstep",
            "payouts_batchstep",
            "payouts_transferstep",
            "payouts_reveal",
            "payouts_attempt",
        ),
    ]
