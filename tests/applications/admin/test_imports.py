"""The ledger's exports through the admin: upload, dry run, apply."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications import roles
from applications.admin import imports
from config.models import AccessLog
from coupons.models import Coupon, Import
from tests.applications import rows
from tests.coupons import exports

pytestmark = pytest.mark.django_db

UPLOAD, APPLY = "/admin/coupons/import/upload/", "/admin/coupons/import/apply/"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(imports, "FOLDER", tmp_path / "uploads")
    return tmp_path / "uploads"


def files(tmp_path: Path, *coupons: dict[str, str]) -> dict[str, SimpleUploadedFile]:
    place = exports.write(tmp_path / "export", list(coupons), [exports.movement()])
    return {
        "coupons": SimpleUploadedFile("c.csv", (place / "coupons.csv").read_bytes()),
        "movements": SimpleUploadedFile("t.csv", (place / "transactions.csv").read_bytes()),
    }


def tried(client: Client, tmp_path: Path, user: Any = None) -> Any:
    rows.signed_in(client, user or rows.clerk("manager"))
    return client.post(UPLOAD, files(tmp_path, exports.coupon()))


def test_the_dry_run_changes_nothing_and_the_second_click_does(
    client: Client, tmp_path: Path, folder: Path
) -> None:
    manager = rows.clerk("manager")
    answer = tried(client, tmp_path, manager)
    assert (answer.status_code, Coupon.objects.count(), Import.objects.count()) == (200, 0, 0)
    assert answer.context["run"].coupons_new == 1

    done = client.post(APPLY, {"token": answer.context["token"]})

    run = Import.objects.get()
    assert (done.status_code, run.by, run.coupons_new, run.entries_new) == (200, manager, 1, 1)
    assert list(folder.iterdir()) == []
    assert AccessLog.objects.filter(act="import", subject_id=run.pk, by=manager).count() == 1
    assert client.post(APPLY, {"token": answer.context["token"]}).url == UPLOAD
    assert Import.objects.count() == 1


def test_faults_stand_in_a_table_with_line_and_column(
    client: Client, tmp_path: Path, folder: Path
) -> None:
    rows.signed_in(client, rows.clerk("manager"))
    answer = client.post(UPLOAD, files(tmp_path, exports.coupon(face_value="0")))

    assert answer.status_code == 422
    assert [(f.file, f.line, f.column, f.value) for f in answer.context["faults"]] == [
        ("coupons.csv", 2, "face_value", "0")
    ]
    assert "1以上の整数が必要です" in answer.content.decode()
    assert list(folder.iterdir()) == []


def test_differences_and_corrections_are_shown_before_they_are_made(
    client: Client, tmp_path: Path
) -> None:
    exports.take_in(tmp_path, [exports.coupon(), exports.coupon("000000000002")])
    rows.signed_in(client, rows.clerk("manager"))

    text = client.post(UPLOAD, files(tmp_path, exports.coupon(issuer="別の宿"))).content.decode()

    assert "台帳にあるクーポンが取込ファイルにない" in text
    assert ("発行施設001" in text, "別の宿" in text) == (True, True)
    assert Coupon.objects.get(inquiry_number=exports.NUMBER).issuer == "発行施設001"


def test_another_person_does_not_apply_it(client: Client, tmp_path: Path) -> None:
    token = tried(client, tmp_path).context["token"]
    rows.signed_in(client, rows.clerk("manager"))

    assert client.post(APPLY, {"token": token}).url == UPLOAD
    assert client.post(APPLY, {"token": token + "x"}).url == UPLOAD
    assert Coupon.objects.count() == 0


def test_files_that_changed_since_are_refused(client: Client, tmp_path: Path, folder: Path) -> None:
    token = tried(client, tmp_path).context["token"]
    kept = next(folder.iterdir()) / "coupons.csv"
    kept.write_bytes(kept.read_bytes() + b"\n")

    assert client.post(APPLY, {"token": token}).url == UPLOAD
    assert Coupon.objects.count() == 0


@pytest.mark.parametrize("role", roles.LABELS)
def test_only_the_manager_of_all_prefectures_imports(
    client: Client, tmp_path: Path, role: str
) -> None:
    assert tried(client, tmp_path, rows.clerk(role)).status_code == (
        200 if role == "manager" else 403
    )
    assert tried(client, tmp_path, rows.clerk(role, "22")).status_code == 403


def test_a_stranger_is_sent_to_log_in_and_a_form_without_its_token_is_refused(
    tmp_path: Path,
) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(UPLOAD, files(tmp_path, exports.coupon())).status_code == 302
    rows.signed_in(client, rows.clerk("manager"))

    assert client.post(UPLOAD, files(tmp_path, exports.coupon())).status_code == 403
    assert Import.objects.count() == 0


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
    assert client.post(APPLY, {"token": "x" * 100}).status_code == 413


def test_an_old_upload_is_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LIFE", -1)
    (folder / "old").mkdir(parents=True)

    imports.forget(folder.iterdir())

    assert list(folder.iterdir()) == []
