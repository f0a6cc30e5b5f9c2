"""Amounts that no brand can pay exactly: found, marked for the office, told to the person (N72).

The way out is a transfer to a bank account; the page of the application offers the change.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Count

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from payouts import messages, shelf
from payouts.models import Code, Payout
from payouts.outbound.gifts.providers import provider_for

WAVE = 500


def mark() -> dict[str, int]:
    """Bring the marks in line with what the brands can pay; who is marked anew gets a message.

    Asked once for each office and amount. Safe twice.
    """
    counts = {"marked": 0, "cleared": 0}
    at = clock.now()
    due = Payout.objects.filter(state="ready", road="points")
    sums = due.values_list("prefecture_code", "amount").annotate(Count("id")).order_by()
    wanted: dict[str, list[int]] = {}
    faces = known_faces()
    for prefecture, amount, _ in sums:
        wanted.setdefault(prefecture, []).append(amount)
    for prefecture, amounts in wanted.items():
        stuck = unpayable(amounts, faces.get(prefecture, {}))
        own = due.filter(prefecture_code=prefecture)
        marked = own.filter(unpayable_at__isnull=False).exclude(amount__in=stuck)
        counts["cleared"] += marked.update(unpayable_at=None)
        counts["marked"] += _tell(
            list(own.filter(amount__in=stuck, unpayable_at=None).values_list("id", flat=True))
        )
    over = Payout.objects.filter(unpayable_at__isnull=False, unpayable_at__lt=at)
    counts["cleared"] += over.exclude(state="ready").update(unpayable_at=None)
    return counts


def known_faces() -> dict[str, dict[str, dict[int, int]]]:
    """The face values that each office has ever had of a brand, each as often as one may get it.

    A stock that is used up for now is filled again: no reason to send anybody to the bank.
    """
    found: dict[str, dict[str, dict[int, int]]] = {}
    rows = Code.objects.values_list("prefecture_code", "brand", "face_value").distinct().order_by()
    for prefecture, brand, yen in rows:
        found.setdefault(prefecture, {}).setdefault(brand, {})[yen] = shelf.MOST_PARTS
    return found


def unpayable(amounts: Iterable[int], faces: Mapping[str, dict[int, int]]) -> list[int]:
    """Those of these amounts (yen) that no brand can pay exactly; `faces` are the stock's.

    None where no brand is known to pay anything: then it is the stock that is missing.
    """
    apis = [provider for brand in NOTICE.brands if (provider := provider_for(brand))]
    stocks = [faces[brand] for brand in NOTICE.brands if not provider_for(brand) and brand in faces]
    if not apis and not stocks:
        return []
    return [
        yen
        for yen in amounts
        if not any(api.quote(yen).parts for api in apis)
        and not any(shelf.exact_parts(yen, counts) for counts in stocks)
    ]


def _tell(ids: list[int]) -> int:
    """Mark these payouts and write to their people, in waves."""
    at, told = clock.now(), 0
    due_at = NOTICE.next_link_moment(at, Postponement.approved())
    for start in range(0, len(ids), WAVE):
        with transaction.atomic():
            rows = Payout.objects.select_for_update(of=("self",)).filter(
                pk__in=ids[start : start + WAVE], state="ready", unpayable_at=None
            )
            payouts = list(rows.order_by("pk"))
            Payout.objects.filter(pk__in=[row.pk for row in payouts]).update(unpayable_at=at)
            messages.write_all(
                [
                    messages.compose(
                        f"unpayable:{row.pk}",
                        "unpayable",
                        messages.reach(row),
                        at,
                        subject=f"payout:{row.pk}",
                        due_at=due_at,
                    )
                    for row in payouts
                    if row.channel in ("sms", "email")
                ]
            )
            told += len(payouts)
    return told
