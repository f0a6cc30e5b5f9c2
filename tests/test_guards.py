"""What the database refuses, whoever asks: SQL as the processes' role could send it."""

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from config.states import Stateful
from payouts import gifts
from payouts.models import Order
from tests.payouts import rows
from tests.payouts.test_gifts import ready

STATEFUL = [model for model in apps.get_models() if issubclass(model, Stateful)]


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model.__name__)
@pytest.mark.django_db
def test_the_database_knows_the_arrows_of_the_model(model: type[Stateful]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgargs FROM pg_trigger WHERE tgname = 'arrows' AND tgrelid = %s::regclass",
            [model._meta.db_table],
        )
        arguments = bytes(cursor.fetchone()[0]).decode().strip("\0").split("\0")
    assert arguments == sorted(f"{o}>{n}" for o, news in model.ARROWS.items() for n in news)


@pytest.fixture
def issued(app_role: psycopg.Connection) -> psycopg.Connection:
    """The processes' connection to a database with one payout issued from the stock."""
    payout = ready(yen=500)
    rows.codes("ponta", 500, 2)
    with rows.clock.at(rows.LINKS_GO):
        assert gifts.choose(payout, "ponta").state == Order.State.ISSUED
    return app_role


BREAKING = {
    "line deleted": "DELETE FROM payouts_payoutline",
    "line moved": "UPDATE payouts_payoutline SET payout_id = payout_id + 1",
    "issued reopened": "UPDATE payouts_payout SET state = 'ready'",
    "issued cancelled": "UPDATE payouts_payout SET state = 'cancelled'",
    "order cancelled": "UPDATE payouts_order SET state='cancelled';SET CONSTRAINTS ALL IMMEDIATE",
    "order deleted": "DELETE FROM payouts_order",
    "part deleted": "DELETE FROM payouts_orderpart",
    "code freed": "UPDATE payouts_code SET taken_at = NULL WHERE taken_at IS NOT NULL",
    "code dearer": "UPDATE payouts_code SET face_value = 1000",
    "code deleted": "DELETE FROM payouts_code",
    "amount taken away": "UPDATE payouts_payout SET amount = NULL",
    "amount changed": "UPDATE payouts_payout SET amount = 501; SET CONSTRAINTS ALL IMMEDIATE",
    "one signature": "UPDATE payouts_payout SET prepared_by_id = approved_by_id",
    "history rewritten": "UPDATE payouts_payoutstep SET new = 'ready'",
    "history deleted": "DELETE FROM payouts_payoutstep",
    "seal changed": "UPDATE coupons_sealeditem SET yen = 1",
    "ledger changed": "UPDATE coupons_entry SET yen = 1",
    "history emptied": "TRUNCATE payouts_payoutstep",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_processes_can_not(issued: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.Error), issued.transaction():
        for part in statement.split(";"):
            issued.execute(part)


def test_a_payout_is_not_paid_without_its_transfer(app_role: psycopg.Connection) -> None:
    coupon = rows.coupon(yen=500)
    rows.seal(coupon)
    rows.payout(coupon, road="bank", bank_account=rows.account())
    with app_role.transaction():
        app_role.execute("UPDATE payouts_payoutline SET yen = 500")
        app_role.execute("UPDATE payouts_payout SET state = 'ready', amount = 500")
    with pytest.raises(psycopg.Error, match="live transfers"), app_role.transaction():
        app_role.execute("UPDATE payouts_payout SET state = 'listed'")
        app_role.execute("SET CONSTRAINTS ALL IMMEDIATE")
