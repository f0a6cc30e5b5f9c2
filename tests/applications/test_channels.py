"""The proof that messages arrive: by POST, once, and no bar where it is missing."""

import pytest
from django.test import Client

from applications import channels, receipts, review, tokens
from applications.models import Application, ChannelLink
from config import clock
from payouts import texts
from payouts.models import Message
from tests.applications import rows
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Application:
    """An application whose receipt was written."""
    row = rows.application(rows.coupon())
    with clock.at(rows.ARRIVED):
        channels.tell_receipt(row)
    return row


def path(row: Application) -> str:
    link = row.channellinks.get(replaced_at=None)
    return f"/status/p/{tokens.token_of(link)}/"


def test_the_receipt_carries_number_and_link_in_one_sms(told: Application) -> None:
    body = texts.render(Message.objects.get(kind="receipt")).body
    address = tokens.address_of(told.channellinks.get())
    assert body.endswith(address)
    assert receipts.written(told.receipt_number) in body


def test_get_proves_nothing_and_post_proves(client: Client, told: Application) -> None:
    for _ in range(3):
        assert client.get(path(told)).status_code == 200
    assert Application.objects.get().channel_proved_at is None
    with clock.at(rows.ARRIVED):
        answer = client.post(path(told))
    assert "確認できました" in answer.content.decode()
    assert Application.objects.get().channel_proved_at == rows.ARRIVED


def test_a_second_proof_keeps_the_first_moment(told: Application) -> None:
    token = tokens.token_of(told.channellinks.get())
    with clock.at(rows.ARRIVED):
        assert channels.prove(token)
    assert channels.prove(token)
    assert Application.objects.get().channel_proved_at == rows.ARRIVED


def test_the_short_address_leads_to_the_page(client: Client, told: Application) -> None:
    token = tokens.token_of(told.channellinks.get())
    answer = client.get(f"/p/{token}")
    assert (answer.status_code, answer.url) == (302, path(told))
    assert answer["Cache-Control"] == "no-store"


def test_unknown_and_replaced_links_look_the_same(client: Client, told: Application) -> None:
    old, never = path(told), "/status/p/AAAAAAAAAAAA/"
    tokens.make(ChannelLink, told, rows.ARRIVED)
    replaced, unknown = client.get(old), client.get(never)
    assert replaced.status_code == unknown.status_code == client.post(never).status_code == 404
    assert replaced.content.decode().replace(old, never) == unknown.content.decode()


def test_an_unproved_channel_is_no_bar(told: Application) -> None:
    with clock.at(rows.ARRIVED):
        assert review.check_clean(told).state == "checked"


def test_the_post_gets_no_link() -> None:
    channels.tell_receipt(rows.application(rows.coupon(), method="bank"))
    message = Message.objects.get()
    assert (message.channel, ChannelLink.objects.count()) == ("letter", 0)
    assert texts.link_of(message) == ""


def test_who_chose_the_bank_reads_what_the_passbook_prints() -> None:
    bank_rows.office()
    mail = {"channel": "email", "delivery": "hanako@example.jp", "email": "hanako@example.jp"}
    channels.tell_receipt(rows.application(rows.coupon(), method="bank", **mail))
    channels.tell_receipt(rows.application(rows.coupon(), **mail))
    words = "通帳には「シズオカケンジムキヨク」と印字されます。"
    told = [words in texts.render(each).body for each in Message.objects.order_by("id")]
    assert told == [True, False]
