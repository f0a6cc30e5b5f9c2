"""Exports through the office's pages: received in chunks, tried and applied by a worker (N18).

Web and workers may be on different hosts, so the files wait in the database: encrypted, as phones
and addresses are in them, until they are applied, dropped, or a day old. A worker holds an upload
by an advisory lock of a second connection, which also tells how far it is; one that died lets go.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F

from config import access, cipher, clock
from config.states import Refused
from coupons.ledger.faults import SHOWN, Faulty
from coupons.ledger.importing import Tally, import_ledger
from coupons.models import Import, Upload, UploadChunk

State, File = Upload.State, UploadChunk.File

LIFE = timedelta(days=1)  # real time
CHUNK = 1 << 20  # bytes
TRIES = 3  # of a worker that dies over an upload
LOCK = 0x75706C64  # with the upload's number: who works at it
FOLDERS = "hosho-ledger-"  # of a worker's files, while it works
TOLD_EVERY = 0.5  # seconds between two signs of progress


def receive(by: AbstractBaseUser, coupons: UploadedFile, movements: UploadedFile) -> Upload:
    """Keep both files of an export, waiting for the dry run."""
    at = clock.now()
    with transaction.atomic():
        upload = Upload.objects.create(
            at=at,
            by=by,
            coupons_file=(coupons.name or "")[-200:],
            transactions_file=(movements.name or "")[-200:],
            kept_until=clock.real_now() + LIFE,
        )
        for file, content in ((File.COUPONS, coupons), (File.MOVEMENTS, movements)):
            for number, plain in enumerate(content.chunks(CHUNK)):
                blob = cipher.encrypt(plain, context(upload, file, number))
                UploadChunk.objects.create(of=upload, file=file, number=number, blob=blob)
        return upload.begin(by=by, at=at)


def context(upload: Upload, *place: object) -> str:
    """The associated data of what is kept of an upload."""
    return ":".join(map(str, ("upload", upload.pk, *place)))


def order(upload: Upload, by: AbstractBaseUser) -> Upload:
    """The explicit act: apply what was tried. Raises Refused for another person, or too late."""
    if upload.by_id != by.pk:
        raise Refused("確認した人だけが取り込めます。", "other")
    if clock.real_now() >= upload.kept_until:
        raise Refused("確認から時間がたちました。もう一度ファイルを選んでください。", "old")
    return upload.move(State.ORDERED, by=by, tries=0, doing="", done=0, size=0)


def drop(upload: Upload, by: AbstractBaseUser) -> Upload:
    """Not this one; its files are forgotten at once."""
    with transaction.atomic():
        upload.move(State.DROPPED, by=by, report=None)
        upload.chunks.all().delete()
    return upload


def report(upload: Upload) -> dict[str, Any]:
    """What the dry run or the import found; empty where there is nothing yet or no more."""
    if upload.report is None:
        return {}
    return json.loads(cipher.decrypt(upload.report, context(upload, "report")))


def work() -> dict[str, Any]:
    """Do what waits, oldest first, and forget what is old. Returns what was done, by number."""
    done = {}
    for pk in (
        Upload.objects.filter(state__in=Upload.WAITING).order_by("id").values_list("pk", flat=True)
    ):
        with beside(pk) as other:
            upload = Upload.objects.get(pk=pk)
            if other is None or upload.state not in Upload.WAITING:
                continue
            done[str(pk)] = attempt(upload, other).state
    forget()
    return done


@contextmanager
def beside(pk: int) -> Iterator[BaseDatabaseWrapper | None]:
    """A second connection that holds this upload; None where another worker does."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk])
            held = cursor.fetchone()[0]
        yield other if held else None
    finally:
        other.close()


def attempt(upload: Upload, other: BaseDatabaseWrapper) -> Upload:
    """Try or apply an upload. What is not the files' fault is raised, and tried again later."""
    if upload.tries >= TRIES:
        return finish(upload, State.FAILED)
    Upload.objects.filter(pk=upload.pk).update(tries=F("tries") + 1, doing="準備", done=0, size=0)
    with TemporaryDirectory(prefix=FOLDERS) as folder:
        for file in File:
            write(upload, file, Path(folder) / file.value)
        try:
            return take(upload, Path(folder), Told(upload, other))
        except Faulty as faulty:
            return finish(upload, State.FAULTY, told=as_faults(faulty))


def write(upload: Upload, file: str, path: Path) -> None:
    """One of the files out of its chunks."""
    chunks = upload.chunks.filter(file=file).order_by("number")
    with path.open("wb") as content:
        for chunk in chunks.iterator(chunk_size=1):
            content.write(cipher.decrypt(chunk.blob, context(upload, file, chunk.number)))


def take(upload: Upload, folder: Path, progress: "Told") -> Upload:
    """The dry run, or the import itself; after an import in between the dry run once more."""
    with transaction.atomic():
        applies = upload.state == State.ORDERED
        newest = Import.objects.order_by("-pk").values_list("pk", flat=True).first()
        if applies and newest != upload.tried_after_id:
            return upload.move(State.RECEIVED, reason="newer_import", report=None, tries=0)
        names = (upload.coupons_file, upload.transactions_file)
        tally = import_ledger(
            folder, by=upload.by, names=names, dry_run=not applies, progress=progress
        )
        told = as_report(tally)
        if not applies:
            return finish(upload, State.TRIED, told=told, tried_after_id=newest)
        access.noted(upload.by, "import", "import", tally.run.pk)
        return finish(upload, State.APPLIED, told=told, import_run=tally.run)


def finish(upload: Upload, state: str, told: dict[str, Any] | None = None, **fields: Any) -> Upload:
    """Note the end of an attempt; only a tried upload keeps its files."""
    blob = told and cipher.encrypt(json.dumps(told).encode(), context(upload, "report"))
    with transaction.atomic():
        upload.move(state, report=blob, doing="", done=0, size=0, **fields)
        if state != State.TRIED:
            upload.chunks.all().delete()
    return upload


def forget() -> int:
    """After a day: files that nobody applied, and what reports show of persons."""
    old = Upload.objects.filter(kept_until__lte=clock.real_now())
    forgotten = 0
    for upload in old.filter(state__in=[State.RECEIVED, State.TRIED]):
        finish(upload, State.EXPIRED)
        forgotten += 1
    old.exclude(state=State.ORDERED).filter(report__isnull=False).update(report=None)
    for folder in Path(gettempdir()).glob(f"{FOLDERS}*"):  # left by a worker that was killed
        if clock.real_now().timestamp() - folder.stat().st_mtime > LIFE.total_seconds():
            rmtree(folder, ignore_errors=True)
    return forgotten


class Told:
    """Progress of a worker, written beside its transaction, so that the page sees it."""

    def __init__(self, upload: Upload, other: BaseDatabaseWrapper) -> None:
        self.pk, self.other, self.doing, self.at = upload.pk, other, "", 0.0

    def __call__(self, doing: str, done: int, size: int) -> None:
        now = monotonic()
        if doing == self.doing and now - self.at < TOLD_EVERY:
            return
        self.doing, self.at = doing, now
        with self.other.cursor() as cursor:
            cursor.execute(
                "UPDATE coupons_upload SET doing = %s, done = %s, size = %s WHERE id = %s",
                [doing[:60], done, size, self.pk],
            )


def as_faults(faulty: Faulty) -> dict[str, Any]:
    """Every fault with its place, to be kept."""
    faults = [fault._asdict() for fault in faulty.faults[:SHOWN]]
    return {"faults": faults, "more": len(faulty.faults) > SHOWN}


def as_report(tally: Tally) -> dict[str, Any]:
    """What an import did, or would do, to be kept."""
    run = tally.run
    return {
        "unchanged": tally.unchanged,
        "files": [
            [run.coupons_file, run.coupons_read, tally.encodings[0], run.coupons_sha256],
            [
                run.transactions_file,
                run.transactions_read,
                tally.encodings[1],
                run.transactions_sha256,
            ],
        ],
        "counts": {
            "coupons_new": run.coupons_new,
            "coupons_corrected": run.coupons_corrected,
            "extensions": run.extensions,
            "entries_new": run.entries_new,
            "entries_changed": run.entries_changed,
            "reflected": tally.reflected,
            "differing_from_seal": tally.differing_from_seal,
            "differences": run.differences,
        },
        "differences": tally.differences,
        "listed": [[row.kind, str(row.coupon or ""), row.detail] for row in tally.listed],
        "corrected": [[str(row.coupon), row.field, row.old, row.new] for row in tally.corrected],
    }
