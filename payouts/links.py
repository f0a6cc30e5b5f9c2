"""The personal link of a payout: made, hashed, replaced. The token is rendered, never stored."""

from datetime import datetime
from typing import Any, TypeVar
from unicodedata import normalize

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import cipher, clock, languages, prepared
from config.notice import NOTICE
from config.states import Refused
from payouts.models import Link, Payout

LENGTH = 20  # base62 letters, 119 bits
TRIES = 5  # wrong proofs until a link is locked
SENT_TO_PHONE = gettext_lazy(
    "ご案内が届いた電話番号は、ご本人の確認には使えません。ほかのものを入力してください。"
)
LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
LINK, PAYOUT = (
    [f"{model._meta.db_table}.{field.column}" for field in model._meta.concrete_fields]
    for model in (Link, Payout)
)
# Every page and every act of receiving begins with it: planned once a connection, nothing compiled.
FIND = f"""
    SELECT {", ".join(LINK + PAYOUT)}
    FROM payouts_link JOIN payouts_payout ON payouts_payout.id = payouts_link.payout_id
    WHERE payouts_link.token_hash = %(token_hash)s::bytea AND payouts_link.replaced_at IS NULL
"""
M = TypeVar("M", bound=Model)


def make(payout: Payout, at: datetime | None = None) -> Link:
    """The first link of a payout, or the next generation: the one before dies (N70)."""
    at = at or clock.now()
    with transaction.atomic():
        row = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
        return make_all([row], at)[0][1]


def make_all(payouts: list[Payout], at: datetime) -> list[tuple[Payout, Link]]:
    """The next link of each of these payouts, whose rows the caller has locked."""
    before = Link.objects.filter(payout__in=[payout.pk for payout in payouts])
    last = dict(before.values_list("payout").annotate(Max("generation")))
    if last:
        before.filter(replaced_at=None).update(replaced_at=at)
    made = [_next(payout.pk, last.get(payout.pk, 0) + 1, at) for payout in payouts]
    return list(zip(payouts, Link.objects.bulk_create(made, batch_size=1000), strict=True))


def _next(payout_id: int, generation: int, at: datetime) -> Link:
    number, token = cipher.link_token("receive", payout_id, generation, LENGTH)
    return Link(
        payout_id=payout_id,
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
    return f"{settings.SITE_URL}{languages.prefix(link.payout.language)}/r/{token_of(link)}"


def find(token: str) -> Link | None:
    """The living link of a token, with its payout; unknown and replaced ones look the same."""
    row = prepared.fetch_one(FIND, {"token_hash": cipher.token_hash(token)})
    if row is None:
        return None
    link = _read(Link, row[: len(LINK)])
    link.payout = _read(Payout, row[len(LINK) :])
    return link


def _read(model: type[M], values: tuple[Any, ...]) -> M:
    """A row of all columns, in the order of the model."""
    return model.from_db("default", [f.attname for f in model._meta.concrete_fields], values)


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
    However many are tried at once, TRIES are compared: the row is locked first. Raises Refused: a
    wrong proof ("wrong"), the very phone that the link went to, which costs no try ("phone"), a
    link that was replaced ("replaced"), and a lock after TRIES wrong ones, which only the office
    opens ("locked").
    """
    at = clock.now()
    with transaction.atomic():
        row = _locked(link)
        refused = _open_or_why(row) or _compared(row, candidates, at)
    link.wrong_proofs, link.locked_at, link.replaced_at = (
        row.wrong_proofs,
        row.locked_at,
        row.replaced_at,
    )
    if refused:
        raise refused


def require_open(link: Link) -> None:
    """Raises Refused "replaced" where a link was replaced or locked meanwhile.

    In the caller's transaction, which keeps the link as it is.
    """
    if _open_or_why(_locked(link)):
        raise Refused(_("このURLは使えなくなりました。"), "replaced")


def _locked(link: Link) -> Link:
    rows = Link.objects.select_for_update(of=("self",)).select_related("payout")
    return rows.get(pk=link.pk)


def _open_or_why(row: Link) -> Refused | None:
    """Why a link can't be used any more."""
    if row.replaced_at:
        return Refused(_("このURLは使えなくなりました。"), "replaced")
    if row.locked_at:
        return Refused(
            _(
                "確認の回数が上限に達したため、このURLは使えなくなりました。"
                "お手数ですが、コールセンター（%(phone)s）へお電話ください。"
            )
            % {"phone": NOTICE.call_centre.phone},
            "locked",
        )
    return None


def _compared(row: Link, candidates: list[str], at: datetime) -> Refused | None:
    """Compare and count on a row that is locked for it; why it does not prove."""
    hashes = {proof_hash(candidate) for candidate in candidates if candidate}
    if hashes & {bytes(proof) for proof in row.payout.proofs}:
        return None
    if row.payout.channel == "sms" and row.payout.address[-4:] in candidates:
        return Refused(str(SENT_TO_PHONE), "phone")
    row.wrong_proofs += 1
    row.locked_at = at if row.wrong_proofs >= TRIES else None
    row.save(update_fields=["wrong_proofs", "locked_at"])
    return Refused(
        _(
            "ご登録の内容と一致しませんでした。もう一度お確かめください。"
            "（あと%(tries)s回まで入力できます）"
        )
        % {"tries": TRIES - row.wrong_proofs},
        "wrong",
    )
