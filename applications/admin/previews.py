"""The message that a decision or a question would write, shown before it is written."""

from dataclasses import dataclass

from django.http import QueryDict

from applications import replies, sentences
from applications.corrections import asking
from applications.models import Application, Claim
from applications.receipts import written
from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts import texts

LINK = "（ここに、申請者ごとのURLが入ります）"


@dataclass(frozen=True)
class Preview:
    """A message as its reader would get it; `channel` is sms, email or letter."""

    channel: str
    subject: str
    body: str


def of(row: Application, posted: QueryDict) -> Preview:
    """The message of what stands in the form: a question, or the choices for the coupons.

    Raises Refused where the form would write none.
    """
    if posted.get("verb") == "ask":
        what = [code for code in sentences.ASKED if code in posted.getlist("what")]
        if not what:
            raise Refused("申請者に確認したいことを選んでください。", "reason")
        due = replies.correction_end(clock.now())
        return made(row, "ask", asking.question(row, what, due) | {"items": what, "link": LINK})
    claims = list(row.claims.filter(state="pending").order_by("position"))
    for claim in claims:
        chosen = posted.get(f"decision_{claim.pk}", "")
        claim.reason = posted.get(f"reason_{claim.pk}", "") if chosen == "not_covered" else ""
        if chosen not in ("approved", "not_covered"):
            raise Refused(f"{claim.position}枚目：判断を選んでください。", "incomplete")
        if chosen == "not_covered" and claim.reason not in Claim.Reason.values:
            raise Refused(
                f"{claim.position}枚目：補償の対象外とする理由を選んでください。", "reason"
            )
    if not any(claim.reason for claim in claims):
        raise Refused("すべて承認のときは、確認結果のお知らせは送られません。", "nothing")
    return decision(row, claims)


def standing(row: Application) -> Preview | None:
    """The message that approving a checked case would write, where not all is covered."""
    if row.state != Application.State.CHECKED:
        return None
    claims = list(row.claims.filter(state="pending").order_by("position"))
    return decision(row, claims) if any(claim.reason for claim in claims) else None


def decision(row: Application, claims: list[Claim]) -> Preview:
    """The message of a decision by the reasons that the claims carry."""
    return made(row, "decision", replies.decision_facts(row, claims))


def made(row: Application, kind: str, facts: dict[str, object]) -> Preview:
    """The text by the channel of the applicant."""
    channel, _ = replies.reach(row)
    office = NOTICE.prefectures[row.prefecture_code]
    given = {"link": "", "receipt": written(row.receipt_number), **facts}
    text = texts.compose(kind, channel, office, given, row.language)
    return Preview(channel, text.subject, text.body)
