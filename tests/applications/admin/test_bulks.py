"""The pages of a bulk approval: preview, release by another, progress, results, by role."""

import pytest
from django.test import Client

from applications import bulk, matching
from applications.models import Application, Bulk
from tests.applications import rows

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/bulk/"


@pytest.fixture
def clean() -> list[Application]:
    made = [
        rows.application(rows.coupon(), phone=f"+8190111122{i:02}", delivery=f"+8190333322{i:02}")
        for i in range(2)
    ]
    matching.rematch()
    return made


def prepared(client: Client, role: str = "reviewer") -> Bulk:
    rows.signed_in(client, rows.clerk(role))
    text = client.get(f"{LIST}new/").content.decode()
    assert "この2件を起案する" in text
    answer = client.post(f"{LIST}new/", {"prefecture": "22", "most": "100"})
    made = Bulk.objects.get()
    assert answer["location"] == f"{LIST}{made.pk}/change/"
    return made


@pytest.mark.usefixtures("clean")
def test_a_list_is_put_forward_approved_by_another_and_its_results_shown(client: Client) -> None:
    made = prepared(client)
    text = client.get(f"{LIST}{made.pk}/change/").content.decode()
    assert ("4,000円" in text, "を承認する" in text) == (True, False)

    rows.signed_in(client, rows.clerk("approver"))
    assert "2件、4,000円を承認する" in client.get(f"{LIST}{made.pk}/change/").content.decode()
    assert client.post(f"{LIST}{made.pk}/act/approve/").status_code == 302
    assert "0件 / 2件" in client.get(f"{LIST}{made.pk}/change/").content.decode()

    bulk.go_on()
    text = client.get(f"{LIST}{made.pk}/change/?result=approved").content.decode()
    assert ("2件 / 2件（100％）" in text, text.count("<td>承認</td>")) == (True, 2)
    assert client.get(LIST).status_code == 200


@pytest.mark.usefixtures("clean")
def test_who_prepared_it_is_refused_even_by_a_direct_post(client: Client) -> None:
    made = prepared(client, "manager")

    client.post(f"{LIST}{made.pk}/act/approve/")

    assert "別の担当者が承認してください。" in client.get(LIST).content.decode()
    assert Bulk.objects.get().approved_at is None


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("call_centre", (403, 200, 403)),
        ("reviewer", (200, 200, 403)),
        ("approver", (200, 200, 302)),
        ("payer", (403, 200, 403)),
        ("auditor", (403, 200, 403)),
        ("manager", (200, 200, 302)),
    ],
)
def test_roles(client: Client, role: str, statuses: tuple[int, int, int]) -> None:
    made = bulk.prepare("22", by=rows.clerk())
    rows.signed_in(client, rows.clerk(role))

    answers = (
        client.get(f"{LIST}new/"),
        client.get(f"{LIST}{made.pk}/change/"),
        client.post(f"{LIST}{made.pk}/act/approve/"),
    )
    assert tuple(answer.status_code for answer in answers) == statuses


@pytest.mark.usefixtures("clean")
def test_a_list_of_another_prefecture_does_not_exist(client: Client) -> None:
    made = bulk.prepare("22", by=rows.clerk())
    rows.signed_in(client, rows.clerk("manager", "24"))

    assert client.get(f"{LIST}{made.pk}/change/").status_code == 404
    assert client.get(f"{LIST}new/", {"prefecture": "22"}).status_code == 403


def test_the_list_of_second_looks_opens(client: Client) -> None:
    rows.signed_in(client, rows.clerk("approver"))
    assert client.get("/admin/applications/secondlook/").status_code == 200
