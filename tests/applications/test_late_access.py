"""A way in after the deadline: two people, one link, one application (N79)."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from applications import draft as drafts
from applications import intake, late_access
from applications.models import Application, LateAccess
from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts.models import Message
from payouts.texts import render
from tests.applications import rows
from tests.applications.conftest import Traveller
from tests.applications.test_intake import POINTS

pytestmark = pytest.mark.django_db
AFTER = datetime(2023, 5, 2, 11, tzinfo=clock.JST)
ENDS = datetime(2023, 5, 9, tzinfo=clock.JST)
MICROSECOND = timedelta(microseconds=1)


def told(**values: object) -> dict[str, object]:
    return {
        "prefecture_code": "22",
        "reason": "site_down",
        "account": "4/30 23:40 送信時に503。記録と一致。",
        "name": "静岡 花子",
        "channel": "sms",
        "contact": "+819012345678",
        "language": "ja",
        "expires_at": ENDS,
    } | values


def approved(**values: object) -> LateAccess:
    with clock.at(AFTER):
        row = late_access.prepare(told(**values), by=rows.clerk("call_centre"))
        return late_access.approve(row, by=rows.clerk("manager"))


def entered(token: str, at: datetime = AFTER, **options: object) -> Application:
    with clock.at(at):
        return intake.receive(
            POINTS, arrived_at=at, submission_id=uuid4(), late_token=token, **options
        )


def test_the_link_goes_out_once_two_people_signed() -> None:
    with clock.at(AFTER):
        row = late_access.prepare(told(), by=rows.clerk("call_centre"))
        assert not Message.objects.exists()
        late_access.approve(row, by=rows.clerk("manager"))
    message = Message.objects.get()
    assert (message.kind, message.channel, message.address) == ("late", "sms", "+819012345678")
    assert late_access.address_of(row) in render(message).body
    assert late_access.token_of(row) not in str(message.facts)


def test_who_prepared_can_not_approve() -> None:
    one = rows.clerk("manager")
    with clock.at(AFTER):
        row = late_access.prepare(told(), by=one)
        with pytest.raises(Refused, match="ほかの人"):
            late_access.approve(row, by=one)


@pytest.mark.parametrize(
    ("at", "ends", "code"),
    [
        (NOTICE.dates.applications_close - MICROSECOND, ENDS, "open"),
        (AFTER, AFTER, "expires_at"),
        (AFTER, NOTICE.dates.bank_corrections_until + MICROSECOND, "expires_at"),
    ],
)
def test_what_is_no_case(at: datetime, ends: datetime, code: str) -> None:
    with clock.at(at), pytest.raises(Refused) as refused:
        late_access.prepare(told(expires_at=ends), by=rows.clerk("call_centre"))
    assert refused.value.code == code


def test_an_application_comes_in_by_the_link_and_is_marked() -> None:
    row = approved()
    made = entered(late_access.token_of(row))
    assert (made.marks, made.closes_at) == (["late_access"], ENDS)
    row.refresh_from_db()
    assert (row.application, row.used_at) == (made, AFTER)


def test_one_link_is_one_application() -> None:
    token = late_access.token_of(approved())
    entered(token)
    with pytest.raises(Refused, match="終わりました"):
        entered(token)
    assert Application.objects.count() == 1


def test_without_a_link_the_door_is_closed() -> None:
    with pytest.raises(Refused, match="終わりました"):
        entered("")
    with pytest.raises(Refused, match="終わりました"):
        entered("x" * 20)


def test_the_last_moment_of_a_link() -> None:
    token = late_access.token_of(approved())
    with pytest.raises(Refused):
        entered(token, ENDS)
    assert entered(token, ENDS - MICROSECOND).arrived_at == ENDS - MICROSECOND


def test_a_dropped_link_is_dead() -> None:
    row = approved()
    with clock.at(AFTER):
        late_access.drop(row, by=rows.clerk("manager"))
    with pytest.raises(Refused):
        entered(late_access.token_of(row))


BREAKING = {
    "one person": "UPDATE applications_lateaccess SET approved_by_id = prepared_by_id",
    "used twice": "UPDATE applications_lateaccess SET application_id = NULL, used_at = NULL",
    "longer": "UPDATE applications_lateaccess SET expires_at = expires_at + interval '1 day'",
    "another token": "UPDATE applications_lateaccess SET token_hash = 'x'",
    "used after its end": "UPDATE applications_lateaccess SET used_at = expires_at",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_database_refuses(statement: str) -> None:
    entered(late_access.token_of(approved()))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_one_application_is_no_second_links() -> None:
    made = entered(late_access.token_of(approved()))
    with pytest.raises(IntegrityError), transaction.atomic():
        LateAccess.objects.filter(pk=approved().pk).update(application=made, used_at=AFTER)


def test_the_traveller_applies_by_the_link(client: Client) -> None:
    address = f"/apply/late/{late_access.token_of(approved())}/"
    with clock.at(AFTER):
        traveller = Traveller(client)
        assert traveller.get("coupons").templates[0].name == "apply/closed.html"
        assert client.get(f"/l/{address.split('/')[3]}").headers["location"] == address
        assert "申請をはじめる" in client.get(address).content.decode()
        assert traveller.get("coupons").templates[0].name == "apply/closed.html"
        assert client.post(address).headers["location"] == "/apply/"
        traveller.get()
        traveller.fill()
        assert traveller.send().headers["location"] == "/apply/done/"
        made = Application.objects.get()
        assert made.marks == ["late_access"]
        ended = client.get(address)
        assert (ended.status_code, ended.templates[0].name) == (410, "late/ended.html")
        client.cookies.pop(drafts.NAME)  # a browser forgets it; the test client keeps it empty
        assert traveller.get("coupons").templates[0].name == "apply/closed.html"


def test_opening_the_link_spends_nothing(client: Client) -> None:
    row = approved()
    with clock.at(AFTER):
        client.get(f"/apply/late/{late_access.token_of(row)}/")
        client.post(f"/apply/late/{late_access.token_of(row)}/")
    row.refresh_from_db()
    assert row.used_at is None


def test_an_expired_and_an_unknown_link_say_so(client: Client) -> None:
    row = approved()
    with clock.at(ENDS):
        page = client.get(f"/apply/late/{late_access.token_of(row)}/")
        assert page.status_code == 410
        assert "5月8日" in page.content.decode()
        assert client.get("/apply/late/nothing/").status_code == 404
