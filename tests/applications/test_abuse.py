"""Tries are counted before they are judged, and what can't be counted is not done (N85)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client

from applications import receipts, requests, status
from applications.models import ChangeRequest
from config import limits
from config.states import Refused
from payouts import messages
from payouts.models import Message
from tests.addresses import public
from tests.applications import rows
from tests.applications.test_status import refusal

HERE = "203.0.113.7"
UNCOUNTED = """
    CREATE FUNCTION pg_temp.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON config_limit
        FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.full_disk()"""


@pytest.mark.django_db
def test_a_hundred_wrong_tries_from_one_address_end_it_for_this_address_only() -> None:
    row = rows.application(rows.coupon())
    limits.hit("status_from", HERE, status.WINDOW, by=status.FROM_ONE)
    limits.hit("status_all", "", status.MINUTE, by=status.EVERYBODY - 1)
    for _ in range(3):  # what is stopped here takes nothing from what all have together
        assert refusal(status.find, receipts.new(), "0000", HERE) == "limit"
    assert status.find(row.receipt_number, "5678", "203.0.113.8") == row
    assert refusal(status.find, receipts.new(), "0000", "203.0.113.8") == "limit"


@pytest.mark.django_db
def test_right_tries_do_not_count_against_a_shared_address() -> None:
    found = [rows.application(rows.coupon()) for _ in range(3)]
    limits.hit("status_from", HERE, status.WINDOW, by=status.FROM_ONE - 1)
    for row in found:
        assert status.find(row.receipt_number, "5678", HERE) == row


@pytest.mark.django_db
def test_too_many_tries_get_a_page_that_says_when(client: Client) -> None:
    limits.hit("status_from", "127.0.0.1", status.WINDOW, by=status.FROM_ONE)
    page = client.post("/status/", {"receipt": receipts.written(receipts.new()), "proof": "0000"})
    assert (page.status_code, page.headers["Retry-After"]) == (429, "3600")
    assert "60分ほどあとに" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_however_many_try_at_once_five_second_proofs_are_compared() -> None:
    row = rows.application(rows.coupon("123456784321"))
    start = threading.Barrier(8)

    def guess(number: int) -> str:
        start.wait()
        try:
            status.make_sure(row, f"{number:04}")
        except Refused as why:
            return why.code
        finally:
            connection.close()
        return "right"

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(guess, range(8)))
    assert found == ["limit"] * 3 + ["wrong"] * status.SURE_TRIES


def wish(number: str, address: str) -> None:
    said = {
        "prefecture_code": "22",
        "inquiry_number": number,
        "name": "静岡 花子",
        "old_contact": "a@example.jp",
        "channel": "email",
        "delivery": "b@example.jp",
    }
    requests.ask_for_app_holder(said, address)


@pytest.mark.django_db
def test_wishes_of_app_holders_are_bounded_by_number_address_and_all_together() -> None:
    for _ in range(requests.A_DAY + 1):
        wish("123456784321", HERE)
    assert ChangeRequest.objects.count() == requests.A_DAY
    limits.hit("request_from", HERE, requests.DAY, by=requests.FROM_ONE)
    limits.hit("request_all", "", requests.DAY, by=requests.ALL_A_DAY - requests.A_DAY - 1)
    wish("123456784322", HERE)  # stopped, and not counted for all
    wish("123456784323", "203.0.113.8")
    wish("123456784324", "203.0.113.9")
    assert ChangeRequest.objects.count() == requests.A_DAY + 1


@pytest.mark.django_db
def test_what_can_not_be_counted_is_not_sent_and_reading_goes_on() -> None:
    row = rows.application(rows.coupon())
    client = Client(raise_request_exception=False)
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED)
    to = messages.Reach("22", "sms", "+819012345678")
    with pytest.raises(Exception, match="could not extend"), transaction.atomic():
        messages.write("receipt:1", "receipt", to)
    assert not Message.objects.exists()
    with transaction.atomic():
        typed = {"receipt": row.receipt_number, "proof": "5678"}
        answer = client.post("/status/", typed)
        transaction.set_rollback(True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    pages = {each.path: client.get(each.path).status_code for each in public()[::2]}
    assert {path: code for path, code in pages.items() if code >= 500} == {}
    assert sum(code == 200 for code in pages.values()) > 15
