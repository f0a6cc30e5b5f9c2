"""App holders get their points without an application (2(A)②, N20 to N24).

One run opens one payout per app account and prefecture, all its coupons together, to the contact
frozen with the seal. It is prepared with its figures by one person and approved by another; then a
job opens it in chunks, and `opening.release_due` sends the links. What another road holds, or what
somebody asks for in an application not decided yet, is left out; a later run takes what is free.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction

from config import clock
from config.states import OVERTAKEN, Refused
from coupons.models import Coupon
from coupons.sealing import is_sealed
from payouts import clerks, opening
from payouts.models import AppHolderRun, Payout

CHUNK = 2_500  # app accounts opened in one transaction: well under two seconds of locks
TRIES = 5  # for a chunk that another road overtook
REACHABLE_SMS = r"^\+81[789]0[0-9]{8}$"

# Free entitlements on the app road, with the contact of their account: the newest coupon's, phone
# before e-mail. {reserved} names coupons asked for elsewhere; {accounts} bounds the accounts, and
# {by_row} (OFFSET 0) keeps the planner from reading whole tables for a chunk.
ITEMS = """
    SELECT item.app_account, coupon.prefecture_code, item.coupon_id, item.edition, item.yen,
           CASE WHEN item.app_phone ~ '{sms}' THEN 'sms' WHEN item.app_email <> '' THEN 'email'
                ELSE '' END AS channel,
           CASE WHEN item.app_phone ~ '{sms}' THEN item.app_phone ELSE item.app_email END AS address
    FROM coupons_sealeditem item
    CROSS JOIN LATERAL (
        SELECT prefecture_code FROM coupons_coupon WHERE id = item.coupon_id {by_row}) coupon
    WHERE item.route = 'app_link' AND {accounts}
      AND coupon.prefecture_code = ANY(%(prefectures)s)
      AND NOT EXISTS (SELECT FROM payouts_payoutline line
                      WHERE line.coupon_id = item.coupon_id AND line.edition = item.edition
                        AND line.released_at IS NULL {by_row})
      AND NOT EXISTS ({reserved} {by_row})
"""
SOME = "item.app_account > %(after)s AND item.app_account <= %(reached)s"
NOBODY = "SELECT WHERE false"
HOLDERS = """
    SELECT app_account, prefecture_code, count(DISTINCT coupon_id) AS coupons, sum(yen) AS yen,
           (array_agg(channel ORDER BY channel = '', coupon_id DESC))[1] AS channel,
           (array_agg(address ORDER BY channel = '', coupon_id DESC))[1] AS address
    FROM items GROUP BY app_account, prefecture_code HAVING sum(yen) > 0
"""
PREVIEW = f"""
    WITH items AS MATERIALIZED ({{items}}), holders AS ({HOLDERS})
    SELECT prefecture_code, count(*) FILTER (WHERE channel <> ''),
           coalesce(sum(coupons) FILTER (WHERE channel <> ''), 0)::bigint,
           coalesce(sum(yen) FILTER (WHERE channel <> ''), 0)::bigint,
           count(*) FILTER (WHERE channel = 'sms'), count(*) FILTER (WHERE channel = 'email'),
           count(*) FILTER (WHERE channel = ''),
           coalesce(sum(yen) FILTER (WHERE channel = ''), 0)::bigint
    FROM holders GROUP BY prefecture_code ORDER BY prefecture_code
"""
REACHED = """
    SELECT max(app_account) FROM (
        SELECT DISTINCT app_account FROM coupons_sealeditem
        WHERE route = 'app_link' AND app_account > %s ORDER BY app_account LIMIT %s) a
"""
OPEN = f"""
    WITH items AS MATERIALIZED ({{items}}), holders AS ({HOLDERS}), opened AS (
        INSERT INTO payouts_payout
            (prefecture_code, road, origin, state, channel, address, language, proofs, app_account,
             by_matching, prepared_by_id, approved_by_id, opened_at)
        SELECT prefecture_code, 'points', 'app_holder', 'waiting', channel, address, 'ja',
               '{{{{}}}}', app_account, false, %(prepared)s, %(approved)s, %(at)s
        FROM holders WHERE channel <> '' ORDER BY app_account, prefecture_code
        RETURNING id, app_account, prefecture_code
    ), lines AS (
        INSERT INTO payouts_payoutline (payout_id, coupon_id, edition, prefecture_code)
        SELECT o.id, i.coupon_id, i.edition, i.prefecture_code
        FROM opened o JOIN items i USING (app_account, prefecture_code)
        RETURNING coupon_id, edition
    ), steps AS (
        INSERT INTO payouts_payoutstep (of_id, old, new, at, by_id, reason)
        SELECT id, '', 'waiting', %(at)s, %(approved)s, 'app_holder' FROM opened
    )
    SELECT (SELECT count(*) FROM opened), count(DISTINCT coupon_id),
           coalesce(sum(yen), 0)::bigint
    FROM lines JOIN items USING (coupon_id, edition)
"""


@dataclass(frozen=True)
class Preview:
    """What a run would open in one prefecture: payouts, coupons, yen; by channel; out of reach."""

    prefecture_code: str
    payouts: int
    coupons: int
    yen: int
    by_sms: int
    by_email: int
    unreachable: int
    unreachable_yen: int


def items_sql(reserved: str, accounts: str = "true") -> str:
    """ITEMS of all accounts, or of those within a condition; `reserved` as in `preview`."""
    by_row = "" if accounts == "true" else "OFFSET 0"
    return ITEMS.format(sms=REACHABLE_SMS, accounts=accounts, reserved=reserved, by_row=by_row)


def preview(prefectures: list[str], reserved: str = NOBODY) -> list[Preview]:
    """What a run over these prefectures would open now. Raises Refused before the seal.

    `reserved` is an SQL subquery about `item.coupon_id`: coupons asked for in another way.
    """
    require_seal()
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW.format(items=items_sql(reserved)), {"prefectures": prefectures})
        return [Preview(*row) for row in cursor.fetchall()]


def prepare(by: AbstractBaseUser, reserved: str = NOBODY) -> AppHolderRun:
    """First signature: a run over the prefectures that this person works for, with its figures.

    Raises Refused where there is nothing to open, or another run is under way there.
    """
    at = clock.now()
    prefectures = sorted(clerks.prefectures_of(by))
    found = preview(prefectures, reserved)
    if not sum(row.payouts for row in found):
        raise Refused("配信できるアプリ会員はいません。", "empty")
    open_runs = AppHolderRun.objects.filter(finished_at=None, cancelled_at=None)
    if open_runs.filter(prefectures__overlap=prefectures).exists():
        raise Refused("承認待ちまたは作成中の配信があります。", "open")
    return AppHolderRun.objects.create(
        prefectures=prefectures,
        prepared_at=at,
        prepared_by=by,
        payouts=sum(row.payouts for row in found),
        coupons=sum(row.coupons for row in found),
        yen=sum(row.yen for row in found),
    )


def approve(run: AppHolderRun, by: AbstractBaseUser) -> AppHolderRun:
    """Second signature. Raises Refused for the same person, or one of other prefectures."""
    at = clock.now()
    if run.prepared_by_id == by.pk:
        raise Refused("作成した人とは別の担当者が承認してください。", "two_people")
    require_all(run, by)
    waiting = AppHolderRun.objects.filter(pk=run.pk, approved_at=None, cancelled_at=None)
    if not waiting.update(approved_at=at, approved_by=by):
        raise Refused(OVERTAKEN, "moved")
    run.refresh_from_db()
    return run


def cancel(run: AppHolderRun, by: AbstractBaseUser) -> AppHolderRun:
    """Take back a run that is not approved yet."""
    at = clock.now()
    require_all(run, by)
    waiting = AppHolderRun.objects.filter(pk=run.pk, approved_at=None, cancelled_at=None)
    if not waiting.update(cancelled_at=at):
        raise Refused("承認された配信は取り下げられません。", "moved")
    run.refresh_from_db()
    return run


def open_for_app_holders(
    reserved: str = NOBODY, *, chunk: int = CHUNK, limit: int | None = None
) -> dict[str, int]:
    """Go on with the approved runs, chunk by chunk; at most `limit` chunks. Returns counts.

    Safe twice, at once, and after a kill: a chunk and the place reached are one transaction.
    """
    counts = {"runs": 0, "payouts": 0, "coupons": 0, "yen": 0}
    done = 0
    for run in AppHolderRun.objects.filter(finished_at=None, approved_at__isnull=False):
        while limit is None or done < limit:
            opened = open_chunk(run.pk, reserved, chunk)
            done += 1
            if opened is None:
                counts["runs"] += 1
                break
            for name, number in zip(("payouts", "coupons", "yen"), opened, strict=True):
                counts[name] += number
    return counts


def open_chunk(run_id: int, reserved: str, chunk: int) -> tuple[int, int, int] | None:
    """Open the payouts of the next accounts; None where none are left, and the run ends.

    Where another road took one of the coupons meanwhile, the chunk is read and tried anew.
    """
    at = clock.now()
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _open_chunk(run_id, reserved, chunk, at)
        except IntegrityError:
            if attempt == TRIES:
                raise
    return None


def _open_chunk(
    run_id: int, reserved: str, chunk: int, at: datetime
) -> tuple[int, int, int] | None:
    run = AppHolderRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != "approved":
        return None
    with connection.cursor() as cursor:
        cursor.execute(REACHED, [run.reached, chunk])
        reached = cursor.fetchone()[0]
        if reached is None:
            AppHolderRun.objects.filter(pk=run.pk).update(finished_at=at)
            return None
        cursor.execute(
            OPEN.format(items=items_sql(reserved, SOME)),
            {
                "prefectures": run.prefectures,
                "after": run.reached,
                "reached": reached,
                "prepared": run.prepared_by_id,
                "approved": run.approved_by_id,
                "at": at,
            },
        )
        opened = cursor.fetchone()
    AppHolderRun.objects.filter(pk=run.pk).update(
        reached=reached,
        opened_payouts=run.opened_payouts + opened[0],
        opened_coupons=run.opened_coupons + opened[1],
        opened_yen=run.opened_yen + opened[2],
    )
    return opened


def give_way(coupons: list[Coupon], *, by: AbstractBaseUser, reason: str) -> list[Payout]:
    """Take coupons out of app-holder payouts not issued yet, since their holder chose the bank.

    Each such payout is cancelled, its link dies, and one for its other coupons is opened to the
    same contact. In the caller's transaction. Returns the payouts reopened; Refused where the link
    was used already (N46).
    """
    ids = [coupon.pk for coupon in coupons]
    held = Payout.objects.filter(
        origin=Payout.Origin.APP_HOLDER, lines__coupon__in=ids, lines__released_at=None
    )
    reopened = []
    rows = Payout.objects.filter(pk__in=held.values("pk")).select_for_update(of=("self",))
    for payout in rows.order_by("pk"):
        if payout.state == Payout.State.NOTHING_DUE:
            continue
        if payout.state not in (Payout.State.WAITING, Payout.State.READY):
            raise Refused(
                "アプリ会員への案内がすでに使われているため、承認できません。", "app_used"
            )
        rest = list(payout.lines.exclude(coupon__in=ids).values_list("coupon_id", "edition"))
        opening.cancel(payout, by=by, reason=reason)
        if rest:
            reopened.append(opening.follow(payout, rest, by=by, reason=reason))
    return reopened


def giving_way(payouts: set[int]) -> frozenset[int]:
    """Those of the payouts from which a bank application may still take its coupons."""
    rows = Payout.objects.filter(pk__in=payouts, origin=Payout.Origin.APP_HOLDER)
    free = rows.filter(state__in=[Payout.State.WAITING, Payout.State.READY])
    return frozenset(free.values_list("pk", flat=True)) if payouts else frozenset()


def require_seal() -> None:
    """Raises Refused while no contact and no amount is frozen."""
    if not is_sealed():
        raise Refused("残額がまだ確定していないため、アプリ会員へ配信できません。", "unsealed")


def require_all(run: AppHolderRun, by: AbstractBaseUser) -> None:
    """Raises Refused where the account does not work for every prefecture of the run."""
    for prefecture in run.prefectures:
        clerks.require(by, prefecture)
