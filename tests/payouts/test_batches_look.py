"""The pages of batches in a browser: within 1280 px, without barriers, a sheet of one A4 page."""

import re

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from config import clock
from payouts import answer_files, offices, recalls, transfers
from tests.applications import rows as clerks
from tests.applications.admin.test_look import faults
from tests.browser import DESK, chromium, needs_chromium, page_of
from tests.payouts.bank_rows import CUT_AT, HEADS, MONDAY, office, ready, said

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]


def pages() -> list[str]:
    """Addresses with something on them; the last is the control sheet."""
    office()
    payout = ready(1730)
    payer, approver = clerks.clerk("payer"), clerks.clerk("approver")
    first = transfers.cut("22", MONDAY, by=payer).batch
    transfers.release(first, by=approver)
    transfers.hand_over(first, by=payer)
    ready(12_345)
    second = transfers.cut("22", MONDAY, by=payer).batch
    sent = first.transfers.get()
    raw = f"{HEADS}\n{said(sent, '振込不能')}\n999,1,入金済,\n".encode()
    file = answer_files.submit(raw, "a.csv", "results", "22", by=payer)
    recalls.ask(sent, reason="口座の取り違え", by=payer)
    account = offices.OwnAccount("1", "ジムキヨク", "0149", "111", "1", "1")
    change = offices.prepare("22", account, reason="契約", by=payer)
    batches, own = "/admin/payouts/batch/", "/admin/payouts/office/"
    return [
        own,
        f"{own}22/change/",
        f"{own}propose/?prefecture=22",
        f"/admin/payouts/officechange/{change.pk}/change/",
        batches,
        f"{batches}new/",
        *(f"{batches}{each.pk}/change/" for each in (first, second)),
        f"/admin/payouts/payout/{payout.pk}/life/",
        "/admin/payouts/answerfile/",
        "/admin/payouts/answerfile/new/",
        f"/admin/payouts/answerfile/{file.pk}/change/",
        f"/admin/payouts/transfer/{sent.pk}/change/",
        f"/admin/payouts/givingup/of/{payout.pk}/",
        f"{batches}{first.pk}/sheet/",
    ]


def test_no_page_of_a_batch_has_a_barrier_and_the_sheet_is_one_page(
    live_server: LiveServer, client: Client
) -> None:
    found = []
    with (
        clock.at(CUT_AT),
        chromium() as browser,
        page_of(browser, script=True, viewport=DESK) as page,
    ):
        addresses = pages()
        clerks.signed_in(client, clerks.clerk("approver", is_superuser=True))
        page.context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": live_server.url}
                for name, morsel in client.cookies.items()
            ]
        )
        for address in addresses:
            answer = page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in faults(page)]
            found += [f"{address} {answer.status}"] if answer.status != 200 else []
        printed = page.pdf(prefer_css_page_size=True)
    assert found == []
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
