"""Bank and branch by name or code (N48). The master is read once in a while, never at each page.

A code that the master lacks is accepted, and a name too where there is no master to ask: marks
for the office, not walls. The master is `payouts.models.Bank` and `Branch`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from django.db import DatabaseError
from django.db.models import QuerySet

from applications.validators.accounts import YUCHO_BANK, code
from applications.validators.kana import same_reading
from applications.validators.text import compact, fits, folded, refuse
from payouts.models import Bank, Branch

KEPT_SECONDS = 600
NAME_LIMIT = 30  # characters of a name that no master could confirm
SHOWN = 4  # names offered where one could be meant

_SHORT = {
    "信用金庫": "信金",
    "信用組合": "信組",
    "労働金庫": "労金",
    "農業協同組合": "農協",
    "漁業協同組合": "漁協",
    "農林中央金庫": "農林中金",
    "信用農業協同組合連合会": "信連",
}
_kept: dict[str, tuple[float, list["Place"]]] = {}


@dataclass(frozen=True)
class Place:
    """A bank or a branch. `known` is False where the master could not confirm it."""

    code: str
    name: str
    reading: str = ""
    known: bool = True


def bank(value: object) -> Place:
    """The bank behind a name or a code of four digits. Raises ValidationError."""
    typed = folded(value)
    if not typed:
        raise refuse("金融機関名を入力してください。", "required")
    wanted = code(_code_within(typed, 4))
    if wanted and len(wanted) != 4:
        raise refuse("金融機関は、名前か4けたの金融機関コードで入力してください。", "bank_code")
    if re.search("ゆうちょ|郵便局|郵貯", typed):
        wanted = YUCHO_BANK
    return _find(_banks(), wanted, typed, "金融機関")


def branch(value: object, of_bank: Place) -> Place:
    """The branch of a bank behind a name or a code of three digits. Raises ValidationError."""
    typed = folded(value)
    if not typed:
        raise refuse("支店名を入力してください。", "required")
    wanted = code(_code_within(typed, 3))
    if wanted and len(wanted) != 3:
        raise refuse("支店は、名前か3けたの支店コード（店番）で入力してください。", "branch_code")
    return _find(_branches(of_bank.code), wanted, typed, "支店")


def forget() -> None:
    """Read the master anew at the next question."""
    _kept.clear()


def _code_within(typed: str, length: int) -> str:
    """The code of 「0149 静岡銀行」, else the whole text."""
    found = re.findall(r"(?<!\d)\d+(?!\d)", typed)
    alone = len(found) == 1 and len(found[0]) == length
    return found[0] if alone and re.search(r"\s|\(|銀行|支店", typed) else typed


def _find(places: list[Place], wanted: str, typed: str, kind: str) -> Place:
    if wanted:
        known = (place for place in places if place.code == wanted)
        return next(known, Place(wanted, "", known=False))
    if not places:
        return Place("", fits(typed, NAME_LIMIT, f"{kind}名"), known=False)
    name, reading = _key(typed), same_reading(typed)
    for same in (
        [place for place in places if _key(place.name) == name],
        [place for place in places if same_reading(place.reading) == reading],
        [place for place in places if name and _key(place.name).startswith(name)],
    ):
        if len(same) == 1:
            return same[0]
        if same:
            raise refuse(_several(same, typed, kind), "several")
    raise refuse(
        f"「{typed[:20]}」という{kind}が見つかりません。通帳やキャッシュカードにある名前か、"
        f"{'4けたの金融機関コード' if kind == '金融機関' else '3けたの支店コード（店番）'}を"
        "入力してください。",
        "not_found",
    )


def _several(same: list[Place], typed: str, kind: str) -> str:
    names = "、".join(f"{place.name}（{place.code}）" for place in same[:SHOWN])
    more = "など" if len(same) > SHOWN else ""
    return (
        f"「{typed[:20]}」に当てはまる{kind}が複数あります：{names}{more}。"
        "名前かコードで選んで入力してください。"
    )


def _key(name: str) -> str:
    """A name as it is compared: 「株式会社静岡銀行」 and 「静岡」 are one, 信用金庫 is 信金."""
    text = compact(name).upper()
    text = re.sub(r"^(株式会社|\(株\))|(株式会社|\(株\))$", "", text)
    for long, short in _SHORT.items():
        text = text.replace(long, short)
    text = re.sub(r"^JA(?=.)(.*?)(農協)?$", r"\1農協", text)
    return re.sub(r"(?<=.)(銀行|支店|支所|出張所)$", "", unicodedata.normalize("NFKC", text))


def _banks() -> list[Place]:
    return _read("", lambda: Bank.objects.filter(is_current=True))


def _branches(bank_code: str) -> list[Place]:
    if not bank_code:
        return []
    return _read(bank_code, lambda: Branch.objects.filter(bank_id=bank_code, is_current=True))


def _read(key: str, rows: Callable[[], QuerySet]) -> list[Place]:
    now = monotonic()
    at, places = _kept.get(key, (0.0, []))
    if places and now - at < KEPT_SECONDS:
        return places
    try:
        found = [Place(*row) for row in rows().order_by("code").values_list("code", "name", "kana")]
    except DatabaseError:
        return places
    if found:
        _kept[key] = (now, found)
    return found
