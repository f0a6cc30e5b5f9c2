"""What no program and no clerk may do with rows of money, whatever the code above says.

States move along their arrows; an issued payout keeps its issued order and its codes; a payout on
the bank road agrees with its one live transfer; the processes' role deletes nothing and rewrites
only what really changes.
"""

from django.db import migrations

from config.states import arrows

AMOUNT = """
ALTER TABLE payouts_payout DROP CONSTRAINT payout_amount;
ALTER TABLE payouts_payout ADD CONSTRAINT payout_amount CHECK (
    state IN ('waiting', 'cancelled')
    OR state = 'nothing_due' AND amount IS NOT NULL AND amount = 0
    OR state NOT IN ('waiting', 'cancelled', 'nothing_due') AND amount IS NOT NULL AND amount >= 1
);
"""
AMOUNT_BACK = """
ALTER TABLE payouts_payout DROP CONSTRAINT payout_amount;
ALTER TABLE payouts_payout ADD CONSTRAINT payout_amount CHECK (
    state IN ('waiting', 'cancelled') OR state = 'nothing_due' AND amount = 0
    OR state NOT IN ('waiting', 'cancelled', 'nothing_due') AND amount >= 1
);
"""

ORDERS = """
CREATE FUNCTION issued_keeps_its_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint;
BEGIN
    IF TG_TABLE_NAME = 'payouts_order' THEN
        owner := OLD.payout_id;
    ELSE
        SELECT payout_id INTO owner FROM payouts_order WHERE id = OLD.order_id;
    END IF;
    IF EXISTS (SELECT FROM payouts_payout WHERE id = owner AND state = 'issued')
       AND NOT EXISTS (
           SELECT FROM payouts_order o WHERE o.payout_id = owner AND o.state = 'issued'
             AND o.amount = (SELECT sum(amount) FROM payouts_orderpart WHERE order_id = o.id)) THEN
        RAISE EXCEPTION 'payout % is issued and loses its order', owner
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER issued_keeps_its_order AFTER UPDATE OR DELETE ON payouts_order
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state = 'issued')
    EXECUTE FUNCTION issued_keeps_its_order();
CREATE CONSTRAINT TRIGGER issued_keeps_its_parts AFTER DELETE ON payouts_orderpart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION issued_keeps_its_order();

CREATE FUNCTION rejected_has_no_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts_orderpart
               WHERE order_id = NEW.id AND (code_id IS NOT NULL OR provider_ref <> '')) THEN
        RAISE EXCEPTION 'order % is rejected and has a code', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER rejected_has_no_code AFTER INSERT OR UPDATE ON payouts_order
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'rejected')
    EXECUTE FUNCTION rejected_has_no_code();

CREATE FUNCTION taken_stays_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.taken_at IS NOT NULL AND NEW.taken_at IS DISTINCT FROM OLD.taken_at
       AND EXISTS (SELECT FROM payouts_orderpart WHERE code_id = OLD.id) THEN
        RAISE EXCEPTION 'code % is given out', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER taken_stays_taken BEFORE UPDATE ON payouts_code
    FOR EACH ROW EXECUTE FUNCTION taken_stays_taken();
"""
ORDERS_BACK = """
DROP TRIGGER taken_stays_taken ON payouts_code;
DROP FUNCTION taken_stays_taken();
DROP TRIGGER rejected_has_no_code ON payouts_order;
DROP FUNCTION rejected_has_no_code();
DROP TRIGGER issued_keeps_its_parts ON payouts_orderpart;
DROP TRIGGER issued_keeps_its_order ON payouts_order;
DROP FUNCTION issued_keeps_its_order();
"""

BANK = """
CREATE FUNCTION bank_holds_together() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target bigint;
    payout record;
    agreeing bigint;
    live bigint;
BEGIN
    IF TG_TABLE_NAME = 'payouts_payout' THEN
        target := NEW.id;
    ELSE
        target := NEW.payout_id;
    END IF;
    SELECT state, amount, bank_account_id INTO payout FROM payouts_payout WHERE id = target;
    SELECT count(*),
           count(*) FILTER (WHERE t.state = payout.state AND t.amount = payout.amount
                                  AND t.bank_account_id = payout.bank_account_id)
    INTO live, agreeing
    FROM payouts_transfer t
    WHERE t.payout_id = target AND t.state IN ('listed', 'handed_over', 'paid');
    IF payout.state IN ('listed', 'handed_over', 'paid') AND agreeing <> 1
       OR payout.state NOT IN ('listed', 'handed_over', 'paid') AND live > 0 THEN
        RAISE EXCEPTION 'payout % is % with % live transfers, % of them agreeing', target,
            payout.state, live, agreeing USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER bank_holds_together AFTER INSERT OR UPDATE ON payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.road = 'bank')
    EXECUTE FUNCTION bank_holds_together();
CREATE CONSTRAINT TRIGGER bank_holds_together AFTER INSERT OR UPDATE ON payouts_transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bank_holds_together();

CREATE FUNCTION frozen_file_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sha256 <> OLD.sha256 OR NEW.count <> OLD.count OR NEW.total_yen <> OLD.total_yen
       OR NEW.blob IS NOT NULL AND NEW.blob IS DISTINCT FROM OLD.blob THEN
        RAISE EXCEPTION 'the file of batch % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen_file_stays BEFORE UPDATE ON payouts_batch
    FOR EACH ROW WHEN (OLD.sha256 <> '') EXECUTE FUNCTION frozen_file_stays();
"""
BANK_BACK = """
DROP TRIGGER frozen_file_stays ON payouts_batch;
DROP FUNCTION frozen_file_stays();
DROP TRIGGER bank_holds_together ON payouts_transfer;
DROP TRIGGER bank_holds_together ON payouts_payout;
DROP FUNCTION bank_holds_together();
"""

RIGHTS = """
REVOKE DELETE ON payouts_payout, payouts_payoutline, payouts_link, payouts_order, payouts_orderpart,
    payouts_code, payouts_batch, payouts_transfer, payouts_bankaccount, payouts_message
    FROM hosho_app;
REVOKE UPDATE ON payouts_payoutline, payouts_orderpart, payouts_code, payouts_transfer,
    payouts_bankaccount FROM hosho_app;
GRANT UPDATE (yen, released_at, edition) ON payouts_payoutline TO hosho_app;
GRANT UPDATE (code_id, provider_ref) ON payouts_orderpart TO hosho_app;
GRANT UPDATE (taken_at) ON payouts_code TO hosho_app;
GRANT UPDATE (state, return_reason) ON payouts_transfer TO hosho_app;
"""
RIGHTS_BACK = """
GRANT UPDATE ON payouts_payoutline, payouts_orderpart, payouts_code, payouts_transfer,
    payouts_bankaccount TO hosho_app;
GRANT DELETE ON payouts_payout, payouts_payoutline, payouts_link, payouts_order, payouts_orderpart,
    payouts_code, payouts_batch, payouts_transfer, payouts_bankaccount, payouts_message
    TO hosho_app;
"""

PAYOUT = {
    "waiting": ["ready", "nothing_due", "cancelled"],
    "ready": ["issuing", "listed", "lapsed", "cancelled", "waiting"],
    "issuing": ["issued", "ready"],
    "lapsed": ["ready"],
    "listed": ["handed_over", "ready"],
    "handed_over": ["paid", "returned"],
    "paid": ["returned"],
    "returned": ["ready", "given_up"],
}


class Migration(migrations.Migration):
    dependencies = [("payouts", "0005_guards_by_statement"), ("config", "0004_arrows")]

    operations = [
        migrations.RunSQL(AMOUNT, AMOUNT_BACK),
        migrations.RunSQL(ORDERS, ORDERS_BACK),
        migrations.RunSQL(BANK, BANK_BACK),
        arrows("payouts_payout", PAYOUT),
        arrows("payouts_order", {"placed": ["issued", "rejected"], "issued": ["cancelled"]}),
        arrows(
            "payouts_batch",
            {"cut": ["released", "dissolved"], "released": ["handed_over", "dissolved"]},
        ),
        arrows(
            "payouts_transfer",
            {
                "listed": ["removed", "handed_over"],
                "handed_over": ["paid", "returned"],
                "paid": ["returned"],
            },
        ),
        migrations.RunSQL(RIGHTS, RIGHTS_BACK),
    ]
