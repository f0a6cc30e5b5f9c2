"""The api client against the simulator, in each of its moods."""

import socket
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.outbound.gifts.api import Api
from payouts.outbound.gifts.provider import (
    Ask,
    Cancelled,
    Issued,
    Rejected,
    Unknown,
    request_id,
    retry_seconds,
)
from payouts.outbound.gifts.simulator import Simulator
from payouts.outbound.signed_http import Endpoint, NoAnswer
from tests.payouts.outbound.gifts.conftest import client


def ask(api: Api, order: int = 1, yen: int = 1730, brand: str = "amazon") -> Ask:
    return Ask(api.request_id(order, 1), brand, yen)


def issued(result: object) -> Issued:
    assert isinstance(result, Issued), result
    return result


def test_issue_gives_a_code_of_the_asked_amount(api: Api) -> None:
    gift = issued(api.issue(ask(api)))
    assert (gift.yen, len(gift.code.code), gift.code.url) == (1730, 16, "")


def test_issue_twice_under_one_id_gives_the_same_gift(api: Api, simulator: Simulator) -> None:
    assert api.issue(ask(api)) == api.issue(ask(api)) == api.reveal(ask(api))
    assert simulator.report()["issues"] == 1


def test_issue_refuses_an_id_used_for_another_sum(api: Api) -> None:
    api.issue(ask(api))
    assert api.issue(ask(api, yen=1731)) == Rejected("RequestIdReusedWithOtherValues", True)


def test_issue_without_an_answer_is_unknown_and_found_by_lookup(
    simulator: Simulator, api: Api
) -> None:
    simulator.become("timeout-after-issue", delay=0)
    assert api.issue(ask(api)) == Unknown("no_answer")
    assert simulator.report()["issues"] == 1
    assert issued(api.lookup(ask(api))).yen == 1730
    assert simulator.report()["issues"] == 1


def test_issue_slower_than_the_timeout_is_unknown(simulator: Simulator) -> None:
    simulator.become("slow", delay=1)
    assert client(simulator.url, timeout=0.05).issue(ask(client(simulator.url))) == Unknown(
        "no_answer"
    )


def test_issue_when_throttled_keeps_its_id_and_says_when(simulator: Simulator, api: Api) -> None:
    simulator.become("throttled", times=1)
    assert api.issue(ask(api)) == Unknown("throttled", 1)
    assert issued(api.issue(ask(api))).yen == 1730


def test_issue_on_an_error_of_the_provider_is_unknown(simulator: Simulator, api: Api) -> None:
    simulator.become("500", times=1)
    assert api.issue(ask(api)) == Unknown("SystemError")
    assert issued(api.lookup(ask(api))).yen == 1730


def test_issue_without_funds_is_rejected_for_now(simulator: Simulator, api: Api) -> None:
    simulator.book.set_funds(1729)
    assert api.issue(ask(api)) == Rejected("InsufficientFunds", False)
    assert (api.funds(), simulator.report()["issues"]) == (1729, 0)
    simulator.become("no-funds")
    simulator.book.set_funds(5000)
    assert api.issue(ask(api)) == Rejected("InsufficientFunds", False)


def test_issue_takes_a_wrong_amount_back_at_once(simulator: Simulator, api: Api) -> None:
    simulator.become("wrong-amount")
    assert api.issue(ask(api)) == Rejected("wrong_amount", True)
    assert simulator.report()["yen"] == 0
    assert api.lookup(ask(api)) == Rejected("Cancelled", True)


def test_issue_of_a_wrong_amount_that_stays_is_no_answer(simulator: Simulator, api: Api) -> None:
    simulator.become("wrong-amount")
    simulator.cancel_seconds = -1
    assert api.issue(ask(api)) == Unknown("wrong_amount", 3600)


def test_issue_with_a_wrong_signature_issues_nothing(simulator: Simulator) -> None:
    stranger = client(simulator.url, secret="another secret")
    assert stranger.issue(ask(stranger)) == Rejected("InvalidSignature", True)
    assert simulator.report()["issues"] == 0


def test_issue_to_nobody_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    nobody = client(f"http://127.0.0.1:{port}")
    assert nobody.issue(ask(nobody)) == Unknown("unreachable")
    assert nobody.funds() is None


def test_cancel_takes_back_once_within_the_window(simulator: Simulator, api: Api) -> None:
    gift = issued(api.issue(ask(api)))
    before = api.funds()
    assert before is not None
    assert [api.cancel(ask(api), gift.ref) for _ in range(2)] == [Cancelled(gift.ref)] * 2
    assert api.funds() == before + 1730
    assert api.cancel(ask(api, order=2), gift.ref) == Rejected("GiftNotFound", True)


def test_cancel_after_the_window_is_rejected(simulator: Simulator, api: Api) -> None:
    gift = issued(api.issue(ask(api)))
    simulator.cancel_seconds = -1
    assert api.cancel(ask(api), gift.ref) == Rejected("CancelWindowClosed", True)


def test_ledger_is_the_whole_book(api: Api) -> None:
    gifts = [issued(api.issue(ask(api, order=n, yen=n))) for n in (1, 2, 3)]
    api.cancel(ask(api, order=2, yen=2), gifts[1].ref)
    assert [(row.ref, row.yen, row.state) for row in api.ledger()] == [
        (gifts[0].ref, 1, "issued"),
        (gifts[1].ref, 2, "cancelled"),
        (gifts[2].ref, 3, "issued"),
    ]


def test_ledger_turns_its_pages(
    simulator: Simulator, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("book", "simulator"):
        monkeypatch.setattr(f"payouts.outbound.gifts.{module}.PAGE", 2)
    ids = [ask(api, order=n, yen=5).request_id for n in range(1, 6)]
    for number in range(1, 6):
        api.issue(ask(api, order=number, yen=5))
    assert [row.request_id for row in api.ledger()] == ids


def test_ledger_of_a_provider_that_refuses_is_no_empty_book(simulator: Simulator) -> None:
    with pytest.raises(NoAnswer):
        list(client(simulator.url, secret="another secret").ledger())


def test_quote_pays_any_whole_yen_within_its_limits() -> None:
    api = Api(Endpoint.of("http://127.0.0.1:1", 1), least=15, most=500)
    assert api.quote(1).reason_ja == "この種類は15円からのお受け取りです。"
    assert [api.quote(yen).parts for yen in (14, 15, 500, 1001)] == [
        (),
        (15,),
        (500,),
        (334, 334, 333),
    ]
    assert Api(Endpoint.of("http://127.0.0.1:1", 1), least=400, most=500).quote(501).exact is False


@given(st.integers(1, 10**7), st.integers(1, 10**6))
def test_quote_is_exact_or_nothing(yen: int, most: int) -> None:
    parts = Api(Endpoint.of("http://127.0.0.1:1", 1), most=most).quote(yen).parts
    if yen > 99 * most:
        assert parts == ()
    else:
        assert (sum(parts), max(parts) <= most, min(parts) >= 1) == (yen, True, True)


def test_request_id_is_short_and_never_the_same() -> None:
    biggest = request_id("P" * 12, UUID(int=2**128 - 1), 99)
    assert (len(biggest), biggest.isalnum()) == (40, True)
    assert len({request_id("P", order, part) for order in range(40) for part in range(40)}) == 1600
    with pytest.raises(ValueError, match="longer than 12"):
        request_id("P" * 13, 1, 1)
    with pytest.raises(ValueError, match="not a request id"):
        request_id("P-", 1, 1)


def test_retry_seconds_follow_the_plan() -> None:
    assert [retry_seconds(tries) for tries in (1, 2, 3, 4, 9)] == [10, 60, 300, 1800, 3600]
