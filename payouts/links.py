"""The personal link of a payout: made, hashed, replaced. The token is rendered, never stored."""

from datetime import datetime
from unicodedata import normalize

from django.conf import settings
from django.db import transaction
from django.db.models import F

from config import cipher, clock
from config.notice import NOTICE
from config.states import Refused
from payouts.models import Link, Payout

LENGTH = 20  # base62 letters, 119 bits
TRIES = 5  # wrong proofs until a link is locked
LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")


def make(payout: Payout, at: datetime | None = None) -> Link:
    """The first link of a payout, or the next generation: the one before dies (N70)."""
    at = at or clock.now()
    with transaction.atomic():
        Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
        last = payout.links.order_by("-generation").first()
        payout.links.filter(replaced_at=None).update(replaced_at=at)
        generation = last.generation + 1 if last else 1
        number, token = cipher.link_token("receive", payout.pk, generation, LENGTH)
        return Link.objects.create(
            payout=payout,
            generation=generation,
            key_number=number,
            token_hash=cipher.token_hash(token),
            made_at=at,
        )


def token_of(link: Link) -> str:
    """The token of a link, for the message that carries it."""
    return cipher.link_token_by(link.key_number, "receive", link.payout_id, link.generation, LENGTH)


def address_of(link: Link) -> str:
    """The whole address, as the receiver sees it; from the setting, never from a request."""
    return f"{settings.SITE_URL}/r/{token_of(link)}"


def find(token: str) -> Link | None:
    """The living link of a token; unknown and replaced ones look the same."""
    return (
        Link.objects.select_related("payout")
        .filter(token_hash=cipher.token_hash(token), replaced_at=None)
        .first()
    )


def proof_hash(value: str) -> bytes:
    """How an accepted proof is kept on the payout: by keyed hash (decided 17)."""
    return cipher.keyed_hash("proof", value)


def kana_key(text: str) -> str:
    """A kana or Latin name as it is compared: large katakana, upper case, no spaces or dots."""
    text = normalize("NFKC", text)
    kana = "".join(chr(ord(ch) + 0x60) if "ぁ" <= ch <= "ゖ" else ch for ch in text)
    kana = kana.translate(LARGE)
    return "".join(ch for ch in kana.upper() if not ch.isspace() and ch not in "・.,")


def prove(link: Link, candidates: list[str]) -> None:
    """Check what the person knows against the accepted proofs. Counts and locks (N58).

    `candidates` are the typed text in the forms that it may have: last four digits, kana name.
    Raises Refused: a wrong proof, and a lock after TRIES of them, which only the office opens.
    """
    at = clock.now()
    if link.locked_at:
        raise Refused(
            "確認の回数が上限に達したため、このURLは使えなくなりました。"
            f"お手数ですが、コールセンター（{NOTICE.call_centre.phone}）へお電話ください。",
            "locked",
        )
    hashes = {proof_hash(candidate) for candidate in candidates if candidate}
    if hashes & {bytes(proof) for proof in link.payout.proofs}:
        return
    with transaction.atomic():
        Link.objects.filter(pk=link.pk, locked_at=None).update(wrong_proofs=F("wrong_proofs") + 1)
        Link.objects.filter(pk=link.pk, locked_at=None, wrong_proofs__gte=TRIES).update(
            locked_at=at
        )
    link.refresh_from_db(fields=["wrong_proofs", "locked_at"])
    raise Refused(
        "ご登録の内容と一致しませんでした。もう一度お確かめください。"
        f"（あと{max(0, TRIES - link.wrong_proofs)}回まで入力できます）",
        "wrong",
    )
