"""The words of every message, made when it is sent. One template a kind, channel and language.

SMS stay within 70 UTF-16 units with the real sender and host, checked at start (decided 13).
"""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import Context
from django.template.loader import get_template

from config.notice import NOTICE, Prefecture
from config.templatetags.notice import until_short
from payouts import links
from payouts.models import Message
from payouts.outbound.messages import Text

SMS_UNITS = 70
RECEIPT_SAMPLE = "WWWW-WWWW-WWWW"


def render(message: Message) -> Text:
    """The text as its receiver reads it."""
    link = links.address_of(message.link) if message.link else ""
    return compose(
        message.kind,
        message.channel,
        NOTICE.prefectures[message.prefecture_code],
        {**message.facts, "link": link},
    )


def compose(kind: str, channel: str, office: Prefecture, facts: dict[str, object]) -> Text:
    """A text of one kind for one office, with the notice's facts and these."""
    context = {
        "notice": NOTICE,
        "office": office,
        "site_url": settings.SITE_URL,
        "site_host": settings.SITE_HOST,
        **facts,
    }
    name = f"messages/{kind}.{'sms' if channel == 'sms' else 'mail'}.txt"
    words = get_template(name).template.render(Context(context, autoescape=False))
    if channel == "sms":
        return Text(words.strip())
    subject, _, body = words.partition("\n")
    return Text(body.strip() + "\n", subject.strip(), office.office_name)


def units(text: str) -> int:
    """The length of an SMS as carriers count it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@register
def sms_fit(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Each SMS of each office fits one message, with this site's real address."""
    facts = {
        "link": f"{settings.SITE_URL}/r/{'W' * links.LENGTH}",
        "receipt": RECEIPT_SAMPLE,
        "until_short": until_short(NOTICE.dates.receiving_closes),
    }
    if settings.TRYING_OUT:  # an address on loopback with its port is longer than any real one
        return []
    return [
        Error(f"SITE_URL: the SMS {kind} of {office.code} has {length} units, {SMS_UNITS} fit")
        for office in NOTICE.prefectures.values()
        for kind in Message.Kind.values
        if (length := units(compose(kind, "sms", office, facts).body)) > SMS_UNITS
    ]
