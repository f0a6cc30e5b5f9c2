"""Every message that the office sends, word for word, so that a false one is told apart (N3).

Made from the very templates that send them; what differs from person to person is a sample value.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from applications import sentences
from config.notice import NOTICE, Prefecture
from config.templatetags.notice import ja_moment
from payouts import texts
from payouts.models import Message
from payouts.outbound.messages import Text

Kind = Message.Kind
RECEIPT = "ABCD-EFGH-JKMN"
FREE = _("（ここに、お知らせの文が入ります。）")

# What each is called before the public, in the order in which they come.
NAMES = {
    Kind.RECEIPT: _("申請を受け付けたお知らせ"),
    Kind.ASK: _("申請の内容を直していただくお願い"),
    Kind.NUMBER: _("お問合せ番号を入力していただくお願い"),
    Kind.CHANGED: _("申請の内容を変更したお知らせ"),
    Kind.WITHDRAWN: _("申請の取り下げを受け付けたお知らせ"),
    Kind.DECISION: _("確認の結果のお知らせ"),
    Kind.NOTHING_DUE: _("残額がなかったことのお知らせ"),
    Kind.LINK: _("受け取りのご案内"),
    Kind.REMINDER: _("受け取りの期限が近いことのお知らせ"),
    Kind.UNPAYABLE: _("ポイントではお渡しできない金額のお知らせ"),
    Kind.NOTICE: _("事務局からのお知らせ"),
    Kind.LATE: _("期限後の申請のご案内"),
}


@dataclass(frozen=True)
class Specimen:
    """One kind of message by SMS and by e-mail."""

    name: str
    sms: str
    mail: Text


def specimens(office: Prefecture, language: str) -> list[Specimen]:
    """All kinds of an office's messages in a language."""
    kinds = sorted(Kind, key=lambda kind: list(NAMES).index(kind) if kind in NAMES else len(NAMES))
    return [
        Specimen(
            NAMES.get(kind, kind.label),
            texts.compose(kind, "sms", office, _facts(kind, language), language).body,
            texts.compose(kind, "email", office, _facts(kind, language), language),
        )
        for kind in kinds
    ]


def sender(office: Prefecture) -> str:
    """The sender of every e-mail of an office, as mail programs show it."""
    return f"{office.office_name} <{parseaddr(settings.MAIL_FROM)[1]}>"


def _facts(kind: str, language: str) -> dict[str, object]:
    facts = texts.sample(kind, language)
    said = {"heading": _("お知らせの件名"), "words": FREE, "short": FREE}
    return facts | {
        **said,
        **{f"{name}_en": words for name, words in said.items()},
        "link": str(facts["link"]).replace("W", "x"),
        "receipt": RECEIPT,
        "arrived": ja_moment(NOTICE.dates.site_opens),
        "what": sentences.ASKED["inquiry_number"],
        "coupons": [{"position": 1, "result": _("補償の対象です"), "sentence": ""}],
    }
