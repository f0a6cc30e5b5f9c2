"""What keeps the sending within bounds: a pause, the provider's pace, the day's money, the number.

All of them are asked inside the claim, so that they hold for all processes at once. A day is a day
in Japan by the database's clock: a jump of the rehearsal gives nobody new money.
"""

import re
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction

from config import clock
from config.cipher import keyed_hash
from config.states import Refused
from payouts.models import Barred, Message, Pause, Spending

CHANNELS = {"sms": "SMS", "email": "メール"}
AHEAD = 2.0  # seconds of work that may be reserved with a provider in advance
MOBILE = re.compile(r"\+81[6789]0\d{8}")  # 060, 070, 080, 090
TODAY = "(clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date"
Budget = Spending.Budget


def pause(channel: str, *, by: AbstractBaseUser, reason: str) -> Pause:
    """Stop a channel, until `resume`. Raises Refused without a reason, or where it stands still."""
    at, reason = clock.now(), reason.strip()
    if channel not in CHANNELS:
        raise Refused("停止する送信方法を選んでください。", "channel")
    if not reason:
        raise Refused("停止の理由を入力してください。", "reason")
    try:
        with transaction.atomic():
            return Pause.objects.create(channel=channel, reason=reason[:200], at=at, by=by)
    except IntegrityError as error:
        raise Refused(f"{CHANNELS[channel]}の送信は、すでに停止しています。", "paused") from error


def resume(channel: str, *, by: AbstractBaseUser) -> None:
    """Let a channel go on. Raises Refused where it is not paused."""
    at = clock.now()
    rows = Pause.objects.filter(channel=channel, ended_at=None)
    if not rows.update(ended_at=at, ended_by=by):
        raise Refused("送信は停止していません。", "running")


def paused(channel: str) -> bool:
    """Whether the office has stopped a channel."""
    return Pause.objects.filter(channel=channel, ended_at=None).exists()


def room(channel: str, rate: float, wanted: int) -> int:
    """How many messages a worker may claim now for a provider's pace: a second's worth at most.

    `rate` in calls a second of all processes, 0 for no bound. None while the line is long enough,
    or while the provider is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT extract(epoch FROM free_at - clock_timestamp())::float FROM payouts_pace
               WHERE channel = %s""",
            [channel],
        )
        row = cursor.fetchone()
    line = row[0] if row else 0
    if line > (AHEAD if rate else 0):
        return 0
    return min(wanted, max(1, int(rate))) if rate else wanted


def reserve(channel: str, rate: float, count: int) -> float:
    """Take the next `count` places in a provider's line; seconds until the first. Atomic."""
    if not (rate and count):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO payouts_pace (channel, free_at)
               VALUES (%(channel)s, clock_timestamp() + make_interval(secs => %(seconds)s))
               ON CONFLICT (channel) DO UPDATE
               SET free_at = greatest(payouts_pace.free_at, clock_timestamp())
                   + make_interval(secs => %(seconds)s)
               RETURNING extract(epoch FROM free_at - clock_timestamp())::float""",
            {"channel": channel, "seconds": count / rate},
        )
        return max(0, cursor.fetchone()[0] - count / rate)


def rest(channel: str, seconds: float) -> None:
    """Leave a provider alone for a while: it does not answer, or refuses us and not the people."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO payouts_pace (channel, free_at)
               VALUES (%(channel)s, clock_timestamp() + make_interval(secs => %(seconds)s))
               ON CONFLICT (channel) DO UPDATE
               SET free_at = greatest(payouts_pace.free_at, excluded.free_at)""",
            {"channel": channel, "seconds": seconds},
        )


def limit(budget: str) -> int:
    """Yen that a day may cost."""
    receipts = budget == Budget.RECEIPTS
    return settings.SMS_RECEIPT_BUDGET_YEN if receipts else settings.SMS_DAILY_BUDGET_YEN


def budget_of(kind: str) -> str:
    """Which budget pays an SMS of a kind: receipts are asked for by anybody, the rest by us."""
    return Budget.RECEIPTS if kind == Message.Kind.RECEIPT else Budget.OTHERS


def spend(budget: str, wanted: int) -> int:
    """Take the money for `wanted` SMS out of the day's budget; returns how many it pays.

    The row is held meanwhile: no two workers spend the same yen. The first that finds it empty
    notes the moment, which is the alarm.
    """
    if not wanted:
        return 0
    price, bound = settings.SMS_PRICE_YEN, limit(budget)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO payouts_spending (day, budget, yen) VALUES ({TODAY}, %s, 0)
                ON CONFLICT (day, budget) DO UPDATE SET yen = payouts_spending.yen
                RETURNING id, yen""",
            [budget],
        )
        row, spent = cursor.fetchone()
        paid = min(wanted, max(0, bound - spent) // price) if price else wanted
        cursor.execute(
            """UPDATE payouts_spending
               SET yen = yen + %s, stopped_at = CASE WHEN %s THEN coalesce(stopped_at, %s)
                                                     ELSE stopped_at END
               WHERE id = %s""",
            [paid * price, paid < wanted, clock.now(), row],
        )
    return paid


def give_back(budget: str, count: int) -> None:
    """Put back the money of SMS that the provider did not take; the alarm stays."""
    if count:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE payouts_spending SET yen = greatest(yen - %s, 0)
                    WHERE day = {TODAY} AND budget = %s""",
                [count * settings.SMS_PRICE_YEN, budget],
            )


def spent_today() -> list[Spending]:
    """What SMS cost today, by budget; a budget of which nothing is spent has a row of zero."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {TODAY}")
        today: date = cursor.fetchone()[0]
    known = {row.budget: row for row in Spending.objects.filter(day=today)}
    return [known.get(each) or Spending(day=today, budget=each, yen=0) for each in Budget]


def too_many(batch: Iterable[Message]) -> set[int]:
    """Ids of those SMS of a claimed batch whose number has had its share of the day.

    Looked up by the index over addresses. Messages that go through another worker at this moment
    count as sent.
    """
    at, batch = clock.now(), list(batch)
    start = at.astimezone(clock.JST).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT address, count(*) FROM payouts_message
               WHERE address = ANY(%s) AND channel = 'sms' AND NOT id = ANY(%s)
                 AND (sent_at >= %s OR sent_at IS NULL AND lease_until > clock_timestamp())
               GROUP BY address""",
            [list({row.address for row in batch}), [row.pk for row in batch], start],
        )
        had = dict(cursor.fetchall())
    found = set()
    for row in batch:
        had[row.address] = had.get(row.address, 0) + 1
        if had[row.address] > settings.SMS_NUMBER_A_DAY:
            found.add(row.pk)
    return found


def is_mobile(address: str) -> bool:
    """Whether an SMS to this number is ours to send: a Japanese mobile phone."""
    return bool(MOBILE.fullmatch(address))


def address_hash(channel: str, address: str) -> bytes:
    """How a barred address is kept."""
    return keyed_hash("barred", f"{channel}:{address.casefold()}")


def bar(channel: str, address: str, code: str) -> None:
    """Send nothing to an address any more (N58); once."""
    Barred.objects.bulk_create(
        [
            Barred(
                channel=channel,
                address_hash=address_hash(channel, address),
                code=code,
                at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )


def barred(batch: Iterable[Message]) -> set[int]:
    """Ids of those messages of a batch whose address is barred."""
    if not Barred.objects.filter(lifted_at=None).exists():
        return set()
    hashes = {row.pk: address_hash(row.channel, row.address) for row in batch}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT address_hash FROM payouts_barred
               WHERE address_hash = ANY(%s) AND lifted_at IS NULL""",
            [list(hashes.values())],
        )
        known = {bytes(row[0]) for row in cursor.fetchall()}
    return {pk for pk, each in hashes.items() if each in known}


def is_barred(channel: str, address: str) -> bool:
    """Whether nothing goes to this address any more."""
    rows = Barred.objects.filter(channel=channel, lifted_at=None)
    return rows.filter(address_hash=address_hash(channel, address)).exists()


def lift(channel: str, address: str, *, by: AbstractBaseUser) -> bool:
    """Let messages go to an address again; whether it was barred."""
    rows = Barred.objects.filter(
        channel=channel, address_hash=address_hash(channel, address), lifted_at=None
    )
    return bool(rows.update(lifted_at=clock.now(), lifted_by=by))
