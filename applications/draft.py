"""The draft of an application: what was typed so far, in an encrypted cookie, 24 hours long.

Nothing unsent is ever stored by us. The cookie carries a random submission id, the guard against a
double submit. After the last step it becomes a receipt cookie for the page that shows the number.
"""

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import cipher, clock

NAME = settings.COOKIE_PREFIX + "draft"
RECEIPT_NAME = settings.COOKIE_PREFIX + "receipt"
LIFE = timedelta(hours=24)
LIMIT = 3600  # bytes of the cookie's value
UNPACKED_LIMIT = 64 * 1024

# The values travel in this order without their names: the largest legal draft must fit its cookie.
# A changed order makes the drafts of the day before unreadable.
ORDER = {
    "coupons": (
        "prefecture",
        "travel_type",
        *(f"travel_{end}_{part}" for end in ("start", "end") for part in ("year", "month", "day")),
        "expires_on_outage_day",
        "number_unknown",
        "issuer",
        *(f"{name}_{row}" for row in range(10) for name in ("inquiry_number", "coupon_use")),
    ),
    "person": ("name", "kana", "phone", "email"),
    "receive": ("method", "channel", "delivery_phone", "delivery_email"),
    "bank": (
        "bank",
        "branch",
        "account_type",
        "account_number",
        "yucho_symbol",
        "yucho_number",
        "yucho_confirm",
        "account_holder_kana",
        "holder_relation",
        "holder_consent",
        "postal_code",
        "address",
        "lodging",
        "booking_name",
        "agency",
        "app_contact",
        "account_kind",
        "yucho_savings",
        "code_confirm",
    ),
    # What was told at /check/ already: offered in the forms, gone once they are sent.
    "told": (
        "expires_on_outage_day",
        "trip",
        "travel_end_year",
        "travel_end_month",
        "travel_end_day",
        "number_unknown",
        "method",
        *(f"coupon_use_{row}" for row in range(10)),
    ),
}
# What many drafts have in common need not travel either.
_SHARED = (
    b"guardian\tformer_name\tother\tfamily\tself\ton\t1\t"
    b"@yahoo.co.jp@docomo.ne.jp@gmail.com\nbank\temail\tpoints\tsms\t090-\n"
    b"\tcharged\t\tleft\t\tunknown\t\tpaper\tunknown\tno\tyes\tday_trip\tstay\t"
)

Typed = dict[str, str]


@dataclass
class Draft:
    """The typed values of each finished step, by step and field name.

    `sound` names the steps that were found valid when they were sent: pages between need not judge
    them anew, and who counterfeits this counterfeits the cookie. The last page judges everything.
    """

    submission_id: UUID = field(default_factory=uuid4)
    started_at: datetime = field(default_factory=clock.real_now)
    steps: dict[str, Typed] = field(default_factory=dict)
    sound: frozenset[str] = frozenset()

    def keep(self, name: str, typed: Typed, *, sound: bool) -> None:
        """What was sent in a step; the bank's is judged by the steps before it."""
        self.steps[name] = typed
        self.sound = self.sound - {name, "bank"} | ({name} if sound else set())

    def carried_over(self) -> "Draft":
        """The next application of the same person: all but the coupons' numbers (Q6)."""
        steps = {name: dict(typed) for name, typed in self.steps.items()}
        coupons = steps.get("coupons", {})
        steps["coupons"] = {
            name: value
            for name, value in coupons.items()
            if not name.startswith(("inquiry_number_", "coupon_use_", "number_unknown", "issuer"))
        }
        return Draft(steps=steps)


@dataclass(frozen=True)
class Receipt:
    """What the page after the last step shows again for a day."""

    submission_id: str
    number: str
    arrived_at: datetime
    method: str
    channel: str
    goes_on: bool = False


def load(request: HttpRequest) -> Draft | None:
    """The draft of this browser; None where there is none, or an old or foreign one."""
    try:
        text = _open(request.COOKIES.get(NAME, ""), "draft").decode()
        number, at, sound, *lines = text.split("\n")
        steps = {name: _named(name, line) for name, line in zip(ORDER, lines, strict=True) if line}
        judged = frozenset(name for name in ORDER if name[0] in sound)
        draft = Draft(UUID(number), _moment(int(at)), steps, judged)
    except ValueError:
        return None
    return draft if clock.real_now() - draft.started_at < LIFE else None


def save(response: HttpResponse, draft: Draft) -> bool:
    """Let this browser keep the draft; False where it is too large, which no legal one is."""
    lines = [_line(name, draft.steps.get(name, {})) for name in ORDER]
    sound = "".join(name[0] for name in ORDER if name in draft.sound)
    head = [draft.submission_id.hex, str(int(draft.started_at.timestamp())), sound]
    text = "\n".join([*head, *lines])
    value = _seal(text.encode(), "draft")
    if len(value) <= LIMIT:
        _set(response, NAME, value)
    return len(value) <= LIMIT


def load_receipt(request: HttpRequest) -> Receipt | None:
    """The receipt of the application last sent from this browser, for a day."""
    try:
        content = json.loads(_open(request.COOKIES.get(RECEIPT_NAME, ""), "receipt"))
        sent_at = _moment(content.pop("at"))
        receipt = Receipt(**content | {"arrived_at": datetime.fromisoformat(content["arrived_at"])})
    except (KeyError, TypeError, ValueError):
        return None
    return receipt if clock.real_now() - sent_at < LIFE else None


def save_receipt(response: HttpResponse, receipt: Receipt) -> None:
    """Turn the draft into a receipt: the draft dies, the number stays for a day."""
    now = int(clock.real_now().timestamp())
    content = vars(receipt) | {"arrived_at": receipt.arrived_at.isoformat(), "at": now}
    _set(response, RECEIPT_NAME, _seal(json.dumps(content).encode(), "receipt"))
    response.delete_cookie(NAME, samesite="Lax")


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, clock.JST)


def _line(name: str, typed: Typed) -> str:
    """The values of a step in their order; they hold neither tabs nor line ends."""
    return "\t".join(typed.get(key, "") for key in ORDER[name]).rstrip("\t")


def _named(name: str, line: str) -> Typed:
    values = zip(ORDER[name], line.split("\t"), strict=False)
    return {key: value for key, value in values if value}


def _seal(plain: bytes, context: str) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_SHARED)
    return cipher.encrypt_text(packer.compress(plain) + packer.flush(), f"{context}_cookie")


def _open(text: str, context: str) -> bytes:
    """The content of a cookie. Raises ValueError where it is missing, foreign or broken."""
    packed = cipher.decrypt_text(text, f"{context}_cookie")
    try:
        return zlib.decompressobj(-15, zdict=_SHARED).decompress(packed, UNPACKED_LIMIT)
    except zlib.error as error:
        raise ValueError("not a cookie of ours") from error


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=LIFE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
