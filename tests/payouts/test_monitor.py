"""送信状況 and the work lists: what they show, and who may do what."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import clock, rehearsal
from config.models import Offset
from config.notice import NOTICE
from payouts import brakes, dispatch, dispatch_figures, messages, opening
from payouts.models import LateLink, Message, MessageAct, Pause
from payouts.outbound.demo import Demo
from tests.payouts import rows
from tests.payouts.sealed_rows import clerk

pytestmark = pytest.mark.django_db
LIST = "/admin/payouts/message/"
AT = rows.LINKS_GO + timedelta(minutes=5)


def signed_in(client: Client, name: str, *rights: str, prefectures: tuple[str, ...] = ()) -> Client:
    """A clerk with these rights of payouts, logged in with a code."""
    user = clerk(name, *prefectures)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="test")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


@pytest.fixture(autouse=True)
def at_the_moment(db: None) -> None:
    move(AT)


def move(at: datetime) -> None:
    """Let the shared clock stand at a moment, for this test and for the pages."""
    Offset.objects.update_or_create(id=1, defaults={"ahead": at - clock.real_now()})
    rehearsal.refresh()


def written() -> None:
    """Two that go, one refused for good, one for now, one that waits for tomorrow, in Shizuoka."""
    for n, end in enumerate(("0001", "0002", "0550", "0450")):
        to = messages.Reach("22", "sms", f"+81901111{end}")
        messages.write(f"decision:{n}", "decision", to, facts={"receipt": "K7Q2"}, subject="x:1")
    to = messages.Reach("24", "email", "hana@example.jp")
    messages.write("decision:9", "decision", to, facts={"receipt": "K7Q2"})
    dispatch.deliver("sms", sender=Demo("sms"))


def test_the_monitor_counts_by_channel_state_and_reason(client: Client) -> None:
    written()
    found = dispatch_figures.figures(["22", "24"])
    sms, mail = found.channels
    assert dict(sms.counts) == {"sent": 2, "given_up": 1, "queued": 1}
    assert (dict(mail.counts), sms.last_minute) == ({"queued": 1}, 2)
    assert [(each.code, each.count, each.waits) for each in found.failures] == [
        ("no_such_address", 1, False),
        ("try_later", 1, True),
    ]
    (progress,) = found.progress
    assert (progress.total, progress.gone, progress.percent, progress.failed) == (5, 3, 60, 1)
    assert progress.ends_at > AT
    page = signed_in(client, "looker", "view_message").get(f"{LIST}monitor/").content.decode()
    assert "宛先が存在しません" in page
    assert "送信を停止する" not in page


def test_the_monitor_shows_the_clerks_own_prefectures_only(client: Client) -> None:
    written()
    assert dispatch_figures.figures(["24"]).channels[0].counts == {}
    page = signed_in(client, "mie", "view_message", prefectures=("24",)).get(f"{LIST}monitor/")
    assert "宛先が存在しません" not in page.content.decode()


def test_a_pause_is_made_and_ended_on_the_monitor_by_who_may(client: Client) -> None:
    signed_in(client, "looker", "view_message")
    form = {"channel": "sms", "reason": "文面の確認"}
    assert client.post(f"{LIST}monitor/pause/", form).status_code == 403
    signed_in(client, "boss", "view_message", "pause_sending")
    page = client.post(f"{LIST}monitor/pause/", form, follow=True).content.decode()
    assert "SMSは停止中です" in page
    assert "文面の確認" in page
    assert "boss" in page
    page = client.post(f"{LIST}monitor/pause/", {"channel": "sms", "reason": "x"}, follow=True)
    assert "すでに停止しています" in page.content.decode()
    client.post(f"{LIST}monitor/pause/", {"act": "resume", "channel": "sms"})
    assert not brakes.paused("sms")
    client.post(f"{LIST}monitor/pause/", {"channel": "all", "reason": "訓練"})
    assert Pause.objects.filter(ended_at=None).count() == 2
    for wrong in ({"channel": "fax", "reason": "x"}, {"act": "resume", "channel": "fax"}, {}):
        assert client.post(f"{LIST}monitor/pause/", wrong).status_code == 302
    assert client.get(f"{LIST}monitor/pause/").status_code == 405


def test_a_spent_budget_is_told_on_the_monitor(client: Client, settings: object) -> None:
    settings.SMS_DAILY_BUDGET_YEN = settings.SMS_PRICE_YEN
    written()
    page = signed_in(client, "looker", "view_message").get(f"{LIST}monitor/").content.decode()
    assert "予算（その他の通知）に達しました" in page


def test_the_work_list_says_why_and_what_to_do_and_does_it(client: Client) -> None:
    written()
    message = Message.objects.get(state="given_up")
    signed_in(client, "looker", "view_message", "resend_link")
    page = client.get(f"{LIST}undelivered/").content.decode()
    assert "宛先が存在しません" in page
    assert "停止を解除する" in page
    client.post(f"{LIST}{message.pk}/lift/")
    page = client.post(f"{LIST}{message.pk}/again/", follow=True).content.decode()
    assert "もう一度送ります。" in page
    assert "届かなかった通知はありません。" in page
    assert MessageAct.objects.count() == 2
    page = client.post(f"{LIST}{message.pk}/handle/", follow=True).content.decode()
    assert "すでに対応済みです" in page


def test_the_work_list_is_narrowed_by_channel_and_reason(client: Client) -> None:
    written()
    signed_in(client, "looker", "view_message")
    for query, count in (
        ("?channel=sms&reason=no_such_address", 1),
        ("?channel=email", 0),
        ("?reason=other", 0),
        ("?reason=%00&p=x", 1),
    ):
        page = client.get(f"{LIST}undelivered/{query}")
        assert (query, page.status_code) == (query, 400 if "%00" in query else 200)
        if page.status_code == 200:
            assert page.context["page"].paginator.count == count


@pytest.mark.parametrize("verb", ["again", "handle", "lift"])
def test_who_only_looks_does_nothing(client: Client, verb: str) -> None:
    written()
    message = Message.objects.get(state="given_up")
    signed_in(client, "looker", "view_message")
    assert client.post(f"{LIST}{message.pk}/{verb}/").status_code == 403
    signed_in(client, "mie", "view_message", "resend_link", prefectures=("24",))
    assert client.post(f"{LIST}{message.pk}/{verb}/").status_code == 404
    assert not MessageAct.objects.exists()


@pytest.mark.parametrize("language", ["ja", "en", "xx"])
def test_samples_are_the_texts_that_are_sent(client: Client, language: str) -> None:
    page = signed_in(client, "looker", "view_message").get(
        f"{LIST}samples/?language={language}&prefecture=22"
    )
    assert len(page.context["rows"]) == len(Message.Kind.choices)
    assert NOTICE.prefectures["22"].office_name in page.content.decode()


def test_late_links_are_proposed_and_approved_by_two(client: Client) -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    payout = rows.payout(coupon)
    move(NOTICE.end_of("last_ordinary_link") + timedelta(hours=11))
    day = (NOTICE.end_of("receiving_closes") + timedelta(days=9)).date().isoformat()
    signed_in(client, "one", "view_message", "view_payout", "add_latelink", "change_latelink")
    assert "判断が必要な支払い" in client.get(f"{LIST}late/").content.decode()
    for wrong in ({}, {"until": "2023-13-45", "reason": "x"}, {"until": day}):
        client.post(f"{LIST}late/{payout.pk}/propose/", wrong)
    assert not LateLink.objects.exists()
    client.post(f"{LIST}late/{payout.pk}/propose/", {"until": day, "reason": "審査の遅れ"})
    late = LateLink.objects.get()
    client.post(f"{LIST}late/{late.pk}/approve/")
    late.refresh_from_db()
    assert late.approved_at is None
    signed_in(client, "two", "view_message", "view_payout", "change_latelink")
    client.post(f"{LIST}late/{late.pk}/approve/")
    late.refresh_from_db()
    assert late.approved_by.username == "two"
    assert opening.release_due()["ready"] == 1
