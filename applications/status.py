"""Who may see an application at /status/, and who may change it there (N56, N58).

Unknown and wrong look the same: the same queries, the same hashes, the same answer. Tries are
counted in PostgreSQL, by receipt number and over all (decided 20, 35).
"""

import hmac
import secrets
from datetime import timedelta
from unicodedata import normalize

from django.utils.translation import gettext as _

from applications import receipts, review
from applications.models import Application
from applications.validators.text import compact
from config import limits
from config.cipher import keyed_hash
from config.states import Refused
from payouts import links
from payouts.forms import proof_forms

TRIES, WINDOW = 10, timedelta(hours=1)
FROM_ONE = 100  # wrong tries from one address; carriers share theirs, so right ones do not count
EVERYBODY, MINUTE = 1200, timedelta(minutes=1)  # tries of all together
SURE_TRIES, WEEK = 5, timedelta(days=7)  # wrong ones


def find(typed_receipt: str, typed_proof: str, address: str = "") -> Application:
    """The application of a receipt number, for who knows the contact phone's end or the address.

    Raises Refused: "wrong" with one sentence for every reason, "limit" after too many tries. Who
    is stopped for their own tries uses up nothing of what all have together.
    """
    receipt = receipts.parse(typed_receipt) or ""
    alone = limits.hit("status", receipt or compact(typed_receipt)[:80], WINDOW)
    near = limits.hit("status_from", address, WINDOW) if address else 0
    stopped = alone > TRIES or near > FROM_ONE
    if stopped or limits.hit("status_all", "", MINUTE) > EVERYBODY:
        raise Refused(_("短い時間に何度も確認がありました。"), "limit")
    names = ("pk", "phone", "email", "channel", "delivery")
    known = Application.objects.filter(receipt_number=receipt).values_list(*names).first()
    typed = _fold(typed_proof)
    digits = "".join(ch for ch in typed if ch.isdigit())[-4:]
    offered = [_hashed(value) for value in (typed, digits)]
    accepted = [_hashed(value) for value in _proofs(*(known or (0, "", "", "", ""))[1:])]
    same = [hmac.compare_digest(one, other) for one in offered for other in accepted]
    if known is None or not any(same):
        raise Refused(_("受付番号と確認の内容が一致しません。もう一度お確かめください。"), "wrong")
    if address:
        limits.give_back("status_from", address, WINDOW)
    return Application.objects.get(pk=known[0])


def make_sure(row: Application, typed: str) -> None:
    """One thing that a stranger who got a misdirected message does not know, before any change.

    Raises Refused: "wrong", "limit" after SURE_TRIES wrong ones in a week, or "phone" for the very
    phone that the messages go to, which costs no try.
    """
    key = str(row.pk)
    if limits.hit("sure", key, WEEK) > SURE_TRIES:  # counted first: many may try at once
        raise Refused(
            _("確認の回数が上限に達しました。お手数ですが、コールセンターへお電話ください。"),
            "limit",
        )
    proofs = review.proofs(row, list(row.claims.all()))
    accepted = {links.proof_hash(proof) for proof in proofs if proof}
    offered = {links.proof_hash(value) for value in proof_forms(normalize("NFKC", typed)) if value}
    sent_to = row.delivery[-4:] if row.channel == "sms" else ""
    phone = bool(sent_to) and links.proof_hash(sent_to) in offered
    if not offered & accepted and not phone:
        raise Refused(_("ご登録の内容と一致しませんでした。もう一度お確かめください。"), "wrong")
    limits.give_back("sure", key, WEEK)
    if not offered & accepted:
        raise Refused(str(links.SENT_TO_PHONE), "phone")


def _fold(text: str) -> str:
    return compact(text).lower()


def _hashed(value: str) -> bytes:
    """A proof as it is compared; what is too short to be one equals nothing."""
    return keyed_hash("status", value if len(value) >= 4 else secrets.token_hex(16))


def _proofs(phone: str, email: str, channel: str, delivery: str) -> tuple[str, ...]:
    """The four things that open an application, always as many."""
    sms, mail = (delivery if channel == each else "" for each in ("sms", "email"))
    return phone[-4:], sms[-4:], _fold(email), _fold(mail)
