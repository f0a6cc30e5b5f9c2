"""Import, seal and the table of sealed balances, against the bare engine on the same tables."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from benchmarks import ground
from benchmarks.measure import Contender, Result, interleave
from config import clock
from coupons import sealing
from coupons.ledger.importing import import_ledger

LEDGER = ("coupons_coupon", "coupons_entry")


def import_(rows: int, rounds: int) -> Result:
    """A first import of the generator's export, and the same files again, against bare COPY."""
    folder = ground.export(rows)
    bare = [settings.VAR_DIR / f"{table}.copy" for table in LEDGER]
    ground.empty()
    with clock.at(ground.SEALED_AT):
        import_ledger(folder)
    for table, path in zip(LEDGER, bare, strict=True):
        ground.copy_out(f"SELECT * FROM {table} ORDER BY id", path)
    ground.execute("CREATE TABLE IF NOT EXISTS bench_runs (LIKE coupons_import)")
    ground.execute("TRUNCATE bench_runs")
    ground.execute("INSERT INTO bench_runs SELECT * FROM coupons_import")
    movements = ground.value("SELECT count(*) FROM coupons_entry")

    def copy() -> None:
        with transaction.atomic():
            for table, path in zip(LEDGER, bare, strict=True):
                ground.copy_in(table, ground.columns_of(table), path)

    def prepare_copy() -> None:
        ground.empty()
        ground.execute("INSERT INTO coupons_import SELECT * FROM bench_runs")

    def run() -> None:
        with clock.at(ground.SEALED_AT):
            import_ledger(folder)

    seconds = interleave(
        [
            Contender("bare COPY", copy, prepare_copy),
            Contender("first import", run, ground.empty),
        ],
        rounds,
    )
    ground.empty()
    run()
    again = [interleave([Contender("again", run)], 1)["again"][0] for _ in range(rounds)]
    seconds["the same files again"] = again
    return Result(
        "import",
        rows,
        seconds,
        goals={"first import": 2.0, "the same files again": 1.0},
        figures={"movements": movements} | memory(rows),
        limits={"peak MiB": 150},
    )


def memory(rows: int) -> dict[str, int]:
    """Peak memory in MiB of the command, importing a tenth and importing all."""
    small, large = (peak(ground.export(size)) for size in (max(rows // 10, 1000), rows))
    return {"peak MiB at a tenth": small, "peak MiB": large}


def peak(folder: Path) -> int:
    """Peak memory of `manage.py import_ledger` in MiB."""
    ground.empty()
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "import_ledger", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"import_ledger ended with {process.returncode}")
    return used.ru_maxrss // 1024


def seal(rows: int, rounds: int) -> Result:
    """The seal, against one bare INSERT .. SELECT of the items that it makes."""
    imported(rows)
    with clock.at(ground.SEALED_AT):
        sealing.seal()
    ground.execute("DROP TABLE IF EXISTS bench_items")
    ground.execute("CREATE TABLE bench_items AS SELECT * FROM coupons_sealeditem ORDER BY id")

    def forget() -> None:
        ground.empty(*LEDGER, "coupons_import")
        ground.execute("VACUUM ANALYZE coupons_sealeditem")

    def bare() -> None:
        ground.execute("INSERT INTO coupons_sealeditem SELECT * FROM bench_items")

    def run() -> None:
        with clock.at(ground.SEALED_AT):
            sealing.seal()

    seconds = interleave(
        [Contender("bare INSERT .. SELECT", bare, forget), Contender("seal", run, forget)], rounds
    )
    return Result("seal", rows, seconds, goals={"seal": 3.0})


def balances(rows: int, rounds: int) -> Result:
    """`sealed_balances --csv`, against COPY of the sealed items alone in the same order."""
    imported(rows)
    with clock.at(ground.SEALED_AT):
        sealing.seal()
    ground.execute("VACUUM ANALYZE")
    bare_query = """SELECT c.inquiry_number, s.category, s.eligible, s.balance, s.yen, s.route
        FROM coupons_sealeditem s JOIN coupons_coupon c ON c.id = s.coupon_id
        ORDER BY c.inquiry_number"""

    def bare() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({bare_query}) TO STDOUT") as copy:
            for _ in copy:
                pass

    def run() -> None:
        for _ in sealing.balances():
            pass

    seconds = interleave([Contender("bare COPY", bare), Contender("sealed_balances", run)], rounds)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Result(
        "balances",
        rows,
        seconds,
        goals={"sealed_balances": 3.0},
        figures={"peak MiB of this process": used},
    )


def imported(rows: int) -> None:
    """The ledger of this size, imported, nothing sealed."""
    ground.empty()
    with clock.at(ground.SEALED_AT):
        import_ledger(ground.export(rows))
    ground.execute("VACUUM ANALYZE")
