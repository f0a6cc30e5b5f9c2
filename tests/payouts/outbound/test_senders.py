"""Which sender serves a channel."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from payouts.outbound.demo import Demo
from payouts.outbound.mail import Mail
from payouts.outbound.messages import ByHand, Text
from payouts.outbound.senders import provider_of, sender_for
from payouts.outbound.sms import HttpJson


def test_sender_for_gives_the_demo_that_remembers(settings: Settings) -> None:
    settings.SMS_PROVIDER, settings.EMAIL_URL = "demo", "demo://"
    sms, email = sender_for("sms"), sender_for("email")
    assert isinstance(sms, Demo)
    assert isinstance(email, Demo)
    assert (sms.kind, email.kind) == ("sms", "mail")
    assert sender_for("sms") is sms


def test_sender_for_reads_the_address_of_the_sms_provider(settings: Settings) -> None:
    settings.SMS_PROVIDER = "http_json+https://key:secret@sms.example/v1/send?concurrency=32"
    sms = sender_for("sms")
    assert isinstance(sms, HttpJson)
    assert (sms.endpoint.host, sms.endpoint.path, sms.endpoint.key) == (
        "sms.example",
        "/v1/send",
        "key",
    )
    assert (sms.concurrency, sms.endpoint.timeout) == (32, settings.PROVIDER_TIMEOUT_SECONDS)


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://u:p%40ss@mail.example", 587, True, False),
        ("smtp+ssl://u:p%40ss@mail.example:4650", 4650, False, True),
    ],
)
def test_sender_for_reads_the_address_of_the_mail_server(
    settings: Settings, url: str, port: int, tls: bool, ssl: bool
) -> None:
    settings.EMAIL_URL = url
    mail = sender_for("email")
    assert isinstance(mail, Mail)
    options = mail.options
    assert (options["host"], options["port"]) == ("mail.example", port)
    assert (options["use_tls"], options["use_ssl"]) == (tls, ssl)
    assert options["password"] == ("" if url.startswith("smtp:") else "p@ss")
    assert (options["timeout"], mail.concurrency) == (settings.PROVIDER_TIMEOUT_SECONDS, 4)


def test_sender_for_prints_mail_to_the_console(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_URL = "consolemail://"
    sender_for("email").send("r", "taro@example.jp", Text("body", "subject"))
    assert "To: taro@example.jp" in capsys.readouterr().out


@pytest.mark.parametrize("channel", ["letter", "call"])
def test_sender_for_a_letter_waits_for_a_person(channel: str) -> None:
    sender = sender_for(channel)
    assert (sender.send("r", "", Text("")), sender.lookup("r")) == (ByHand(), ByHand())


@pytest.mark.parametrize(
    "provider",
    ["", "http_json", "twilio+https://k:s@host", "http_json+ftp://k:s@host", "http_json+https://h"],
)
def test_sender_for_refuses_an_sms_provider_that_it_does_not_know(
    settings: Settings, provider: str
) -> None:
    settings.SMS_PROVIDER = provider
    with pytest.raises(ImproperlyConfigured, match="SMS_PROVIDER"):
        sender_for("sms")


@pytest.mark.parametrize("count", ["0", "65", "x"])
def test_sender_for_refuses_a_concurrency_that_is_none(settings: Settings, count: str) -> None:
    settings.EMAIL_URL = f"smtp://mail.example?concurrency={count}"
    with pytest.raises(ImproperlyConfigured, match="concurrency"):
        sender_for("email")


def test_sender_for_refuses_an_unknown_channel_and_mail_kind(settings: Settings) -> None:
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        sender_for("pigeon")
    settings.EMAIL_URL = "pigeon://loft"
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        sender_for("email")


def test_sender_for_reads_pace_and_receipts(settings: Settings) -> None:
    settings.SMS_PROVIDER = "http_json+https://k:s@sms.example/?rate=20&receipts=no"
    sms = sender_for("sms")
    assert (sms.rate, sms.receipts, sms.concurrency) == (20, False, 8)
    settings.SMS_PROVIDER = "aws-sns://KEY:SECRET@ap-northeast-1?rate=5&concurrency=3"
    sms = sender_for("sms")
    assert (sms.rate, sms.receipts, sms.concurrency) == (5, False, 3)
    assert sms.client.meta.region_name == "ap-northeast-1"
    settings.EMAIL_URL = "mailgun://KEY@mg.example.jp?rate=7"
    mail = sender_for("email")
    assert (mail.rate, mail.receipts, mail.options["sender_domain"]) == (7, True, "mg.example.jp")


def test_provider_of_names_whose_receipts_are_believed(settings: Settings) -> None:
    assert [provider_of(channel) for channel in ("sms", "email")] == [("", ""), ("", "")]
    settings.SMS_PROVIDER = "http_json+https://key:its%2Fown@sms.example/"
    assert provider_of("sms") == ("http_json", "its/own")
    settings.SMS_HOOK_SECRET = "another"
    assert provider_of("sms") == ("http_json", "another")
    settings.SMS_PROVIDER = "aws-sns://ap-northeast-1"
    assert provider_of("sms") == ("aws-sns", "another")
    settings.EMAIL_URL = "postmark://token@"
    assert provider_of("email") == ("", "")
    settings.EMAIL_HOOK_SECRET = "user:word"
    assert provider_of("email") == ("postmark", "user:word")
