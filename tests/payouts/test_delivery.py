"""Delivery receipts over real HTTP: proved, once, in any order, early, late, and for nobody."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from config import clock
from payouts import brakes, delivery, dispatch, messages
from payouts.models import Barred, Message, Receipt
from payouts.outbound.messages import Accepted, Told, Unknown
from payouts.outbound.signed_http import signature
from tests.payouts import rows

pytestmark = pytest.mark.django_db
over_http = pytest.mark.django_db(transaction=True)

SECRET = "the vendor's own secret for receipts"
TO = messages.Reach("22", "sms", "+819012345678")
AT = rows.LINKS_GO + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def provider(settings: object) -> None:
    """A site with a provider of SMS that tells what became of them."""
    settings.SMS_PROVIDER = "http_json+https://KEY:OWN@sms.example/send"
    settings.SMS_HOOK_SECRET = SECRET


def sent(key: str = "decision:1", ref: str = "P-1") -> Message:
    """A message that the provider took."""
    with clock.at(rows.LINKS_GO):
        message = rows.message(key, "decision", TO, facts={"receipt": "K7Q2-M9XA-3BCD"})
        lease, batch = dispatch.claim("sms", 10)
        dispatch.finish(lease, [dispatch.Result(each, Accepted(ref)) for each in batch])
    message.refresh_from_db()
    assert message.state == "sent"
    return message


def told(outcome: str, minutes: int = 1, key: str = "decision:1", **more: object) -> Told:
    """A receipt about a message, some minutes after its sending."""
    at = rows.LINKS_GO + timedelta(minutes=minutes)
    return Told(key, "", outcome, at, **more)


def keep(*receipts: Told) -> None:
    """Take receipts as the hook does."""
    with clock.at(AT):
        delivery.keep("http_json", "sms", receipts)


def state(message: Message) -> tuple[str, str, str]:
    message.refresh_from_db()
    return message.state, message.failure, message.cause


def post(server: LiveServer, path: str, body: bytes, **headers: str) -> int:
    """POST over HTTP; the status."""
    place = urlsplit(server.url)
    connection = HTTPConnection(place.hostname, place.port, timeout=10)
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    status = connection.getresponse().status
    connection.close()
    return status


def receipts(*rows: dict[str, object]) -> bytes:
    return json.dumps({"receipts": rows}).encode()


def told_over_http(server: LiveServer, body: bytes, secret: str = SECRET, **headers: str) -> int:
    """What the provider's machine does: sign and post."""
    path, moment = "/hooks/http_json/", str(int(clock.real_now().timestamp()))
    proof = signature(secret, "POST", path, moment, body)
    sends = {"X-Hosho-Moment": moment, "X-Hosho-Signature": proof} | headers
    return post(server, path, body, **sends)


DELIVERED = {"reference": "decision:1", "status": "delivered", "at": AT.isoformat()}


@over_http
def test_a_signed_receipt_is_believed_once(live_server: LiveServer) -> None:
    message = sent()
    body = receipts(DELIVERED)
    assert [told_over_http(live_server, body) for _ in range(3)] == [200, 200, 200]
    assert state(message) == ("delivered", "", "")
    assert Receipt.objects.count() == 1


@over_http
def test_a_forged_receipt_changes_nothing(live_server: LiveServer) -> None:
    message = sent()
    body = receipts(DELIVERED)
    old = str(int(clock.real_now().timestamp()) - 3600)
    stale = signature(SECRET, "POST", "/hooks/http_json/", old, body)
    tries = [
        post(live_server, "/hooks/http_json/", body),
        told_over_http(live_server, body, secret="guessed"),
        told_over_http(live_server, body, **{"X-Hosho-Signature": "0" * 64}),
        told_over_http(live_server, body, **{"X-Hosho-Moment": old, "X-Hosho-Signature": stale}),
        post(live_server, "/hooks/postmark/", body),
        post(live_server, "/hooks/demo/", body),
        post(live_server, "/hooks/nobody/", body),
    ]
    assert tries == [403, 403, 403, 403, 404, 404, 404]
    assert (state(message)[0], Receipt.objects.count()) == ("sent", 0)


@over_http
@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"[]",
        b'{"receipts": "all"}',
        b'{"receipts": [1]}',
        b'{"receipts": [{"status": "delivered"}]}',
        b'{"receipts": [{"status": "failed", "at": "yesterday", "reference": "x"}]}',
        b'{"receipts": [{"status": "failed", "at": "2023-13-45T00:00:00Z", "reference": "x"}]}',
        b'{"receipts": [{"status": "failed", "at": "2023-04-10T00:00:00Z", "reference": ["x"]}]}',
    ],
)
def test_a_proved_call_that_says_nothing_readable_is_told_so(
    live_server: LiveServer, body: bytes
) -> None:
    assert told_over_http(live_server, body) == 400
    assert not Receipt.objects.exists()


@over_http
def test_postmark_proves_itself_by_its_password(live_server: LiveServer, settings: object) -> None:
    settings.EMAIL_URL, settings.EMAIL_HOOK_SECRET = "postmark://token@", "postmark:its-password"
    with clock.at(rows.LINKS_GO):
        mail = rows.message(
            "decision:1", "decision", messages.Reach("22", "email", "hana@example.jp"), facts={}
        )
        lease, batch = dispatch.claim("email", 1)
        dispatch.finish(lease, [dispatch.Result(batch[0], Accepted("pm-1"))])
    body = json.dumps(
        {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "ID": 42,
            "MessageID": "pm-1",
            "BouncedAt": AT.isoformat(),
            "Email": "hana@example.jp",
            "Metadata": {"reference": "decision:1"},
        }
    ).encode()
    right = {"Authorization": "Basic " + base64.b64encode(b"postmark:its-password").decode()}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"postmark:other").decode()}
    assert post(live_server, "/hooks/postmark/", body, **wrong) == 403
    assert state(mail)[0] == "sent"
    assert post(live_server, "/hooks/postmark/", body, **right) == 200
    assert state(mail) == ("failed", "bounced", "permanent")
    assert brakes.is_barred("email", "Hana@example.jp")


@over_http
def test_mailgun_proves_itself_by_its_signature(live_server: LiveServer, settings: object) -> None:
    settings.EMAIL_URL, settings.EMAIL_HOOK_SECRET = "mailgun://key@mg.example.jp", "signing-key"
    with clock.at(rows.LINKS_GO):
        mail = rows.message(
            "decision:1", "decision", messages.Reach("22", "email", "hana@example.jp"), facts={}
        )
        lease, batch = dispatch.claim("email", 1)
        dispatch.finish(lease, [dispatch.Result(batch[0], Accepted("<1@mg.example.jp>"))])
    moment, token = str(int(AT.timestamp())), "t" * 50
    proof = hmac.new(b"signing-key", f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
    event = {
        "event": "delivered",
        "timestamp": AT.timestamp(),
        "recipient": "hana@example.jp",
        "message": {"headers": {"message-id": "1@mg.example.jp"}},
        "user-variables": {"reference": "decision:1"},
    }
    signed = {"timestamp": moment, "token": token, "signature": proof}
    forged = {**signed, "signature": "0" * 64}
    bodies = [json.dumps({"signature": s, "event-data": event}).encode() for s in (forged, signed)]
    assert [post(live_server, "/hooks/mailgun/", body) for body in bodies] == [403, 200]
    assert state(mail)[0] == "delivered"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newest_receipt_holds_in_whatever_order_they_come(order: tuple[int, int]) -> None:
    message = sent()
    both = [told("failed", 1, code="absent"), told("delivered", 2)]
    for each in order:
        keep(both[each])
    assert state(message) == ("delivered", "", "")


def test_receipts_of_one_call_are_weighed_among_themselves() -> None:
    message = sent()
    keep(told("delivered", 1), told("failed", 2, code="taken_back"), told("delayed", 3))
    assert state(message) == ("failed", "taken_back", "temporary")


def test_at_one_moment_arrival_outweighs_failure() -> None:
    message = sent()
    keep(told("delivered", 1))
    keep(told("failed", 1, code="x"))
    assert state(message)[0] == "delivered"


def test_a_receipt_before_our_own_word_of_the_sending_waits_for_it() -> None:
    with clock.at(rows.LINKS_GO):
        message = rows.message("decision:1", "decision", TO, facts={"receipt": "K7Q2"})
        lease, batch = dispatch.claim("sms", 10)
    keep(told("delivered"))  # the provider is faster than our commit
    assert state(message)[0] == "queued"
    with clock.at(rows.LINKS_GO):
        dispatch.finish(lease, [dispatch.Result(batch[0], Accepted("P-1"))])
        assert state(message)[0] == "sent"
        assert delivery.match() == 1
    assert state(message)[0] == "delivered"


def test_a_receipt_ends_the_doubt_of_a_message_without_an_answer() -> None:
    with clock.at(rows.LINKS_GO):
        message = rows.message("decision:1", "decision", TO, facts={"receipt": "K7Q2"})
        lease, batch = dispatch.claim("sms", 10)
        dispatch.finish(lease, [dispatch.Result(batch[0], Unknown())])
    assert state(message)[0] == "queued"
    keep(told("delivered"))
    assert state(message) == ("delivered", "", "")
    with clock.at(rows.LINKS_GO + timedelta(days=1)):
        Message.objects.update(next_at=None)
        assert dispatch.claim("sms", 10)[1] == []


def test_a_message_never_tried_is_not_delivered_by_a_receipt() -> None:
    message = rows.message("decision:1", "decision", TO, facts={})
    keep(told("delivered"))
    assert state(message)[0] == "queued"


def test_a_receipt_by_the_providers_number_finds_its_message() -> None:
    message = sent(ref="P-77")
    keep(Told("", "P-77", "delivered", AT))
    assert state(message)[0] == "delivered"


def test_receipts_for_nobody_are_kept_for_a_while_and_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "UNMATCHED", 3)
    message = sent()
    keep(*(told("delivered", key=f"stranger:{n}") for n in range(3)))
    keep(*(told("delivered", key=f"later:{n}") for n in range(3)), told("delivered"))
    assert state(message)[0] == "delivered"
    assert Receipt.objects.filter(message=None).count() == 3
    with clock.at(AT + delivery.KEPT_FOR):
        delivery.expire()
    assert Receipt.objects.filter(message=None).count() == 0
    assert Receipt.objects.count() == 1


def test_a_receipt_of_another_channel_is_not_believed() -> None:
    message = sent()
    delivery.keep("postmark", "email", [told("failed", permanent=True)])
    assert state(message)[0] == "sent"


def test_a_failure_for_good_bars_the_address_and_one_for_now_does_not() -> None:
    sent()
    keep(told("failed", code="absent"))
    assert not Barred.objects.exists()
    keep(told("failed", 2, code="no_contract", permanent=True))
    assert brakes.is_barred("sms", TO.address)


def test_what_nobody_confirms_within_72_hours_is_known() -> None:
    message = sent()
    with clock.at(rows.LINKS_GO + timedelta(hours=71, minutes=59)):
        assert delivery.expire() == 0
    with clock.at(rows.LINKS_GO + timedelta(hours=72)):
        assert delivery.expire() == 1
    assert state(message) == ("unconfirmed", "unconfirmed", "")
    keep(told("delivered", minutes=60 * 80))  # a phone that was off for four days
    assert state(message) == ("delivered", "", "")


def test_silence_of_a_provider_that_never_tells_means_nothing(settings: object) -> None:
    message = sent()
    settings.SMS_PROVIDER = "demo"
    with clock.at(rows.LINKS_GO + timedelta(days=30)):
        assert delivery.expire() == 0
    assert state(message)[0] == "sent"


def test_a_receipt_keeps_no_address() -> None:
    keep(told("delivered"))
    kept = Receipt.objects.values("reference", "provider_ref", "code", "happened_at").get()
    assert not re.search(r"9012345678|@", str(kept))
    assert isinstance(kept["happened_at"], datetime)
