"""Marks for what looks like one hand behind many applications: a person looks, nobody is refused.

A marked case is never clean by matching alone. Each mark is a rule over rows that a clerk can look
at: `like` gives the others that share it. Nothing here is told to the applicant.
"""

import unicodedata
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from applications import sources
from applications.models import Application, Claim
from config import clock

FRESH = timedelta(days=1)  # a run looks for company of what came since; the company is any age
SAME_ACCOUNT, SAME_CONTACT, SAME_ADDRESS, RUN, BURST = 3, 4, 4, 5, 4
SHORT = timedelta(minutes=10)
BLOCK = 3  # last digits in which phones of one block differ

WHY = {
    "same_account": f"同じ口座を振込先とする申請が{SAME_ACCOUNT}件以上あります",
    "same_contact": f"同じ電話番号・配信先の申請が{SAME_CONTACT}件以上あります",
    "same_address": f"同じ住所の申請が{SAME_ADDRESS}件以上あります",
    "number_run": f"1時間以内の複数の申請で、お問合せ番号が続き番号（{RUN}枚以上）になっています",
    "phone_burst": (
        f"下{BLOCK}桁だけが違う電話番号から、10分以内に{BURST}件以上の申請がありました"
    ),
    **{mark: sources.WHY[mark] for mark in ("many_from_address", "many_for_number")},
}

# Each gives the ids of open applications that share a trait with at least one fresh one.
RULES = {
    "same_account": f"""
        SELECT a.id FROM applications_application a
        JOIN payouts_bankaccount b ON b.id = a.bank_account_id
        WHERE b.account_hash IN (
            SELECT o.account_hash FROM payouts_bankaccount o
            JOIN applications_application x ON x.bank_account_id = o.id AND x.state <> 'withdrawn'
            WHERE o.account_hash IN (
                SELECT f.account_hash FROM fresh JOIN payouts_bankaccount f
                    ON f.id = fresh.bank_account_id WHERE f.account_hash IS NOT NULL)
            GROUP BY 1 HAVING count(*) >= {SAME_ACCOUNT})""",
    "same_contact": f"""
        SELECT a.id FROM applications_application a WHERE a.phone IN (
            SELECT phone FROM applications_application
            WHERE phone IN (SELECT phone FROM fresh WHERE phone <> '') AND state <> 'withdrawn'
            GROUP BY 1 HAVING count(*) >= {SAME_CONTACT})
        UNION
        SELECT a.id FROM applications_application a WHERE a.delivery IN (
            SELECT delivery FROM applications_application
            WHERE delivery IN (SELECT delivery FROM fresh WHERE delivery <> '')
              AND state <> 'withdrawn'
            GROUP BY 1 HAVING count(*) >= {SAME_CONTACT})""",
    "same_address": f"""
        SELECT a.id FROM applications_application a WHERE (a.postal_code, a.address) IN (
            SELECT postal_code, address FROM applications_application
            WHERE postal_code <> '' AND address <> '' AND state <> 'withdrawn'
              AND postal_code IN (SELECT postal_code FROM fresh WHERE postal_code <> '')
            GROUP BY 1, 2 HAVING count(*) >= {SAME_ADDRESS}) AND a.postal_code <> ''""",
    "number_run": f"""
        WITH numbers AS (
            SELECT DISTINCT c.inquiry_number::bigint AS number, c.application_id,
                   fresh.arrived_at
            FROM fresh JOIN applications_claim c ON c.application_id = fresh.id
            WHERE c.inquiry_number ~ '^[0-9]{{1,18}}$'
        ), runs AS (
            SELECT number - dense_rank() OVER (ORDER BY number) AS run, application_id, number,
                   arrived_at
            FROM numbers
        ), long AS (
            SELECT run FROM runs GROUP BY run
            HAVING count(DISTINCT number) >= {RUN} AND count(DISTINCT application_id) >= 3
               AND max(arrived_at) - min(arrived_at) <= interval '1 hour'
        )
        SELECT application_id FROM runs JOIN long USING (run)""",
    "phone_burst": f"""
        SELECT unnest(ids) FROM (
            SELECT array_agg(id) AS ids FROM (
                SELECT id, phone, left(phone, -{BLOCK}) AS block,
                       floor(extract(epoch FROM arrived_at) / {int(SHORT.total_seconds())}) AS slot
                FROM fresh WHERE phone <> ''
            ) p GROUP BY block, slot HAVING count(DISTINCT phone) >= {BURST}
        ) found""",
    # All within an hour of the moment at which it became too many, those before it as well.
    "many_from_address": f"""
        WITH counted AS (
            SELECT id, source, arrived_at, count(*) OVER (
                PARTITION BY source ORDER BY arrived_at
                RANGE BETWEEN interval '1 hour' PRECEDING AND CURRENT ROW) AS sent
            FROM fresh WHERE source IS NOT NULL
        )
        SELECT id FROM (
            SELECT id, max(sent) OVER (
                PARTITION BY source ORDER BY arrived_at
                RANGE BETWEEN CURRENT ROW AND interval '1 hour' FOLLOWING) AS most
            FROM counted
        ) hours WHERE most > {sources.AN_HOUR}""",
}
MARK = """
    WITH fresh AS MATERIALIZED (
        SELECT id, phone, delivery, postal_code, address, bank_account_id, arrived_at, source
        FROM applications_application WHERE arrived_at >= %(since)s AND state <> 'withdrawn'
    ), found AS MATERIALIZED ({rule})
    UPDATE applications_application a SET marks = array_append(a.marks, %(mark)s)
    WHERE a.id IN (SELECT * FROM found) AND a.state IN ('received', 'held', 'asked', 'checked')
      AND NOT a.marks @> ARRAY[%(mark)s]::varchar[]"""


def mark(since: datetime | None = None) -> dict[str, int]:
    """Mark open applications that share a trait with one that came since (a day); safe twice.

    Returns how many got each mark.
    """
    since = since or clock.now() - FRESH
    counts = {}
    with connection.cursor() as cursor:
        for code, rule in RULES.items():
            cursor.execute(MARK.replace("{rule}", rule), {"since": since, "mark": code})
            counts[code] = cursor.rowcount
    return counts


def like(code: str, row: Application) -> Q:
    """The condition on applications that share this mark's trait with `row`, itself among them."""
    match code:
        case "same_account" if row.bank_account and row.bank_account.account_hash:
            return Q(bank_account__account_hash=row.bank_account.account_hash)
        case "same_contact":
            same = Q(phone=row.phone) if row.phone else Q(pk=row.pk)
            return same | Q(delivery=row.delivery) if row.delivery else same
        case "same_address" if row.postal_code:
            return Q(postal_code=row.postal_code, address=row.address)
        case "number_run":
            return Q(pk__in=_neighbours(row))
        case "many_from_address" if row.source:
            near = (row.arrived_at - sources.HOUR, row.arrived_at + sources.HOUR)
            return Q(source=row.source, arrived_at__range=near)
        case "many_for_number":
            numbers = row.claims.exclude(inquiry_number="").values("inquiry_number")
            return Q(pk__in=Claim.objects.filter(inquiry_number__in=numbers).values("application"))
        case "phone_burst" if row.phone:
            block = row.phone[:-BLOCK]
            near = (row.arrived_at - SHORT, row.arrived_at + SHORT)
            return Q(phone__startswith=block, arrived_at__range=near)
    return Q(pk=row.pk)


def _neighbours(row: Application) -> list[int]:
    """Who asks for numbers within RUN steps of this application's."""
    near = set()
    for number in row.claims.exclude(inquiry_number="").values_list("inquiry_number", flat=True):
        if number.isdecimal():
            span = range(int(number) - RUN, int(number) + RUN + 1)
            near |= {str(other).zfill(len(number)) for other in span if other >= 0}
    claims = Claim.objects.filter(inquiry_number__in=near)
    return [row.pk, *claims.values_list("application_id", flat=True)]


def folded_address(row: Application) -> str:
    """An address as it is compared: one width, without blanks and dashes."""
    text = unicodedata.normalize("NFKC", row.postal_code + row.address)
    return "".join(sign for sign in text if not sign.isspace() and sign not in "-‐−ー")
