"""The receipt message, and whether it reached its person: its link proves the channel, by POST.

An unproved channel is a mark for the office, not a bar (decided 15); scanners follow GET.
"""

from django.utils import translation

from applications import tokens
from applications.models import Application, ChannelLink
from applications.receipts import written
from applications.validators.postal import written as postal_code
from config import clock
from config.templatetags.notice import ja_moment
from payouts import messages, offices


def tell_receipt(row: Application, held: str = "", *, new: bool = False) -> None:
    """Write the receipt message (N55): number and time, never an amount; once a proof link.

    `held`: why it is not sent, for the office to see. `new`: stored in this transaction, so that
    nobody else can be making a link for it.
    """
    letter = f"〒{postal_code(row.postal_code)} {row.address} {row.name}"
    make = tokens.first if new else tokens.make
    link = make(ChannelLink, row, clock.now()) if row.channel in ("sms", "email") else None
    later = link is not None and link.generation > 1
    by_bank = row.method == Application.Method.BANK
    with translation.override(row.language):
        arrived = ja_moment(row.arrived_at)
    messages.write(
        f"receipt:{row.pk}:{link.generation}" if later else f"receipt:{row.pk}",
        "receipt",
        messages.Reach(
            row.prefecture_code, row.channel or "letter", row.delivery or letter, row.language
        ),
        facts={
            "receipt": written(row.receipt_number),
            "arrived": arrived,
            **({"printed": offices.printed(row.prefecture_code)} if by_bank else {}),
            **(tokens.facts(link) if link else {}),
        },
        subject=f"application:{row.pk}",
        held=held,
    )


def exists(token: str) -> bool:
    """Whether a link is alive; unknown and replaced ones look the same."""
    return tokens.find(ChannelLink, token) is not None


def prove(token: str) -> bool:
    """Note that the message arrived, the first time that it is said. False for a dead link."""
    at, link = clock.now(), tokens.find(ChannelLink, token)
    if link is None:
        return False
    Application.objects.filter(pk=link.application_id, channel_proved_at=None).update(
        channel_proved_at=at
    )
    return True
