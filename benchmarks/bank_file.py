"""The bank file from encrypted accounts, against a cursor over clear columns."""

import subprocess
import sys
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from benchmarks import ground
from benchmarks.measure import Contender, Result, interleave
from payouts import accounts, bank_lines, banks
from payouts.models import Batch, Branch
from payouts.outbound.zengin import kana, records

LOT = 20_000  # accounts stored at once
ITEMS = 2000  # rows that the bare cursor fetches at once
DAY = ground.NOTICE.dates.first_bank_day
PAYER = records.Payer("0123456789", "ｼｽﾞｵｶｹﾝｼﾞﾑｷﾖｸ", "0149", "101", "1", "7654321")
FAMILY = ("ヤマダ", "スズキ", "サトウ", "シズオカ", "マツモト", "ワタナベ", "ジャン・ジャック")
GIVEN = ("タロウ", "ハナコ", "ケンジ", "ユウコ", "ショウタ", "リョウコ", "アンナ")
BARE = "2{}{:<15}{}{:<15}0000{}{}{:<30}{:0>10}{}{:0>10}00000000007        \r\n"

CLEAR = """
    CREATE TABLE bench_clear (
        bank_code text, bank_name text, branch_code text, branch_name text, account_type text,
        account_number text, holder text, amount int, first_payment text, id bigint PRIMARY KEY)
"""
PAYOUTS = """
    INSERT INTO payouts_payout
        (id, prefecture_code, road, origin, state, amount, channel, address, language, proofs,
         app_account, bank_account_id, by_matching, approved_by_id, opened_at)
    OVERRIDING SYSTEM VALUE
    SELECT row_number() OVER (ORDER BY made_at, ctid), '22', 'bank', 'application', 'listed',
           1000 + (random() * 2000)::int, '', '', 'ja', '{}', '', id, true, %(by)s, %(at)s
    FROM payouts_bankaccount
"""
TRANSFERS = """
    INSERT INTO payouts_transfer
        (payout_id, batch_id, bank_account_id, prefecture_code, amount, first_payment, state,
         return_reason)
    SELECT p.id, CASE WHEN p.id <= %(rows)s THEN %(large)s ELSE %(small)s END, p.bank_account_id,
           '22', p.amount, '1', 'listed', ''
    FROM payouts_payout p ORDER BY p.id
"""


def written(rows: int, rounds: int) -> Result:
    """A file of `rows` payments from the database, decryption included; 999,999 at the most, since
    its trailer counts with six digits."""
    rows = min(rows, records.MOST_COUNT)
    large, small = laid(rows)
    out = settings.VAR_DIR / "bank-file"

    def bare() -> None:
        with transaction.atomic(), out.with_suffix(".bare").open("wb") as file:
            connection.ensure_connection()
            with connection.connection.cursor("bare") as cursor:
                cursor.itersize = ITEMS
                cursor.execute("SELECT * FROM bench_clear ORDER BY id")
                for row in cursor:
                    file.write(BARE.format(*row).encode("cp932"))

    def run() -> None:
        with transaction.atomic(), out.with_suffix(".txt").open("wb") as file:
            totals = bank_lines.write(large, PAYER, file)
        if totals.count != rows:
            raise RuntimeError(f"{totals.count} payments written, not {rows}")

    seconds = interleave(
        [Contender("cursor, clear columns", bare), Contender("bank file", run)], rounds
    )
    same(out.with_suffix(".bare"), out.with_suffix(".txt"))
    middle = sorted(seconds["bank file"])[rounds // 2]
    return Result(
        "bankfile",
        rows,
        seconds,
        goals={"bank file": 2.0},
        figures={
            "records a second": round(rows / middle),
            "peak MiB at a tenth": peak(small),
            "peak MiB": peak(large),
        },
        limits={"peak MiB": 150},
    )


def laid(rows: int) -> tuple[Batch, Batch]:
    """A batch of `rows` transfers, and one of a tenth, with accounts at all branches of Japan."""
    ground.empty("payouts_clerk")
    banks.load()
    by, second = ground.clerks()
    at = ground.SEALED_AT
    ground.execute("DROP TABLE IF EXISTS bench_clear")
    ground.execute(CLEAR)
    places = list(
        Branch.objects.order_by("code", "bank_id").values_list(
            "bank_id", "bank__kana", "code", "kana"
        )
    )
    everybody = iter(range(rows + max(rows // 10, 1)))
    while lot := list(islice(everybody, LOT)):
        store(lot, places)
    common = {"prefecture_code": "22", "pay_on": DAY, "cut_at": at, "prepared_by": by}
    large, small = (Batch.objects.create(**common) for _ in range(2))
    with ground.unguarded("payouts_payout", "payouts_transfer"):
        ground.execute(PAYOUTS, {"by": second.pk, "at": at})
        ground.execute(TRANSFERS, {"rows": rows, "large": large.pk, "small": small.pk})
    ground.execute(
        "UPDATE bench_clear c SET amount = t.amount FROM payouts_transfer t WHERE t.id = c.id"
    )
    ground.execute("DELETE FROM bench_clear WHERE id > %s", [rows])
    ground.execute("CLUSTER bench_clear USING bench_clear_pkey")
    ground.execute("VACUUM ANALYZE")
    return large, small


def store(lot: list[int], places: list[tuple[str, str, str, str]]) -> None:
    """Accounts of a lot, sealed as the site seals them, and the same in clear columns."""
    begin = "COPY payouts_bankaccount (id, blob, account_hash, made_at) FROM STDIN"
    sealed, clear = [], []
    for number in lot:
        bank, bank_kana, branch, branch_kana = places[number % len(places)]
        holder = f"{FAMILY[number % 7]}　{GIVEN[number // 7 % 7]}"
        account = accounts.Account(bank, branch, "1", f"{number % 9_999_999 + 1:07d}", holder)
        row = accounts.sealed(account, ground.SEALED_AT + timedelta(microseconds=number))
        sealed.append((row.id, row.blob, row.account_hash, row.made_at))
        names = kana.bank_name(bank_kana), kana.bank_name(branch_kana)
        half = kana.cut30(kana.bank_kana(holder))
        clear.append(
            (
                bank,
                names[0],
                branch,
                names[1],
                "1",
                account.account_number,
                half,
                0,
                "1",
                number + 1,
            )
        )
    with connection.cursor() as cursor:
        with cursor.copy(begin) as copy:
            for line in sealed:
                copy.write_row(line)
        with cursor.copy("COPY bench_clear FROM STDIN") as copy:
            for line in clear:
                copy.write_row(line)


def same(bare: Path, ours: Path) -> None:
    """Raises RuntimeError unless both wrote the same payments, byte for byte."""
    size = bare.stat().st_size
    with bare.open("rb") as one, ours.open("rb") as other:
        other.seek(122)  # the header
        while block := one.read(ground.BLOCK):
            if other.read(len(block)) != block:
                raise RuntimeError("the files differ")
        if ours.stat().st_size != size + 3 * 122 or other.read(1) != b"8":
            raise RuntimeError("the files differ in length")


ALONE = """
import re, django; django.setup()
from pathlib import Path
from django.db import transaction
from payouts import bank_lines
from payouts.models import Batch
from payouts.outbound.zengin.records import Payer
with transaction.atomic(), open({path!r}, "wb") as file:
    bank_lines.write(Batch.objects.get(pk={batch}), {payer!r}, file)
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def peak(batch: Batch) -> int:
    """Peak memory in MiB of a process that writes this batch's file (Linux)."""
    path = str(settings.VAR_DIR / "bank-file.alone")
    code = ALONE.format(path=path, batch=batch.pk, payer=PAYER)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(done.stdout) // 1024
