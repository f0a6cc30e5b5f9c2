"""Money on its way: app-holder runs, bank files and what the bank says of them, corrected accounts.

The rehearsal's bank keeps its own book: what stood in the files that it was handed.
"""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle

from applications import app_holders, demo, giving_up, returns
from applications.models import NewAccount
from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts import answer_files, banks, resending, stock, transfers
from payouts import app_holders as holders
from payouts.models import AnswerFile, AppHolderRun, Code, Payout, Transfer
from payouts.outbound.zengin import records
from rehearsal import bells
from rehearsal.office import Office as People
from rehearsal.travellers import WRONG_ACCOUNT

FACES = ((1, 10, 100, 500, 1000), (500, 1000, 2000), (1000, 2000))  # yen, brand by brand


class Bank:
    """The bank of the offices: it pays what it is told, or sends it back."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.told: dict[int, tuple[str, int]] = {}  # transfer -> account number, yen
        self.answered: set[int] = set()  # transfers of which it has told
        self.back: set[int] = set()

    def take(self, content: bytes) -> None:
        """Read a file as a bank does."""
        for record in records.read(io.BytesIO(content)):
            if isinstance(record, records.Payment):
                self.told[record.customer] = (record.account_number, record.yen)

    def answers(self, transfer: int) -> str:
        """A result and its reason: taken in, or no such account."""
        wrong = self.told[transfer][0] == WRONG_ACCOUNT
        self.answered.add(transfer)
        self.back |= {transfer} if wrong else set()
        return "振込不能,該当口座なし" if wrong else "受付済,"

    @property
    def paid_yen(self) -> int:
        """What left for accounts and stayed there."""
        return sum(yen for key, (_, yen) in self.told.items() if key not in self.back)


def prepare(coupons: int) -> None:
    """What stands before the first day: bank master, paying accounts, a stock of codes."""
    banks.load()
    demo.offices()
    if not Code.objects.exists():
        copies = max(4, coupons // 200)
        for prefecture in NOTICE.prefectures:
            stock.store(codes(prefecture, copies), prefecture)


def codes(prefecture: str, copies: int) -> Iterator[stock.StockRow]:
    """A delivery of each stock brand."""
    expires = date(NOTICE.dates.receiving_closes.year + 1, 3, 31)
    for brand, faces in zip(demo.stocked(), cycle(FACES)):
        for face in faces:
            for number in range(copies):
                code = f"RE{prefecture}{brand[:2].upper()}{face:04d}{number:06d}"
                row = stock.StockRow(brand, face, code, f"R{prefecture}-{number:05d}", expires)
                yield row


def app_holder_run(people: People) -> None:
    """Links for app holders: prepared by one, approved by another, opened and sent by the jobs."""
    try:
        run = app_holders.prepare(people["payer"])
    except Refused as refused:
        if refused.code != "empty":
            raise
        return
    holders.approve(run, people["approver"])
    people.counts["app-holder runs"] += 1
    open_runs = AppHolderRun.objects.filter(pk=run.pk, finished_at=None)
    bells.wait(lambda: not open_runs.exists(), "the app-holder run")
    waiting = Payout.objects.filter(origin="app_holder", state="waiting", road="points")
    bells.wait(lambda: not waiting.exists(), "the links of app holders")
    bells.settle()


def batches(people: People, bank: Bank) -> None:
    """A file of each office that owes by bank: cut by one, released and handed over by another."""
    pay_on = bank_day_after(clock.now().date())
    ready = Payout.objects.filter(road="bank", state="ready")
    for prefecture in list(ready.values_list("prefecture_code", flat=True).distinct()):
        while batch := transfers.cut(prefecture, pay_on, by=people["payer"]).batch:
            transfers.release(batch, by=people["manager"])
            bank.take(transfers.hand_over(batch, by=people["manager"]).content)
            people.counts["bank files"] += 1


def bank_day_after(day: date) -> date:
    """The next day on which a file may be paid."""
    day = max(day + timedelta(days=1), NOTICE.dates.first_bank_day)
    while not NOTICE.is_bank_day(day):
        day += timedelta(days=1)
    return day


def bank_results(people: People, bank: Bank) -> None:
    """The bank's lists, one an office: taken in, or sent back; read by one, booked by another."""
    waiting = Transfer.objects.filter(state="handed_over").exclude(pk__in=bank.answered)
    for prefecture in list(waiting.values_list("prefecture_code", flat=True).distinct()):
        rows = waiting.filter(prefecture_code=prefecture).order_by("pk")
        lines = [f"{pk},{yen},{bank.answers(pk)}\n" for pk, yen in rows.values_list("pk", "amount")]
        raw = "".join(["顧客コード1,振込金額,結果,理由\n", *lines]).encode("cp932")
        kind, name = AnswerFile.Kind.RESULTS, f"kekka-{prefecture}.csv"
        file = answer_files.submit(raw, name, kind, prefecture, by=people["payer"])
        booked = answer_files.book(file, by=people["manager"]).outcome
        people.counts["transfers returned"] += booked["returned"]


def new_accounts(people: People) -> None:
    """Corrected accounts: looked at by one, agreed to by another."""
    for row in NewAccount.objects.filter(state="given").order_by("pk"):
        returns.approve(returns.check(row, by=people["reviewer"]), by=people["approver"])
        people.counts["accounts corrected"] += 1


def unlock(people: People) -> None:
    """Whose link a stranger locked gets another one."""
    rows = Payout.objects.filter(
        links__locked_at__isnull=False, links__replaced_at=None, state="ready"
    )
    for payout in rows.distinct().order_by("pk"):
        resending.resend(payout, by=people["call_centre"], reason="resend_locked")
        people.counts["links sent anew"] += 1


def give_up(people: People) -> None:
    """What came back and was not corrected in time is given up by two people."""
    for payout in Payout.objects.filter(state="returned").order_by("pk"):
        row = giving_up.propose(payout, reason="連絡がつかない", by=people["payer"])
        giving_up.approve(row, by=people["manager"])
        people.counts["given up"] += 1
