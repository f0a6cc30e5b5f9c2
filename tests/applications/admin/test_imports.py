"""The ledger's exports through the admin: upload, dry run by a worker, apply."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from applications import roles
from config import clock
from config.models import AccessLog, JobRun
from coupons import tasks, uploads
from coupons.models import Coupon, Import, Upload, UploadChunk
from tests.applications import rows
from tests.coupons import exports

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/coupons/import/upload/"


def files(tmp_path: Path, *coupons: dict[str, str]) -> dict[str, SimpleUploadedFile]:
    place = exports.write(tmp_path / "export", list(coupons), [exports.movement()])
    return {
        "coupons": SimpleUploadedFile("c.csv", (place / "coupons.csv").read_bytes()),
        "movements": SimpleUploadedFile("t.csv", (place / "transactions.csv").read_bytes()),
    }


def sent(client: Client, tmp_path: Path, user: Any = None, **values: Any) -> str:
    """The page of an upload just made."""
    rows.signed_in(client, user or rows.clerk("manager"))
    return client.post(UPLOAD, files(tmp_path, exports.coupon(**values))).url


def test_the_request_keeps_the_files_and_nothing_readable(client: Client, tmp_path: Path) -> None:
    page = sent(client, tmp_path, app_phone="+819012345678")

    answer = client.get(page)

    assert (answer.status_code, answer.headers["Refresh"]) == (200, "2")
    assert "順番を待っています" in answer.content.decode()
    assert (Upload.objects.get().state, UploadChunk.objects.count()) == ("received", 2)
    assert not any(b"9012345678" in bytes(row.blob) for row in UploadChunk.objects.all())
    assert Import.objects.count() == 0


def test_the_dry_run_changes_nothing_and_the_second_click_does(
    client: Client, tmp_path: Path
) -> None:
    manager = rows.clerk("manager")
    page = sent(client, tmp_path, manager)

    uploads.work()
    answer = client.get(page)

    assert (Coupon.objects.count(), Import.objects.count()) == (0, 0)
    assert ("新しいクーポン", 1) in answer.context["counts"]
    assert ("Refresh" in answer.headers, "この内容で取り込む" in answer.content.decode()) == (
        False,
        True,
    )

    assert client.post(f"{page}apply/").url == page
    assert client.get(page).headers["Refresh"] == "2"
    uploads.work()

    run, upload = Import.objects.get(), Upload.objects.get()
    assert (run.by, run.coupons_new, run.entries_new) == (manager, 1, 1)
    assert (run.coupons_file, run.transactions_file) == ("c.csv", "t.csv")
    assert (upload.state, upload.import_run, UploadChunk.objects.count()) == ("applied", run, 0)
    assert AccessLog.objects.filter(act="import", subject_id=run.pk, by=manager).count() == 1
    assert f"取込 {run.pk}" in client.get(page).content.decode()
    assert client.post(f"{page}apply/").url == page
    uploads.work()
    assert Import.objects.count() == 1


def test_faults_stand_in_a_table_with_line_and_column(client: Client, tmp_path: Path) -> None:
    page = sent(client, tmp_path, face_value="0")

    uploads.work()
    answer = client.get(page)

    assert [(f["file"], f["line"], f["column"], f["value"]) for f in answer.context["faults"]] == [
        ("coupons.csv", 2, "face_value", "0")
    ]
    assert "1以上の整数が必要です" in answer.content.decode()
    assert (Upload.objects.get().state, UploadChunk.objects.count()) == ("faulty", 0)


def test_an_empty_file_is_told_by_the_dry_run(client: Client) -> None:
    rows.signed_in(client, rows.clerk("manager"))
    page = client.post(
        UPLOAD, {name: SimpleUploadedFile("e.csv", b"") for name in ("coupons", "movements")}
    ).url

    uploads.work()

    assert "見出しに inquiry_number が必要です" in client.get(page).content.decode()


def test_differences_and_corrections_are_shown_before_they_are_made(
    client: Client, tmp_path: Path
) -> None:
    exports.take_in(tmp_path, [exports.coupon(), exports.coupon("000000000002")])
    page = sent(client, tmp_path, issuer="別の宿")

    uploads.work()
    text = client.get(page).content.decode()

    assert "台帳にあるクーポンが取込ファイルにない" in text
    assert ("発行施設001" in text, "別の宿" in text) == (True, True)
    assert Coupon.objects.get(inquiry_number=exports.NUMBER).issuer == "発行施設001"


def test_after_another_import_the_differences_are_found_anew(
    client: Client, tmp_path: Path
) -> None:
    page = sent(client, tmp_path)
    uploads.work()
    exports.take_in(tmp_path / "other", [exports.coupon()])
    client.post(f"{page}apply/")

    uploads.work()
    assert Upload.objects.get().state == "received"
    uploads.work()

    assert (Upload.objects.get().state, Import.objects.count()) == ("tried", 1)
    assert ("新しいクーポン", 0) in client.get(page).context["counts"]


def test_another_person_does_not_apply_it(client: Client, tmp_path: Path) -> None:
    page = sent(client, tmp_path)
    uploads.work()
    rows.signed_in(client, rows.clerk("manager"))

    assert "この内容で取り込む" not in client.get(page).content.decode()
    client.post(f"{page}apply/")
    uploads.work()

    assert (Upload.objects.get().state, Coupon.objects.count()) == ("tried", 0)


def test_an_upload_is_dropped_with_its_files(client: Client, tmp_path: Path) -> None:
    page = sent(client, tmp_path)
    uploads.work()

    assert client.post(f"{page}drop/").url == page

    upload = Upload.objects.get()
    assert (upload.state, upload.report, UploadChunk.objects.count()) == ("dropped", None, 0)
    assert "ファイルは削除しました" in client.get(page).content.decode()


def test_a_day_later_files_and_reports_are_gone(client: Client, tmp_path: Path) -> None:
    sent(client, tmp_path)
    applied = sent(client, tmp_path)
    uploads.work()
    client.post(f"{applied}apply/")
    uploads.work()
    past = clock.real_now() - timedelta(seconds=1)
    Upload.objects.update(kept_until=past)

    uploads.work()

    assert list(Upload.objects.order_by("id").values_list("state", "report")) == [
        ("expired", None),
        ("applied", None),
    ]
    assert UploadChunk.objects.count() == 0
    assert client.get(applied).status_code == 200


def test_a_worker_that_dies_over_it_again_and_again_is_not_followed(
    client: Client, tmp_path: Path
) -> None:
    page = sent(client, tmp_path)
    Upload.objects.update(tries=uploads.TRIES)

    uploads.work()

    assert (Upload.objects.get().state, UploadChunk.objects.count()) == ("failed", 0)
    assert "処理が途中で止まりました" in client.get(page).content.decode()


def test_an_upload_is_in_one_workers_hands(client: Client, tmp_path: Path) -> None:
    sent(client, tmp_path)
    upload = Upload.objects.get()
    with uploads.beside(upload.pk) as held:
        assert (held is not None, uploads.work()) == (True, {})
    assert uploads.work() == {str(upload.pk): "tried"}


@pytest.mark.django_db(transaction=True)
def test_progress_is_told_beside_the_transaction_of_the_import(tmp_path: Path) -> None:
    upload = uploads.receive(rows.clerk("manager"), *files(tmp_path, exports.coupon()).values())
    with transaction.atomic(), uploads.beside(upload.pk) as other:
        uploads.Told(upload, other)("coupons.csv", 5, 10)
        transaction.set_rollback(True)
    upload.refresh_from_db()
    assert (upload.doing, upload.done, upload.size) == ("coupons.csv", 5, 10)


def test_the_scheduled_job_takes_what_waits(client: Client, tmp_path: Path) -> None:
    sent(client, tmp_path)
    tasks.take_uploads(clock.now().isoformat())
    assert JobRun.objects.get(job="take_uploads").outcome == {str(Upload.objects.get().pk): "tried"}


def test_a_chunk_of_another_place_does_not_open(client: Client, tmp_path: Path) -> None:
    sent(client, tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE coupons_uploadchunk SET number = 1 WHERE file = 'coupons.csv'")

    with pytest.raises(uploads.cipher.Unreadable):
        uploads.work()

    assert Import.objects.count() == 0


@pytest.mark.parametrize("role", roles.LABELS)
def test_only_the_manager_of_all_prefectures_imports(
    client: Client, tmp_path: Path, role: str
) -> None:
    for user, status in (
        (rows.clerk(role), 302 if role == "manager" else 403),
        (rows.clerk(role, "22"), 403),
    ):
        rows.signed_in(client, user)
        assert client.post(UPLOAD, files(tmp_path, exports.coupon())).status_code == status
    upload = uploads.receive(rows.clerk("manager"), *files(tmp_path, exports.coupon()).values())
    for act in ("", "apply/", "drop/"):
        assert client.post(f"{UPLOAD}{upload.pk}/{act}").status_code == 403
    assert client.get(f"{UPLOAD}{upload.pk}/").status_code == 403


def test_a_stranger_is_sent_to_log_in_and_a_form_without_its_token_is_refused(
    tmp_path: Path,
) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(UPLOAD, files(tmp_path, exports.coupon())).status_code == 302
    rows.signed_in(client, rows.clerk("manager"))

    assert client.post(UPLOAD, files(tmp_path, exports.coupon())).status_code == 403
    assert Upload.objects.count() == 0


def test_a_missing_file_is_asked_for(client: Client, tmp_path: Path) -> None:
    rows.signed_in(client, rows.clerk("manager"))
    only = {"coupons": files(tmp_path, exports.coupon())["coupons"]}

    answer = client.post(UPLOAD, only)

    assert answer.status_code == 422
    assert "transactions.csv を選んでください" in answer.content.decode()


def test_a_file_of_the_ledgers_size_is_let_in_here_only(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    settings.LEDGER_UPLOAD_LIMIT = 5000
    rows.signed_in(client, rows.clerk("manager"))
    small, large = (SimpleUploadedFile("c", b"x" * size) for size in (1000, 6000))

    assert client.post(UPLOAD, {"coupons": small}).status_code == 422
    assert client.post(UPLOAD, {"coupons": large}).status_code == 413
    assert client.post(f"{UPLOAD}1/apply/", {"token": "x" * 100}).status_code == 413


def test_the_list_shows_what_was_received(client: Client, tmp_path: Path) -> None:
    page = sent(client, tmp_path)
    text = client.get("/admin/coupons/import/").content.decode()
    assert (page in text, "確認待ち" in text) == (True, True)
