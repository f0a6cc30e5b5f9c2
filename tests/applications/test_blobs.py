"""New keys: every blob is written anew, then the old key may go."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from pytest_django import Settings

from applications import blobs, entries
from config import cipher, clock, rotating
from coupons import uploads
from coupons.models import Upload
from payouts import accounts, bank_files, shelf, stock
from payouts.models import BankAccount, Batch, Code, Delivery
from tests.applications import erasing_rows, rows
from tests.payouts.test_stock import GOOD

pytestmark = pytest.mark.django_db
OLD, NEW, NEWEST = "o" * 40, "n" * 40, "w" * 40


@pytest.fixture
def house(settings: Settings) -> Iterator[None]:
    """A blob of every kind under the old key, and the new key in front of it."""
    settings.FIELD_KEYS, settings.HASH_KEY = [OLD], OLD
    erasing_rows.received()
    erasing_rows.paid()
    clerk = rows.clerk("call_centre")
    with clock.at(erasing_rows.money.LINKS_GO):
        entries.save(entries.begin(by=clerk), {"person": {"name": "静岡 花子"}}, by=clerk)
        files = [SimpleUploadedFile(name, b"a,b") for name in ("coupons.csv", "transactions.csv")]
        upload = uploads.receive(clerk, *files)
        report = cipher.encrypt(b'{"new": 1}', uploads.context(upload, "report"))
        Upload.objects.update(report=report)
        stock.submit(GOOD, "codes.csv", "22", by=erasing_rows.money.everywhere("payer"))
        settings.FIELD_KEYS = [NEW, OLD]
        yield


def counts() -> dict[str, int]:
    return {name: told.anew for name, told in blobs.rotate_all().items()}


def opened() -> dict[str, list[bytes]]:
    """Everything in clear, by table and column. Raises Unreadable."""
    return {
        blob.name: [
            cipher.decrypt(getattr(row, blob.column), blob.context(row))
            for row in blob.model.objects.order_by("pk")
            if getattr(row, blob.column)
        ]
        for blob in blobs.BLOBS
    }


def test_each_blob_of_the_house_is_listed() -> None:
    listed = {blob.name for blob in blobs.BLOBS}
    hashes = ("hash", "key", "event", "sha256")

    binary = {
        f"{model._meta.db_table}.{field.column}"
        for model in {blob.model for blob in blobs.BLOBS}
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and not field.column.endswith(hashes)
    }
    assert binary == listed


def test_after_rotating_the_old_key_may_go(settings: Settings, house: None) -> None:
    before = opened()
    assert min(len(found) for found in before.values()) >= 1
    assert counts() == {name: len(found) for name, found in before.items()}
    settings.FIELD_KEYS = [NEW]
    assert opened() == before
    account = BankAccount.objects.exclude(blob=b"").get()
    assert accounts.read(account).account_number == "1234567"
    assert bank_files.frozen(Batch.objects.get())
    assert shelf.context(Code.objects.first().code_hash).startswith("gift_code:")
    assert Delivery.objects.get().blob is not None


def test_without_rotating_the_old_key_may_not_go(settings: Settings, house: None) -> None:
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(cipher.Unreadable):
        opened()


def test_rotating_again_writes_nothing(house: None) -> None:
    counts()
    assert set(counts().values()) == {0}


def test_a_third_key_after_the_first_is_gone(settings: Settings, house: None) -> None:
    before = opened()
    counts()
    settings.FIELD_KEYS = [NEWEST, NEW]  # the newest now has the number that the new one had
    assert opened() == before
    assert counts() == {name: len(found) for name, found in before.items()}
    settings.FIELD_KEYS = [NEWEST]
    assert opened() == before


def test_chunks_hold_all_rows(house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "CHUNK", 1)
    assert counts()["payouts_code.secret"] == Code.objects.count() > 1


def test_a_blob_that_no_key_opens_is_told_and_stays(house: None) -> None:
    BankAccount.objects.create(blob=b"x" * 40, made_at=clock.now())
    told, wrong = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rotate_keys", stdout=told, stderr=wrong)
    assert "payouts_bankaccount.blob　書き直し 1件" in told.getvalue()
    assert "payouts_bankaccount.blob　どの鍵でも開けないもの 1件" in wrong.getvalue()
    assert BankAccount.objects.filter(blob=b"x" * 40).exists()


def test_a_frozen_file_stays_frozen_for_everybody_else(house: None) -> None:
    counts()
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Batch.objects.update(blob=b"other")
    assert Batch.objects.get().handed_over_at - clock.now() > timedelta(days=1)
