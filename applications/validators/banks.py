"""Bank and branch by name or code (N48). The master is read once in a while, never at each page.

What only an older snapshot had is found too: a mark for the office, not a wall. A code that no
snapshot had is `unheard` of: the form asks once more and then believes the passbook, since the
master can be late. Without a master a name is kept as it is. The master is `payouts.models.Bank`
and `Branch`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.validators.accounts import YUCHO_BANK, code
from applications.validators.kana import same_reading
from applications.validators.text import compact, fits, folded, refuse
from payouts.models import Bank, Branch

KEPT_SECONDS = 600
NAME_LIMIT = 30  # characters of a name that no master could confirm
SHOWN = 4  # examples of names in a sentence
LISTED = 30  # places to choose from

_SHORT = {
    "信用金庫": "信金",
    "信用組合": "信組",
    "労働金庫": "労金",
    "農業協同組合": "農協",
    "漁業協同組合": "漁協",
    "農林中央金庫": "農林中金",
    "信用農業協同組合連合会": "信連",
}
# Names that the master does not have: of before a merger or a change of name, and short ones.
_OTHER_NAMES = {
    "0005": ("三菱東京UFJ", "東京三菱", "UFJ"),
    "0033": ("ジャパンネット",),
    "0038": ("住信SBIネット", "住信SBI"),
    "0116": ("道銀",),
    "0117": ("青森銀行", "みちのく"),
    "0125": ("77銀行",),
    "0128": ("群銀",),
    "0129": ("足銀",),
    "0134": ("チバギン",),
    "0138": ("浜銀", "ハマギン"),
    "0140": ("第四", "北越"),
    "0143": ("八十二", "82銀行", "長野銀行"),
    "0149": ("静銀", "シズギン"),
    "0153": ("16銀行",),
    "0155": ("105銀行",),
    "0397": ("新生",),
    "0538": ("静中銀",),
    "0542": ("愛知銀行", "中京"),
    "0543": ("名銀",),
}
_OTHERWISE = {name: number for number, names in _OTHER_NAMES.items() for name in names}
_READINGS = (
    ("シンヨウキンコ$", "シンキン"),
    ("シンヨウクミアイ$", "シンクミ"),
    ("ロウドウキンコ$", "ロウキン"),
    ("ノウギヨウキヨウドウクミアイ$", "ノウキヨウ"),
    ("(?<=.)(ギンコウ|シテン|シシヨ|シユツチヨウジヨ)$", ""),
)
WHICH_JA = _(
    "JAバンクは、農協（JA）ごとに分かれています。通帳にある農協の名前か、4けたの金融機関コードを"
    "入力してください（例：%(names)s）。"
)
_kept: dict[str, tuple[float, list["Place"]]] = {}


@dataclass(frozen=True)
class Kind:
    """What is looked for, and what is said where it is not found or could be several."""

    name: str
    not_found: str
    several: str
    many: str


BANK = Kind(
    _("金融機関名"),
    _(
        "「%(typed)s」という金融機関が見つかりません。通帳やキャッシュカードにある名前か、"
        "4けたの金融機関コードを入力してください。"
    ),
    _("「%(typed)s」に当てはまる金融機関です。この中から選んでください。"),
    _(
        "「%(typed)s」に当てはまる金融機関が多いため、一部を表示しています。この中から選ぶか、"
        "名前を長く入力してください。"
    ),
)
BRANCH = Kind(
    _("支店名"),
    _(
        "「%(typed)s」という支店が見つかりません。通帳やキャッシュカードにある名前か、"
        "3けたの支店コード（店番）を入力してください。"
    ),
    _("「%(typed)s」に当てはまる支店です。この中から選んでください。"),
    _(
        "「%(typed)s」に当てはまる支店が多いため、一部を表示しています。この中から選ぶか、"
        "名前を長く入力してください。"
    ),
)


@dataclass(frozen=True)
class Place:
    """A bank or a branch. `known` is False where the newest master does not have it.

    `unheard`: a code that no master had, the newest or an older one.
    """

    code: str
    name: str
    reading: str = ""
    known: bool = True
    unheard: bool = False


class Several(ValidationError):
    """More than one place could be meant: `places`, at most LISTED, are to be chosen from."""

    def __init__(self, typed: str, places: list[Place], kind: Kind) -> None:
        words = kind.many if len(places) > LISTED else kind.several
        super().__init__(words % {"typed": typed[:20]}, code="several")
        self.places = places[:LISTED]


def bank(value: object) -> Place:
    """The bank behind a name or a code of four digits. Raises ValidationError, or Several."""
    typed = folded(value)
    if not typed:
        raise refuse(_("金融機関名を入力してください。"), "required")
    wanted = code(_code_within(typed, 4))
    if wanted and len(wanted) != 4:
        raise refuse(_("金融機関は、名前か4けたの金融機関コードで入力してください。"), "bank_code")
    if re.search("ゆうちょ|郵便局|郵貯", typed):
        wanted = YUCHO_BANK
    places = _banks()
    return _find(places, wanted or _renamed(typed, places), _ja(typed, places), BANK)


def branch(value: object, of_bank: Place) -> Place:
    """The branch of a bank behind a name or a code of three digits. Raises ValidationError, or
    Several."""
    typed = folded(value)
    if not typed:
        raise refuse(_("支店名を入力してください。"), "required")
    wanted = code(_code_within(typed, 3))
    if wanted and len(wanted) != 3:
        raise refuse(
            _("支店は、名前か3けたの支店コード（店番）で入力してください。"), "branch_code"
        )
    return _find(_branches(of_bank.code), wanted, typed, BRANCH)


def written(code_of_bank: str, name: str) -> str:
    """A bank's name of the master as people write it: ＰａｙＰａｙ is PayPay銀行."""
    name = unicodedata.normalize("NFKC", name)
    bank_like = re.fullmatch("0[0-35]..|9900", code_of_bank) and name
    return name + "銀行" if bank_like and not re.search("銀行$|ペイメンツ", name) else name


def spelled(found: Place) -> str:
    """A place by name and code, as a list shows it and as the boxes understand it."""
    name = unicodedata.normalize("NFKC", found.name)
    if len(found.code) == 4:
        name = written(found.code, name)
    return f"{name}（{found.code}）"


def forget() -> None:
    """Read the master anew at the next question."""
    _kept.clear()


def _code_within(typed: str, length: int) -> str:
    """The code of 「0149 静岡銀行」, else the whole text."""
    found = re.findall(r"(?<!\d)\d+(?!\d)", typed)
    alone = len(found) == 1 and len(found[0]) == length
    return found[0] if alone and re.search(r"\s|\(|銀行|支店", typed) else typed


def _renamed(typed: str, places: list[Place]) -> str:
    """The code of a bank called by an old or a short name, "" where it is none of these."""
    name = _key(typed)
    if any(_key(place.name) == name for place in places):
        return ""
    spellings = (compact(typed).upper(), name, same_reading(typed))
    number = next((_OTHERWISE[each] for each in spellings if each in _OTHERWISE), "")
    return number if any(place.code == number for place in places) else ""


def _ja(typed: str, places: list[Place]) -> str:
    """「JAバンク静岡市」 as 「JA静岡市」. Raises ValidationError for JA alone, with examples."""
    text = re.sub(r"^JAバンク(?=.)", "JA", compact(typed).upper())
    if re.fullmatch("(JA|農協|農業協同組合)(バンク|銀行)?", text):
        named = [place.name for place in places if place.known and place.name.endswith("農協")]
        if named:
            raise refuse(WHICH_JA % {"names": "、".join(named[:SHOWN])}, "which_ja")
    return text if text.startswith("JA") else typed


def _reading(text: object) -> str:
    """A reading as it is compared, without the word for its kind."""
    reading = same_reading(text)
    for pattern, short in _READINGS:
        reading = re.sub(pattern, short, reading)
    return reading


def _find(places: list[Place], wanted: str, typed: str, kind: Kind) -> Place:
    if wanted:
        known = (place for place in places if place.code == wanted)
        return next(known, Place(wanted, "", known=False, unheard=bool(places)))
    if not places:
        return Place("", fits(typed, NAME_LIMIT, kind.name), known=False)
    for same, sure in _fitting(places, typed):
        if len(same) == 1 and sure:
            return same[0]
        if same:
            raise Several(typed, same, kind)
    raise refuse(kind.not_found % {"typed": typed[:20]}, "not_found")


def _fitting(places: list[Place], typed: str) -> Iterator[tuple[list[Place], bool]]:
    """The places that a text could mean, the likeliest first; False where even one is a guess."""
    name, reading = _key(typed), _reading(typed)
    today = [place for place in places if place.known]
    former = [place for place in places if not place.known]
    for some in (today, former):
        yield [place for place in some if _key(place.name) == name], True
        yield [place for place in some if _reading(place.reading) == reading], True
    if name:
        yield [place for place in today if _key(place.name).startswith(name)], True
    if len(reading) > 1:
        yield [place for place in today if _reading(place.reading).startswith(reading)], False
    if len(name) > 1:
        yield [place for place in today if name in _key(place.name)], False


def _key(name: str) -> str:
    """A name as it is compared: 「株式会社静岡銀行」 and 「静岡」 are one, 信用金庫 is 信金."""
    text = compact(name).upper()
    text = re.sub(r"^(株式会社|\(株\))|(株式会社|\(株\))$", "", text)
    for long, short in _SHORT.items():
        text = text.replace(long, short)
    text = re.sub(r"^JA(?=.)(.*?)(農協)?$", r"\1農協", text)
    return re.sub(r"(?<=.)(銀行|支店|支所|出張所)$", "", unicodedata.normalize("NFKC", text))


def _banks() -> list[Place]:
    return _read("", Bank.objects.all)


def _branches(bank_code: str) -> list[Place]:
    if not bank_code:
        return []
    return _read(bank_code, lambda: Branch.objects.filter(bank_id=bank_code))


def _read(key: str, rows: Callable[[], QuerySet]) -> list[Place]:
    now = monotonic()
    at, places = _kept.get(key, (0.0, []))
    if places and now - at < KEPT_SECONDS:
        return places
    try:
        wanted = rows().order_by("code").values_list("code", "name", "kana", "is_current")
        found = [Place(*row) for row in wanted]
    except DatabaseError:
        return places
    if found:
        _kept[key] = (now, found)
    return found
