"""What the office tells the applicant, and where: messages written with their act."""

from datetime import datetime, time, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from applications import sentences
from applications.models import Application, Claim
from applications.receipts import written
from config.clock import JST
from config.models import Postponement
from config.notice import NOTICE
from payouts import messages


def reach(row: Application) -> tuple[str, str]:
    """Channel and address of the applicant; where a bank applicant gave none, the post, and a call
    where there is no address either (N29).
    """
    if row.channel:
        return row.channel, row.delivery
    if not row.address and row.phone:
        return "call", row.phone
    return "letter", f"〒{row.postal_code[:3]}-{row.postal_code[3:]} {row.address}"


def tell_decision(row: Application, claims: list[Claim]) -> None:
    """The decision in whole sentences for each coupon, where not all are covered."""
    tell(row, "decision", decision_facts(row, claims))


def decision_facts(row: Application, claims: list[Claim]) -> dict[str, object]:
    """What that message says of each coupon, by the reasons that the claims carry."""
    with translation.override(row.language):
        coupons = [
            {
                "position": claim.position,
                "result": _("補償の対象になりませんでした")
                if claim.reason
                else _("補償の対象です"),
                "sentence": str(sentences.not_covered(claim.reason)) if claim.reason else "",
            }
            for claim in claims
        ]
    return {"coupons": coupons}


def tell_changed(row: Application, old: tuple[str, str], kind: str = "changed") -> None:
    """Tell who was reached so far that the application was changed, so that nobody else can."""
    if old[0] in ("sms", "email"):
        tell(row, kind, {}, old)


def tell(
    row: Application, kind: str, facts: dict[str, object], to: tuple[str, str] | None = None
) -> None:
    """Write one message to the applicant; a later one of the same kind is another message."""
    count = row.steps.filter(new=row.state).count()
    messages.write(
        f"{kind}:{row.pk}:{count}",
        kind,
        messages.Reach(row.prefecture_code, *(to or reach(row)), row.language),
        facts={"receipt": written(row.receipt_number), **facts},
        subject=f"application:{row.pk}",
    )


def correction_end(at: datetime) -> datetime:
    """The first moment too late for an answer asked for at `at` (notice: corrections), JST."""
    latest = NOTICE.end_of("correction_latest", Postponement.approved())
    day = at.astimezone(JST).date() + timedelta(days=NOTICE.dates.correction_days + 1)
    return min(datetime.combine(day, time(), JST), latest)
