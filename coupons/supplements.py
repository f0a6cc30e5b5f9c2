"""What the ledger says later than the seal: listed, judged by two people, never taken silently.

Give-backs booked after the cut-off (N43) and movements from before it that arrived late (N18)
become LateMovement rows. An accepted one changes what is owed by the next edition of the coupon's
sealed item; whatever becomes of it is a payout's business (payouts.supplements).
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from config import cipher, clock
from config.notice import NOTICE
from config.states import Refused
from coupons import double_charges, outcome
from coupons.models import Coupon, DoubleCharge, LateMovement, Seal, SealedItem

State, Kind = LateMovement.State, LateMovement.Kind

# Entries that the seal does not know and that count, netted over a transaction in an import: a
# correction that changes no yen is none. A late coupon's own row holds what came with it.
FOUND = """
    SELECT e.coupon_id, c.prefecture_code, e.transaction_id, e.import_run_id,
           sum(e.yen)::int AS yen, max(e.occurred_at) AS occurred_at,
           max(e.restores_transaction_id) FILTER (WHERE e.kind = 'restoration') AS restores,
           bool_or(e.occurred_at >= %(cut_off)s) AS booked_late
    FROM coupons_entry e
    JOIN coupons_coupon c ON c.id = e.coupon_id
    LEFT JOIN coupons_latemovement own ON own.coupon_id = e.coupon_id AND own.kind = 'coupon'
    WHERE e.occurred_at < %(cut_off)s
          AND e.import_run_id > coalesce(own.import_run_id, %(last_import)s)
       OR e.kind = 'restoration' AND e.occurred_at >= %(cut_off)s AND (
              SELECT p.occurred_at FROM coupons_entry p
              WHERE p.transaction_id = e.restores_transaction_id
              ORDER BY p.revision DESC LIMIT 1) < %(cut_off)s
    GROUP BY e.coupon_id, c.prefecture_code, e.transaction_id, e.import_run_id
    HAVING sum(e.yen) <> 0
"""
# Our own give-back and the export's are one: matched one to one, counted once (N41).
TWINS = f"""
    UPDATE coupons_latemovement own SET twin = f.transaction_id
    FROM ({FOUND}) f
    WHERE own.kind = 'own' AND own.state <> 'refused' AND own.twin = ''
      AND own.coupon_id = f.coupon_id AND own.restores = f.restores AND own.yen = f.yen
"""
LIST = f"""
    WITH listed AS (
        INSERT INTO coupons_latemovement
            (key, kind, state, coupon_id, prefecture_code, transaction_id, restores, yen,
             occurred_at, import_run_id, listed_at, accepts, refusal, twin)
        SELECT f.transaction_id || ':' || f.import_run_id,
               CASE WHEN f.booked_late THEN 'give_back' ELSE 'late' END, 'listed', f.coupon_id,
               f.prefecture_code, f.transaction_id, coalesce(f.restores, ''), f.yen, f.occurred_at,
               f.import_run_id, %(at)s, false, '', ''
        FROM ({FOUND}) f
        WHERE NOT EXISTS (SELECT FROM coupons_latemovement own
                          WHERE own.kind = 'own' AND own.twin = f.transaction_id)
        ON CONFLICT (key) DO NOTHING RETURNING id
    )
    INSERT INTO coupons_latemovementstep (of_id, old, new, at, reason)
    SELECT id, '', 'listed', %(at)s, '' FROM listed
"""
COUPONS = """
    WITH listed AS (
        INSERT INTO coupons_latemovement
            (key, kind, state, coupon_id, prefecture_code, transaction_id, restores, yen,
             import_run_id, listed_at, accepts, refusal, twin)
        SELECT 'coupon:' || r.inquiry_number, 'coupon', 'listed', r.coupon_id, c.prefecture_code,
               '', '', r.balance, (SELECT max(id) FROM coupons_import), %(at)s, false, '', ''
        FROM ({rule}) r JOIN coupons_coupon c ON c.id = r.coupon_id
        ON CONFLICT (key) DO NOTHING RETURNING id
    )
    INSERT INTO coupons_latemovementstep (of_id, old, new, at, reason)
    SELECT id, '', 'listed', %(at)s, '' FROM listed
"""
UNSEALED = """
    SELECT c.id FROM coupons_coupon c
    WHERE NOT EXISTS (SELECT FROM coupons_sealeditem s WHERE s.coupon_id = c.id AND s.edition = 0)
      AND NOT EXISTS (SELECT FROM coupons_latemovement l
                      WHERE l.coupon_id = c.id AND l.kind = 'coupon')
"""


def list_late(at: datetime) -> int:
    """List what the ledger says later than the seal, each change once. Returns how many are new.

    Called with the seal and each import after it; safe to repeat. Nothing where there is no seal.
    """
    seal = Seal.objects.first()
    if seal is None:
        return 0
    asked = {"cut_off": seal.cut_off, "last_import": seal.last_import_id or 0, "at": at}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(UNSEALED)
        ids = [row[0] for row in cursor.fetchall()]
        new = 0
        if ids:
            rule = outcome.rule(ids=True)
            cursor.execute(COUPONS.format(rule=rule), outcome.moments() | asked | {"ids": ids})
            new += cursor.rowcount
        cursor.execute(TWINS, asked)
        cursor.execute(LIST, asked)
        return new + cursor.rowcount


def list_own(case: DoubleCharge) -> list[LateMovement]:
    """After the cut-off our own dated give-back takes the place of the coupon system's (N41).

    One row for each debit of a case that two people confirmed and instructed, to be accepted by two
    people like any other. Raises Refused before the cut-off, and where an export told it already.
    """
    at = clock.now()
    if at < NOTICE.dates.cut_off or case.state != DoubleCharge.State.INSTRUCTED:
        raise Refused("基準時刻より後の、戻入を依頼済みの受付だけが対象です。", "state")
    debits = list(case.debits.all())
    known = LateMovement.objects.filter(restores__in=[debit.transaction_id for debit in debits])
    if known.exclude(state=State.REFUSED).exists():
        raise Refused("この決済の戻入は、すでに一覧にあります。", "listed")
    with transaction.atomic():
        return [
            LateMovement.objects.create(
                key=f"own:{debit.transaction_id}",
                kind=Kind.OWN,
                coupon_id=case.coupon_id,
                prefecture_code=case.coupon.prefecture_code,
                restores=debit.transaction_id,
                yen=debit.amount,
                occurred_at=at,
                listed_at=at,
            ).begin(at=at)
            for debit in debits
        ]


def propose(
    row: LateMovement, *, accepts: bool, refusal: str = "", by: AbstractBaseUser
) -> LateMovement:
    """First signature: take it over, or put it aside for a coded reason."""
    if not accepts and refusal not in LateMovement.Refusal.values:
        raise Refused("見送りの理由を選んでください。", "reason")
    fields = {"prepared_by": by, "accepts": accepts, "refusal": "" if accepts else refusal}
    return row.move(State.PROPOSED, by=by, reason=fields["refusal"], **fields)


def send_back(row: LateMovement, *, by: AbstractBaseUser) -> LateMovement:
    """Return a proposal to be judged anew (差戻し). Raises Refused."""
    if row.state != State.PROPOSED:
        raise Refused("承認待ちの起案ではありません。画面を開き直してください。", "moved")
    return row.move(State.LISTED, by=by, prepared_by=None, accepts=False, refusal="")


def decide(row: LateMovement, *, by: AbstractBaseUser) -> SealedItem | None:
    """Second signature: what was proposed holds, or waits for a third person where it is drawn.

    Returns the new edition where yen change. In the caller's transaction, which carries the edition
    on. Raises Refused.
    """
    at = clock.now()
    if row.prepared_by_id == by.pk:
        raise Refused("起案した人とは別の担当者が承認してください。", "two_people")
    if is_drawn(row, settings.SECOND_LOOK_PERCENT):
        row.move(State.DRAWN, by=by, at=at, reason=row.refusal, approved_by=by, drawn=True)
        return None
    return hold(row, by=by, at=at, approved_by=by)


def look(row: LateMovement, *, agrees: bool, by: AbstractBaseUser) -> SealedItem | None:
    """A third person agrees with a drawn decision, which holds from now on, or sends it back.

    Returns the new edition as `decide` does. Raises Refused.
    """
    at = clock.now()
    if by.pk in (row.prepared_by_id, row.approved_by_id):
        raise Refused("起案・承認をした人とは別の担当者が確認してください。", "third_person")
    if row.state != State.DRAWN:
        raise Refused("二次確認は終わっています。画面を開き直してください。", "moved")
    if agrees:
        return hold(row, by=by, at=at, looked_by=by)
    fields = {"prepared_by": None, "approved_by": None, "drawn": False}
    row.move(State.LISTED, by=by, at=at, reason="second_look", accepts=False, refusal="", **fields)
    return None


def is_drawn(row: LateMovement, percent: int) -> bool:
    """Whether this decision falls into the share of second looks (N63): by hash, provable."""
    turn = row.steps.filter(new=State.PROPOSED).count()
    return cipher.in_share("second look", f"movement:{row.pk}:{turn}", percent)


def hold(
    row: LateMovement, *, by: AbstractBaseUser, at: datetime, **signed: AbstractBaseUser
) -> SealedItem | None:
    """The last signature: take over or put aside what was proposed."""
    coupon = Coupon.objects.select_for_update(of=("self",)).get(pk=row.coupon_id)
    if not row.accepts:
        row.move(State.REFUSED, by=by, at=at, reason=row.refusal, **signed)
        return None
    row.move(State.ACCEPTED, by=by, at=at, **signed)
    item = next_edition(coupon, row, at)
    if item is not None:
        item.save()
        LateMovement.objects.filter(pk=row.pk).update(item=item)
        row.item = item
    if row.kind == Kind.OWN:
        double_charges.reflect_arrived(at)
    return item


def next_edition(coupon: Coupon, row: LateMovement, at: datetime) -> SealedItem | None:
    """What `row`, just accepted, changes about what its coupon owes; None where nothing.

    A coupon that only a late give-back made eligible is owed its sealed balance with it (N43). A
    late payment never takes eligibility away: what was sealed as covered stays covered (Q12).
    """
    items = list(coupon.sealed_items.order_by("edition"))
    base = items[0] if items and items[0].edition == 0 else None
    accepted = list(coupon.late_movements.filter(state=State.ACCEPTED))
    facts = sealed_facts(coupon, base)
    restored = sum(each.yen for each in accepted if each.restores) > 0
    late_coupon = any(each.kind == Kind.COUPON for each in accepted)
    eligible = restored or (facts["eligible"] and (base is not None or late_coupon))
    balance = (base.balance if base else 0) + sum(each.yen for each in accepted)
    owed = max(0, balance) if eligible else 0
    change = owed - sum(item.yen for item in items)
    if change == 0:
        return None
    contact = {name: facts[name] for name in ("app_account", "app_phone", "app_email")}
    return SealedItem(
        coupon=coupon,
        edition=max((item.edition for item in items), default=0) + 1,
        balance=balance,
        yen=change,
        category=facts["category"] or SealedItem.Category.B,
        eligible=True,
        in_app=facts["in_app"],
        route=SealedItem.Route.APP_LINK if facts["in_app"] else SealedItem.Route.APPLICATION,
        at=at,
        prepared_by=row.prepared_by,
        approved_by=row.approved_by,
        **(contact if facts["in_app"] else {}),
    )


def sealed_facts(coupon: Coupon, base: SealedItem | None) -> dict[str, Any]:
    """Category, eligibility, place in the app and contact: frozen with the seal, or by its rule."""
    names = ("category", "eligible", "in_app", "app_account", "app_phone", "app_email")
    if base is not None:
        return {name: getattr(base, name) for name in names}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)} FROM ({outcome.rule(ids=True)}) r",
            outcome.moments() | {"ids": [coupon.pk]},
        )
        return dict(zip(names, cursor.fetchone(), strict=True))
