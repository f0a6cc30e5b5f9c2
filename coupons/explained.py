"""Why 1,340 yen? A coupon's amount from its entries, line by line, for the office.

The balance runs up to the cut-off as the seal saw it; below that line stands what came later and
what was decided about it, and at the end the sum that is owed.
"""

from dataclasses import dataclass
from datetime import datetime

from config.notice import NOTICE
from coupons.facts import with_balance
from coupons.models import Coupon, Entry, LateMovement, Seal, SealedItem

FACE, BEFORE, CUT_OFF, AFTER, EDITION = "face", "before", "cut_off", "after", "edition"


@dataclass(frozen=True)
class Line:
    """One line of the explanation. Yen; `balance` is the running one, None below the cut-off."""

    kind: str
    at: datetime | None
    label: str
    yen: int | None = None
    balance: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Explanation:
    """The lines, whether the balances are sealed, and what the coupon is owed (None before)."""

    lines: list[Line]
    sealed: SealedItem | None
    owed: int | None


def explain(coupon: Coupon) -> Explanation:
    """Everything about one coupon's amount, oldest first."""
    seal = Seal.objects.first()
    entries = list(with_balance(coupon.entries.all()))
    items = list(coupon.sealed_items.order_by("edition").select_related("prepared_by"))
    late = list(coupon.late_movements.order_by("id"))
    known = [entry for entry in entries if in_the_seal(entry, seal)]
    lines = [Line(FACE, coupon.issued_at, "発行", coupon.face_value, coupon.face_value)]
    balance = coupon.face_value
    for entry in known:
        balance += entry.yen
        lines.append(Line(BEFORE, entry.occurred_at, name(entry), entry.yen, balance))
    sealed = next((item for item in items if item.edition == 0), None)
    lines.append(cut_off(seal, sealed, balance))
    told = {(row.transaction_id, row.import_run_id): row for row in late if row.transaction_id}
    lines += [after(entry, told) for entry in entries if entry not in known]
    lines += [own(row) for row in late if not row.transaction_id]
    lines += [edition(item) for item in items if item.edition > 0]
    owed = sum(item.yen for item in items) if seal else None
    return Explanation(lines, sealed, owed)


def in_the_seal(entry: Entry, seal: Seal | None) -> bool:
    """Whether the seal counted an entry; before it, whether it would now."""
    early = entry.occurred_at < NOTICE.dates.cut_off
    return early and (seal is None or entry.import_run_id <= (seal.last_import_id or 0))


def name(entry: Entry) -> str:
    """Kind and shop."""
    kind = f"{entry.get_kind_display()}{'（取消記帳）' if entry.reversal else ''}"
    return f"{kind}　{entry.store_name}" if entry.store_name else kind


def cut_off(seal: Seal | None, sealed: SealedItem | None, balance: int) -> Line:
    """The line under everything that counts."""
    at = NOTICE.dates.cut_off
    if seal is None:
        return Line(CUT_OFF, at, "基準時刻（まだ確定していません）", None, balance)
    if sealed is None:
        return Line(CUT_OFF, at, "基準時刻", 0, None, "確定時の台帳にないクーポン")
    note = "" if sealed.eligible else "補償の対象ではありません"
    return Line(CUT_OFF, at, "基準時刻の残額（確定）", sealed.yen, sealed.balance, note)


def after(entry: Entry, told: dict[tuple[str, int | None], LateMovement]) -> Line:
    """A movement that the seal did not count, and what was decided about it."""
    row = told.get((entry.transaction_id, entry.import_run_id))
    if row is not None:
        note = f"{row.get_kind_display()}：{row.get_state_display()}"
    elif entry.kind == Entry.Kind.PAYMENT and entry.occurred_at >= NOTICE.dates.cut_off:
        note = "期限後利用（確定残額は変わりません）"
    else:
        note = "数えません"
    return Line(AFTER, entry.occurred_at, name(entry), entry.yen, None, note)


def own(row: LateMovement) -> Line:
    """A late coupon, or a give-back of our own."""
    label, note = row.get_kind_display(), row.get_state_display()
    return Line(AFTER, row.listed_at, label, row.yen, None, note)


def edition(item: SealedItem) -> Line:
    """An accepted supplement."""
    signed = f"起案 {item.prepared_by}、承認 {item.approved_by}"
    return Line(EDITION, item.at, f"追加確定（第{item.edition}版）", item.yen, None, signed)
