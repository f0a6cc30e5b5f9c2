"""The words of every message, made when it is sent. One template a kind, channel and language.

SMS stay within 70 UTF-16 units with the real sender and host, checked at start (decided 13).
"""

import json
from collections.abc import Hashable
from functools import cache

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import select_template
from django.utils import translation

from config import cipher, clock, languages
from config.notice import NOTICE, Prefecture
from config.templatetags.notice import ja_moment, until, until_short
from payouts import links
from payouts.models import Message
from payouts.outbound.messages import Text

LINK = "\0link\0"  # stands for the one thing of a mass sending that is each person's own
MOST = 1000  # renderings that a process keeps
SMS_UNITS = 70
ASCII_UNITS = 160  # an SMS of ASCII letters only
RECEIPT_SAMPLE = "WWWW-WWWW-WWWW"
# The longest link of each kind that carries one: path and letters of its token.
LINKS = {
    "link": ("/r/", 20),
    "reminder": ("/r/", 20),
    "receipt": ("/p/", 12),
    "ask": ("/c/", 20),
    "number": ("/c/", 20),
    "late": ("/l/", 20),
}


_made: dict[Hashable, str] = {}


def render(message: Message) -> Text:
    """The text as its receiver reads it."""
    return compose(
        message.kind,
        message.channel,
        NOTICE.prefectures[message.prefecture_code],
        {**message.facts, "link": link_of(message)},
        message.language,
    )


def link_of(message: Message) -> str:
    """The address in a message, "" for none: a payout's link, or one made from its facts."""
    if message.link:
        return links.address_of(message.link)
    made = message.facts.get("token")
    if not made:
        return ""
    token = cipher.link_token_by(
        made["number"], made["purpose"], made["subject"], made["generation"], made["length"]
    )
    return f"{settings.SITE_URL}{languages.prefix(message.language)}{made['path']}{token}"


def compose(
    kind: str, channel: str, office: Prefecture, facts: dict[str, object], language: str = "ja"
) -> Text:
    """A text of one kind for one office, with the notice's facts and these.

    In Japanese where there is no template `messages/<kind>.<channel>.<language>.txt`.
    """
    template, spoken = _template(
        f"messages/{kind}.{'sms' if channel == 'sms' else 'mail'}", language
    )
    link = str(facts.get("link", ""))
    told = {name: fact for name, fact in facts.items() if name not in ("link", "token")}
    words = _words(template, spoken, channel, office, told | {"link": LINK if link else ""})
    words = words.replace(LINK, link)
    if channel == "sms":
        return Text(words.strip())
    subject, _, body = words.partition("\n")
    return Text(body.strip() + "\n", subject.strip(), office.office_name)


@cache
def _template(stem: str, language: str) -> tuple[Template, str]:
    """The template of a kind and channel, and the language that it is in; looked up once."""
    template = select_template([f"{stem}.{language}.txt", f"{stem}.txt"])
    own = template.template.name == f"{stem}.{language}.txt"
    return template, language if own else languages.SOURCE


def _words(
    template: Template, spoken: str, channel: str, office: Prefecture, facts: dict[str, object]
) -> str:
    """The words around a link: the same for all of a mass sending within a minute."""
    at, site = clock.now().replace(second=0, microsecond=0), settings.SITE_URL
    told = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    key = (template, channel, office.code, told, at, site, id(NOTICE))
    words = _made.get(key)
    if words is None:
        words = _rendered(template, spoken, channel, office, {"at": at, **facts})
        if len(_made) >= MOST:
            _made.clear()
        _made[key] = words
    return words


def _rendered(
    template: Template, spoken: str, channel: str, office: Prefecture, facts: dict[str, object]
) -> str:
    notice = NOTICE.told_in(spoken)
    context = {
        "notice": notice,
        "office": notice.prefectures[office.code],
        "site_url": settings.SITE_URL,
        "site_host": settings.SITE_HOST,
        "by_letter": channel == "letter",
        **facts,
    }
    with translation.override(spoken):
        return template.template.render(Context(context, autoescape=False))


def units(text: str) -> int:
    """The length of an SMS as carriers count it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def room(text: str) -> int:
    """How many units one SMS of these letters holds."""
    return ASCII_UNITS if text.isascii() else SMS_UNITS


@register
def sms_fit(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Each SMS of each office fits one message, with this site's real address."""
    if settings.TRYING_OUT:  # an address on loopback with its port is longer than any real one
        return []
    return too_long()


def too_long() -> list[CheckMessage]:
    """The SMS that would not fit one message, each with its real sender, host and dates."""
    return [
        Error(
            f"SITE_URL: the SMS {kind} ({language}) of {office.code} has {units(text)} units,"
            f" {room(text)} fit"
        )
        for office in NOTICE.prefectures.values()
        for kind in Message.Kind.values
        for language, _ in settings.LANGUAGES
        if units(text := compose(kind, "sms", office, sample(kind, language), language).body)
        > room(text)
    ]


def sample(kind: str, language: str = "ja") -> dict[str, object]:
    """Facts of a message of one kind at its longest: for the check, and to show what it is like."""
    with translation.override(language):
        return _sample(kind, languages.prefix(language))


def _sample(kind: str, prefix: str) -> dict[str, object]:
    path, letters = LINKS.get(kind, ("", 0))
    return {
        "link": f"{settings.SITE_URL}{prefix}{path}{'W' * letters}" if letters else "",
        "receipt": RECEIPT_SAMPLE,
        "arrived": ja_moment(NOTICE.dates.applications_close),
        "until": until(NOTICE.dates.receiving_closes),
        "until_short": until_short(NOTICE.dates.receiving_closes),
        "ends": "12/31",
        "what": "",
        "coupons": [],
    }
