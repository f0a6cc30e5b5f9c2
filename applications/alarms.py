"""How the office hears of an alarm: one plain e-mail with a link to the screen that mends it.

Straight through the mail sender and not through the outbox, which may be what is stuck.
"""

from django.conf import settings

from applications.watching import Stuck
from config import clock
from config.models import Alarm
from payouts.outbound.messages import Accepted, Text, Unknown
from payouts.outbound.senders import sender_for

LABEL = "補償事務局システム"


def tell(found: list[Stuck], over: list[Alarm]) -> bool:
    """Tell what is stuck and what no longer is. True where every address took the e-mail."""
    at = clock.now()
    lines = [f"{at.astimezone(clock.JST):%Y/%m/%d %H:%M} 時点", ""]
    for each in found:
        detail = f"（{each.detail}）" if each.detail else ""
        lines += [f"■ {each.label}{detail}", f"  {settings.SITE_URL}{each.path()}", ""]
    if over:
        lines += ["解消したもの", *(f"・{alarm.label}" for alarm in over), ""]
    lines.append("このメールには個人の情報は含まれていません。")
    subject = f"【{LABEL}】要確認 {len(found)}件" if found else f"【{LABEL}】警報は解消しました"
    return send(subject, "\n".join(lines), f"alarm-{at:%Y%m%d%H%M%S%f}")


def tell_database_away() -> bool:
    """Tell, at most once an hour, that the database does not answer: no row can remember it."""
    at = clock.now()
    reference = f"alarm-database-{at:%Y%m%d%H}"
    if reference in _told:
        return True
    told = send(f"【{LABEL}】データベースが応答しません", "申請の受付も止まっています。", reference)
    if told:
        _told.add(reference)
    return told


_told: set[str] = set()


def send(subject: str, body: str, reference: str) -> bool:
    """One e-mail to each address of OFFICE_EMAIL."""
    sender = sender_for("email")
    outcomes = [
        sender.send(f"{reference}-{number}", address, Text(subject=subject, body=body))
        for number, address in enumerate(settings.OFFICE_EMAIL)
    ]
    return all(isinstance(outcome, Accepted | Unknown) for outcome in outcomes)
