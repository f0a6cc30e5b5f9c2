"""Taking in an export of the coupon system: all of it or nothing, as often as one likes."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.contrib.auth.models import AbstractBaseUser
from django.db import DataError, IntegrityError, transaction
from django.db.models import Count

from config import clock
from coupons import double_charges, sealing, supplements
from coupons.ledger import applying, checking, differing, staging
from coupons.ledger.faults import Fault, Faulty
from coupons.ledger.reading import File, Progress, examine, rows
from coupons.models import Correction, Difference, Import, Seal

COUPONS_FILE = "coupons.csv"
MOVEMENTS_FILE = "transactions.csv"
LISTED = 50  # differences and corrections that a tally names


@dataclass(frozen=True)
class Tally:
    """What an import did (or, tried only, would do). `run` holds the counts."""

    run: Import
    encodings: tuple[str, str]
    reflected: int
    differing_from_seal: int
    differences: dict[str, int]
    dry_run: bool
    listed: list[Difference]  # the first LISTED of them
    corrected: list[Correction]  # likewise

    @property
    def unchanged(self) -> bool:
        """Whether the ledger said all of this before."""
        run = self.run
        return not (
            run.coupons_new
            or run.coupons_corrected
            or run.extensions
            or run.entries_new
            or run.entries_changed
            or run.differences
        )


def import_ledger(
    folder: Path,
    *,
    by: AbstractBaseUser | None = None,
    names: tuple[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress = lambda doing, done, size: None,
) -> Tally:
    """Take in coupons.csv and transactions.csv of `folder`.

    Raises Faulty with all faults found; then, and on a dry run, nothing is changed. The same files
    again change nothing; a newer export adds and corrects, and never deletes. `names` are noted in
    the report where the files came under others.
    """
    at = clock.now()
    found = [examine(folder / name) for name in (COUPONS_FILE, MOVEMENTS_FILE)]
    if faults := [file for file in found if isinstance(file, Fault)]:
        raise Faulty(faults)
    coupons_file, movements_file = (file for file in found if isinstance(file, File))
    with transaction.atomic():
        sealing.lock_ledger()
        applying.plan_for_whole_tables()
        run = Import.objects.create(
            at=at,
            by=by,
            coupons_file=(names[0] if names else str(coupons_file.path))[-200:],
            coupons_sha256=coupons_file.sha256,
            transactions_file=(names[1] if names else str(movements_file.path))[-200:],
            transactions_sha256=movements_file.sha256,
        )
        take_in(run, coupons_file, movements_file, progress)
        progress("戻入依頼との照合", 0, 0)
        double_charges.link_arrived()
        reflected = double_charges.reflect_arrived(at)
        differing_from_seal = compare_with_seal(run, progress)
        listed = list(run.found.select_related("coupon").order_by("id")[:LISTED])
        corrections = Correction.objects.filter(import_run=run).select_related("coupon")
        corrected = list(corrections.order_by("id")[:LISTED])
        differences = dict(run.found.values_list("kind").annotate(Count("id")).order_by("kind"))
        run.differences = sum(differences.values())
        run.save()
        if dry_run:
            transaction.set_rollback(True)
    return Tally(
        run=run,
        encodings=(coupons_file.encoding, movements_file.encoding),
        reflected=len(reflected),
        differing_from_seal=differing_from_seal,
        differences=differences,
        dry_run=dry_run,
        listed=listed,
        corrected=corrected,
    )


def take_in(run: Import, coupons_file: File, movements_file: File, progress: Progress) -> None:
    """Both files into the ledger: straight, or with care where anything of them is in doubt.

    The straight way stops at the first doubt without asking what it is. Raises Faulty.
    """
    try:
        with transaction.atomic():
            staging.take_coupons(coupons_file, progress)
            staging.take_movements(movements_file, progress)
            progress("検査", 0, 0)
            if checking.is_doubtful():
                raise staging.Doubtful
            apply(run, progress)
    except (staging.Doubtful, psycopg.DataError, DataError, IntegrityError):
        stage(coupons_file, movements_file, progress)
        apply(run, progress)


def stage(coupons_file: File, movements_file: File, progress: Progress) -> None:
    """Both files as text, checked column by column, then typed. Raises Faulty with every fault."""
    of_coupons: list[Fault] = []
    of_movements: list[Fault] = []
    staging.fill(
        "raw_coupons",
        staging.COUPONS,
        rows(coupons_file, staging.COUPONS, of_coupons, progress),
    )
    staging.fill(
        "raw_movements",
        staging.MOVEMENTS,
        rows(movements_file, staging.MOVEMENTS, of_movements, progress),
    )
    progress("検査", 0, 0)
    name = COUPONS_FILE
    faults = [
        *checking.check_columns("raw_coupons", name, checking.coupon_rules()),
        *checking.check_twice("raw_coupons", name, "inquiry_number"),
    ]
    name = MOVEMENTS_FILE
    faults += checking.check_columns("raw_movements", name, checking.movement_rules())
    faults += checking.check_twice("raw_movements", name, "transaction_id")
    # A record that could not be read would make others look as if they named nothing.
    if not of_coupons:
        faults += checking.check_coupons_known(name)
    if not of_movements:
        faults += checking.check_restored(name)
    if faults or of_coupons or of_movements:
        raise Faulty([*of_coupons, *of_movements, *faults])
    staging.make("incoming_coupons", staging.TYPED_COUPONS)
    staging.make("told_movements", staging.TYPED_MOVEMENTS)


def apply(run: Import, progress: Progress) -> None:
    """The staged export into the ledger; notes the counts on `run`."""
    progress("クーポンの反映", 0, 0)
    met = applying.meet_coupons()
    run.coupons_read = met.read
    run.extensions = applying.extend(met, run.pk, run.at)
    differing.note_coupons(met, run.pk, run.at, run.coupons_sha256)
    run.coupons_corrected = applying.correct(met, run.pk)
    run.coupons_new = applying.add_coupons(met)
    differing.note_originals(met, run.pk, run.at)
    progress("入出金の反映", 0, 0)
    met = applying.meet_movements()
    run.transactions_read = met.read
    run.entries_changed = applying.correct_movements(met, run.pk)
    run.entries_new = applying.add_movements(met, run.pk)
    progress("残額の検査", 0, 0)
    differing.note_movements(met, run.pk, run.at)
    if run.entries_new or run.entries_changed or run.coupons_corrected:
        differing.note_balances(run.pk, run.at)


def compare_with_seal(run: Import, progress: Progress) -> int:
    """How many coupons differ from the seal now; 0 where there is none."""
    seal = Seal.objects.first()
    if seal is None:
        return 0
    progress("確定残額との照合", 0, 0)
    supplements.list_late(run.at)
    return sealing.compare(seal, run.pk).count
