"""From the form to the account: a transfer is applied for, handed over, comes back, is paid."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import CommandError, call_command

from applications import reconcile, returns, review, tokens
from applications.models import Application, Claim, Correction, NewAccount
from config import clock
from payouts.models import Batch, Payout, Transfer
from payouts.outbound.zengin import records
from tests.coupons import exports
from tests.payouts import bank_rows
from tests.stories.conftest import Site
from tests.stories.traveller import Traveller, coupons, receipt_number
from tests.stories.waiting import until

pytestmark = pytest.mark.story

NUMBER = "123456784321"
COUPON = exports.coupon(
    NUMBER, travel_type="day_trip", travel_start="2023-02-24", issued_at="2023-02-24T10:00:00+09:00"
)
SPENT = exports.movement(number=NUMBER, amount="269", occurred_at="2023-02-24T12:00:00+09:00")
OWED = 2000 - 269
BANK = {
    "bank": "静岡銀行",
    "branch": "呉服町支店",
    "account_type": "1",
    "account_number": "123456",
    "account_holder_kana": "ｼｽﾞｵｶ ﾊﾅｺ",
    "holder_relation": "self",
    "postal_code": "420-8601",
    "address": "静岡市葵区追手町9番6号",
    "agency": "見本観光",
}
NEW_ACCOUNT = {
    "bank": "0149",
    "branch": "112",
    "account_type": "1",
    "account_number": "7654321",
    "account_holder_kana": "シズオカ　ハナコ",
    "holder_relation": "self",
}


def moment(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2023, month, day, hour, tzinfo=clock.JST)


def user(role: str) -> AbstractBaseUser:
    return get_user_model().objects.get(username=role)


def apply_for_a_transfer(site: Site) -> Application:
    """Through all steps of the form, over HTTP, to the receipt."""
    traveller = Traveller(site.url)
    traveller.get("/apply/coupons/")
    traveller.send(**coupons(NUMBER))
    traveller.send(name="静岡　花子", kana="しずおか はなこ", phone="054-202-5555", next="1")
    traveller.send(method="bank", next="1")
    assert "呉服町" in traveller.send(**BANK, next="1")
    assert receipt_number(traveller.send(consent="on", submit="1"))
    return Application.objects.get()


def correct_the_account(site: Site) -> None:
    """By the link that the site made after the return; then two clerks look at it."""
    until(lambda: Correction.objects.exists(), "asked for another account")
    traveller = Traveller(site.url)
    traveller.get(f"/status/correct/{tokens.token_of(Correction.objects.get())}/")
    traveller.send(proof="しずおかはなこ", prove="1")
    assert "7654321" in traveller.send(**NEW_ACCOUNT, next="1")
    assert "事務局が確認しています" in traveller.send(**NEW_ACCOUNT, submit="1")
    new = returns.check(NewAccount.objects.get(), by=user("reviewer"))
    returns.approve(new, by=user("approver"))


def pay(site: Site, folder: Path, on: str) -> tuple[Transfer, list[records.Payment]]:
    """Cut by one, released and handed over by another: the transfer, and the file read back."""
    folder.mkdir()
    out = io.StringIO()
    call_command("cut_batch", "--date", on, "--by", "payer", stdout=out, stderr=out)
    batch = Batch.objects.latest("pk")
    export = ["export_batch", str(batch.pk), "--to", str(folder), "--by"]
    with pytest.raises(CommandError, match="別の人"):
        call_command(*export, "payer", stdout=out)
    call_command(*export, "manager", stdout=out)
    [file] = folder.iterdir()
    header, *payments, totals = records.read(io.BytesIO(file.read_bytes()))
    assert header.month_day == on[5:].replace("-", "")
    batch.refresh_from_db()
    assert (totals.count, totals.yen, totals.sha256) == (1, OWED, batch.sha256)
    return batch.transfers.get(), payments


def book(folder: Path, transfer: Transfer, result: str, reason: str = "") -> None:
    """What the bank reports, by file."""
    path = folder / "results.csv"
    lines = [bank_rows.HEADS, bank_rows.said(transfer, result, reason), ""]
    path.write_text("\n".join(lines), encoding="cp932")
    call_command("book_results", str(path), "--by", "payer", stdout=io.StringIO())


def books() -> dict[str, int]:
    """The first book by bucket, yen, once all three agree."""
    call_command("reconcile", stdout=io.StringIO())
    found = reconcile.reconcile()
    return {
        bucket: found.total(bucket)[1] for bucket in reconcile.BUCKETS if found.total(bucket)[0]
    }


def test_a_transfer_comes_back_and_is_paid_again(site: Site, tmp_path: Path) -> None:
    call_command("load_banks", stdout=io.StringIO())
    bank_rows.office("22")
    site.go_to(moment(3, 23))
    exports.take_in(tmp_path / "march", [COUPON], [SPENT])
    application = apply_for_a_transfer(site)
    claim = application.claims.get()
    assert (claim.match, claim.coupon.inquiry_number) == (Claim.Match.CLEAN, NUMBER)
    review.check(application, {claim.pk: ("approved", "")}, by=user("reviewer"))
    review.approve(application, by=user("approver"))
    assert Payout.objects.get().state == "waiting"  # nothing is sealed yet

    site.go_to(moment(4, 3))
    exports.take_in(tmp_path / "april", [COUPON], [SPENT])
    call_command("seal_balances", stdout=io.StringIO())
    until(lambda: Payout.objects.filter(state="ready", amount=OWED).exists(), "ready for a batch")
    assert books() == {"owed": OWED}

    site.go_to(moment(5, 12))
    first, payments = pay(site, tmp_path / "first", "2023-05-15")
    assert payments == [
        records.Payment(
            "0149", "112", "1", "0123456", "ｼｽﾞｵｶ ﾊﾅｺ", OWED, first.pk, "1", "ｼｽﾞｵｶ", "ｺﾞﾌｸﾁﾖｳ"
        )
    ]
    assert books() == {"paid": OWED}

    site.go_to(moment(5, 17))
    book(tmp_path, first, "振込不能", "該当口座なし")
    assert (Payout.objects.get().state, books()) == ("returned", {"owed": OWED})
    correct_the_account(site)
    second, payments = pay(site, tmp_path / "second", "2023-05-22")
    assert [(p.account_number, p.customer, p.new_code) for p in payments] == [
        ("7654321", second.pk, "2")
    ]
    with pytest.raises(CommandError, match="振込不能"):
        book(tmp_path, first, "入金済")  # the first one can't arrive any more
    book(tmp_path, second, "入金済")
    assert Payout.objects.get().state == "paid"
    assert books() == {"paid": OWED}
    assert list(Transfer.objects.order_by("pk").values_list("state", flat=True)) == [
        "returned",
        "paid",
    ]
