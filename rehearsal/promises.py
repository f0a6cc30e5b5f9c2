"""The nine promises of the house, each asked of the database by queries of its own.

A query gives what breaks its promise: no row, no breach. Nothing here trusts an act's own word.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection

from applications import closing, reconcile
from applications.models import Application, Closing
from config import clock, jobs
from config.models import JobRun
from config.notice import NOTICE
from config.states import Stateful
from coupons import sealing

SHOWN = 20
JUST = timedelta(minutes=15)  # a slot that has just come may still be on its way

# name of the check -> SQL that gives the breaches
ONE_ENTITLEMENT = {
    "an entitlement in two live lines": """
        SELECT coupon_id, edition FROM payouts_payoutline WHERE released_at IS NULL
        GROUP BY 1, 2 HAVING count(*) > 1""",
    "more paid on a coupon than sealed": """
        SELECT line.coupon_id FROM payouts_payoutline line
        JOIN payouts_payout payout ON payout.id = line.payout_id
        WHERE payout.state IN ('issued', 'handed_over', 'paid')
        GROUP BY 1 HAVING sum(line.yen) > (
            SELECT coalesce(sum(item.yen), 0) FROM coupons_sealeditem item
            WHERE item.coupon_id = line.coupon_id)""",
    "a coupon approved twice": """
        SELECT coupon_id FROM applications_claim WHERE state = 'approved'
        GROUP BY 1 HAVING count(*) > 1""",
}
DEADLINE = {
    "an application stored after its end": """
        SELECT id FROM applications_application
        WHERE arrived_at >= closes_at OR arrived_at >= %(closes)s""",
    "points taken after their end": """
        SELECT o.id FROM payouts_order o JOIN payouts_payout p ON p.id = o.payout_id
        JOIN payouts_orderstep s ON s.of_id = o.id AND s.old = ''
        WHERE s.at >= greatest(%(receiving)s, p.receives_until)""",
}
SEALED = {
    "an amount that is not the seal's": """
        SELECT line.payout_id FROM payouts_payoutline line
        LEFT JOIN coupons_sealeditem item USING (coupon_id, edition)
        WHERE line.yen IS NOT NULL AND line.yen IS DISTINCT FROM item.yen""",
    "a payout that is not the sum of its lines": """
        SELECT p.id FROM payouts_payout p JOIN payouts_payoutline l ON l.payout_id = p.id
        WHERE p.amount IS NOT NULL GROUP BY p.id HAVING p.amount <> sum(l.yen)""",
    "a link before the seal": """
        SELECT m.id FROM payouts_message m
        WHERE m.kind IN ('link', 'nothing_due', 'reminder')
          AND m.written_at < (SELECT sealed_at FROM coupons_seal)""",
    "a seal that is not its items": """
        SELECT s.id FROM coupons_seal s JOIN coupons_sealeditem i ON i.edition = 0
        GROUP BY s.id HAVING s.coupons <> count(*) OR s.total_yen <> sum(i.yen)""",
}
QUEUE = {
    "a due message that nobody sent": """
        SELECT id FROM payouts_message WHERE state = 'queued' AND channel IN ('sms', 'email')
          AND due_at <= %(at)s AND (next_at IS NULL OR next_at <= clock_timestamp())""",
    "a message sent without a try, or by two": """
        SELECT m.id FROM payouts_message m LEFT JOIN payouts_attempt a
            ON a.message_id = m.id AND a.outcome = 'accepted'
        WHERE m.state IN ('sent', 'delivered') AND m.channel IN ('sms', 'email')
        GROUP BY m.id HAVING count(a.id) <> 1""",
    "an order without an answer": "SELECT id FROM payouts_order WHERE state = 'placed'",
    "a payout that waits though it is due": """
        SELECT id FROM payouts_payout WHERE state = 'waiting'""",
}
ONCE = {
    "a payout issued twice": """
        SELECT payout_id FROM payouts_order WHERE state = 'issued'
        GROUP BY 1 HAVING count(*) > 1""",
    "a payout transferred twice": """
        SELECT payout_id FROM payouts_transfer WHERE state IN ('handed_over', 'paid')
        GROUP BY 1 HAVING count(*) > 1""",
    "a payout on both roads": """
        SELECT o.payout_id FROM payouts_order o JOIN payouts_transfer t USING (payout_id)
        WHERE o.state = 'issued' AND t.state IN ('handed_over', 'paid')""",
    "a code given twice": """
        SELECT code_id FROM payouts_orderpart WHERE code_id IS NOT NULL
        GROUP BY 1 HAVING count(*) > 1""",
    "a request id used twice": """
        SELECT request_id FROM payouts_orderpart GROUP BY 1 HAVING count(*) > 1""",
}
TWO_PEOPLE = {
    "a payout signed by one": """
        SELECT id FROM payouts_payout WHERE approved_by_id IS NULL
           OR approved_by_id = prepared_by_id OR (prepared_by_id IS NULL AND NOT by_matching)""",
    "a batch signed by one": """
        SELECT id FROM payouts_batch WHERE state = 'handed_over'
          AND (approved_by_id IS NULL OR approved_by_id = prepared_by_id)""",
    "an app-holder run signed by one": """
        SELECT id FROM payouts_appholderrun WHERE finished_at IS NOT NULL
          AND (approved_by_id IS NULL OR approved_by_id = prepared_by_id)""",
    "a give-back list signed by one": """
        SELECT id FROM coupons_givebacklist WHERE released_at IS NOT NULL
          AND released_by_id = prepared_by_id""",
    "a supplement signed by one": """
        SELECT id FROM coupons_sealeditem WHERE edition > 0
          AND (approved_by_id IS NULL OR approved_by_id = prepared_by_id)""",
    "an application decided by who checked or entered it": """
        SELECT id FROM applications_application WHERE state = 'decided'
          AND (decided_by_id IS NULL OR decided_by_id IN (checked_by_id, entered_by_id))""",
    "a bulk approved by who prepared it": """
        SELECT id FROM applications_bulk WHERE approved_by_id = prepared_by_id""",
    "a corrected account signed by one": """
        SELECT id FROM applications_newaccount WHERE state = 'done'
          AND (approved_by_id IS NULL OR approved_by_id = checked_by_id)""",
}
OFFICES = {
    "a coupon in a payout of another office": """
        SELECT line.payout_id FROM payouts_payoutline line
        JOIN payouts_payout payout ON payout.id = line.payout_id
        JOIN coupons_coupon coupon ON coupon.id = line.coupon_id
        WHERE coupon.prefecture_code <> payout.prefecture_code""",
    "a code of another office": """
        SELECT part.id FROM payouts_orderpart part JOIN payouts_code code ON code.id = part.code_id
        JOIN payouts_order o ON o.id = part.order_id
        JOIN payouts_payout payout ON payout.id = o.payout_id
        WHERE code.prefecture_code <> payout.prefecture_code""",
    "a transfer in a batch of another office": """
        SELECT t.id FROM payouts_transfer t JOIN payouts_batch b ON b.id = t.batch_id
        JOIN payouts_payout p ON p.id = t.payout_id
        WHERE t.prefecture_code <> b.prefecture_code OR p.prefecture_code <> b.prefecture_code""",
    "a link sent in another office's name": """
        SELECT m.id FROM payouts_message m JOIN payouts_link l ON l.id = m.link_id
        JOIN payouts_payout p ON p.id = l.payout_id
        WHERE m.prefecture_code <> p.prefecture_code""",
}
# The history of a model: the first step begins, each goes on where the last ended, the last is now.
HISTORY = """
    SELECT of_id FROM (
        SELECT of_id, old, new, lag(new) OVER w AS before,
               row_number() OVER w = count(*) OVER (PARTITION BY of_id) AS is_last
        FROM {steps} WINDOW w AS (PARTITION BY of_id ORDER BY id)
    ) s JOIN {table} t ON t.id = s.of_id
    WHERE coalesce(before, '') <> old OR (is_last AND new <> t.state)
       OR NOT (old = new OR old || '>' || new = ANY(%(arrows)s))
"""


@dataclass
class Promise:
    """One promise: its words, what was asked, and what breaks it."""

    number: int
    words: str
    checked: int = 0
    breaches: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.breaches

    def ask(self, checks: dict[str, str], values: dict[str, Any]) -> None:
        """Run its queries; each row that comes back is a breach."""
        for name, sql in checks.items():
            self.checked += 1
            self.breaches += [f"{name}: {row[0]}" for row in rows(sql, values)]

    def claim(self, name: str, holds: object) -> None:
        """A fact that must be true."""
        self.checked += 1
        if not holds:
            self.breaches.append(name)


def rows(sql: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The first of what a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchmany(SHOWN)


def ask_all(began: Any, acknowledged: set[str], sealed_yen: int) -> list[Promise]:
    """All nine. `began`: where the clock started; `acknowledged`: receipt numbers that people
    read, as stored; `sealed_yen`: what the world says is owed at the cut-off."""
    dates = NOTICE.dates
    values = {
        "at": clock.now(),
        "closes": max(dates.applications_close, dates.bank_applications_close),
        "receiving": dates.receiving_closes,
    }
    return [
        _asked(1, "one entitlement, one live payout line", ONE_ENTITLEMENT, values),
        _deadline(values, acknowledged),
        _seal(values, sealed_yen),
        _asked(4, "the row is the queue", QUEUE, values),
        _once(values),
        _history(),
        _asked(7, "two people for money", TWO_PEOPLE, values),
        _lived(began),
        _asked(9, "each office its own", OFFICES, values),
    ]


def _asked(number: int, words: str, checks: dict[str, str], values: dict[str, Any]) -> Promise:
    promise = Promise(number, words)
    promise.ask(checks, values)
    return promise


def _deadline(values: dict[str, Any], acknowledged: set[str]) -> Promise:
    """Nobody late is in, nobody who has a receipt is missing, and the closing hash proves it."""
    promise = _asked(2, "the deadline is a fact", DEADLINE, values)
    stored = set(Application.objects.values_list("receipt_number", flat=True).iterator())
    promise.claim("a receipt that was read and not stored", acknowledged <= stored)
    promise.claim("an application of nobody", stored <= acknowledged)
    for row in Closing.objects.all():
        found = closing.chained(row.deadline)
        promise.claim("the closing hash", found == (row.count, row.sha256))
    promise.claim("the list was closed", Closing.objects.exists())
    return promise


def _seal(values: dict[str, Any], sealed_yen: int) -> Promise:
    promise = _asked(3, "the amount is sealed", SEALED, values)
    found = rows("SELECT total_yen FROM coupons_seal")
    promise.claim("the sealed sum is the world's", found == [(sealed_yen,)])
    seal = sealing.Seal.objects.first()
    promise.claim("the ledger still gives the seal's hash", seal and hash_now() == seal.sha256)
    return promise


def hash_now() -> str:
    """The chain over the ledger as it is now."""
    sql = f"SELECT t.sha FROM (SELECT {sealing.TOTALS} FROM ({sealing.outcome.rule()}) found)"
    return rows(sql + " t (coupons, eligible, yen, sha)", sealing.outcome.moments())[0][0]


def _once(values: dict[str, Any]) -> Promise:
    """Money moves once, and the three books and the providers' own agree to the yen."""
    promise = _asked(5, "money moves once", ONCE, values)
    books = reconcile.reconcile()
    told = [f"books: {d.check} {d.subject} {d.left}/{d.right}" for d in books.differences[:SHOWN]]
    promise.checked += len(reconcile.CHECKS) + 2
    promise.breaches += told
    for row in [*books.rows, *books.paid]:
        if row.difference:
            promise.breaches.append(f"books: {row.prefecture_code} {row.road} {row.difference}")
    return promise


def _history() -> Promise:
    """Every state is the end of an unbroken history along the arrows of its model."""
    promise = Promise(6, "every state has its history")
    for model in stateful():
        arrows = [f"{old}>{new}" for old, ends in model.ARROWS.items() for new in ends]
        starts = [f">{state}" for state in model.ARROWS]
        steps = model.STEP._meta.db_table
        sql = HISTORY.format(steps=steps, table=model._meta.db_table)
        promise.ask({model._meta.model_name: sql}, {"arrows": arrows + starts})
    return promise


def stateful() -> Iterator[type[Stateful]]:
    """Every model that moves along arrows."""
    for model in apps.get_models():
        if issubclass(model, Stateful) and hasattr(model, "ARROWS"):
            yield model


def _lived(began: Any) -> Promise:
    """One clock for all: every kept job ran when it was due, and no stamp lies outside."""
    promise = Promise(8, "one clock, and every job ran by it")
    at = clock.now()
    for job in jobs.TIMETABLE:
        slot = job.slot(at - JUST)
        runs = JobRun.objects.filter(job=job.name, finished_at__isnull=False)
        promise.claim(f"{job.name} ran", slot is None or runs.filter(slot__gte=slot).exists())
    nightly = JobRun.objects.filter(job="reconcile", finished_at__isnull=False)
    bad = [run.slot for run in nightly if run.outcome.get("differences")]
    promise.claim(f"every nightly reconciliation agreed ({len(bad)} did not)", not bad)
    failed = JobRun.objects.exclude(error="").values_list("job", "error")
    promise.claim(f"no job failed {list(failed[:3])}", not failed)
    for table, column in (
        ("applications_application", "arrived_at"),
        ("payouts_payoutstep", "at"),
        ("payouts_message", "written_at"),
        ("payouts_attempt", "at"),
    ):
        sql = f"SELECT id FROM {table} WHERE {column} NOT BETWEEN %(began)s AND %(at)s"
        promise.ask({f"{table}.{column} outside": sql}, {"began": began, "at": at})
    return promise
