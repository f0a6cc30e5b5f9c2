"""The CSV that goes to banks' pages and comes back with an answer in one more column.

Our own lists (控, the enquiry) have Japanese heads; whoever adds a column to one of them can hand
it in as it is. A file of results and one of account checks differ in a head that the other kind
refuses, so that neither can be taken for the other.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from config.states import Refused
from payouts import accounts
from payouts.models import Transfer

ACCOUNT = {
    "銀行コード": "bank_code",
    "支店コード": "branch_code",
    "預金種目": "account_type",
    "口座番号": "account_number",
}
WIDTHS = {"bank_code": 4, "branch_code": 3, "account_type": 1, "account_number": 7}
UNREAD = ("銀行名カナ", "支店名カナ", "受取人名カナ")  # of our own lists; told by the codes
HEADS = (
    "銀行コード",
    "銀行名カナ",
    "支店コード",
    "支店名カナ",
    "預金種目",
    "口座番号",
    "受取人名カナ",
    "振込金額",
    "顧客コード1",
)
NAMES = {"顧客コード1": "transfer_id", "振込金額": "amount", **ACCOUNT}
DIFFERS = "口座がファイルと違います"
SHOWN = 50  # faults told at once


@dataclass(frozen=True)
class Row:
    """A line of a file by column; `account`: the part of it that the file names, digits only."""

    line: int
    transfer_id: int
    cells: dict[str, str]
    account: dict[str, str]


class Answer(Protocol):
    """What a line says of a transfer, whichever kind of file it is from."""

    line: int
    transfer_id: int
    account: dict[str, str]  # as far as the file names it


Said = TypeVar("Said", bound=Answer)


@dataclass(frozen=True)
class Found(Generic[Said]):
    """An answer held against the transfers: its own, if there is one, and why it can't be booked.

    `moves`: booking it changes something.
    """

    answer: Said
    transfer: Transfer | None
    fault: str
    moves: bool = False


def told(found: Found[Said]) -> str:
    """A fault in words, with its line."""
    return f"{found.answer.line}行目: 振込{found.answer.transfer_id}は{found.fault}"


def read(
    lines: Iterable[str],
    make: Callable[[Row], Said | str],
    needed: dict[str, str],
    known: dict[str, str],
    never: dict[str, str],
) -> list[Said]:
    """The answers that `make` finds in the lines of a file (`rows` for the heads).

    Raises Refused: the heads, or every fault with its line.
    """
    found = [
        row if isinstance(row, str) else make(row) for row in rows(lines, needed, known, never)
    ]
    refuse([each for each in found if isinstance(each, str)])
    return [each for each in found if not isinstance(each, str)]


def text_of(raw: bytes) -> str:
    """A file in UTF-8, with or without BOM, or CP932. Raises Refused."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("UTF-8 でも Shift_JIS（CP932）でもありません。", "encoding")


def rows(
    lines: Iterable[str], needed: dict[str, str], known: dict[str, str], never: dict[str, str]
) -> Iterator[Row | str]:
    """Each line as a row, or its fault with its line number.

    `needed` and `known`: heads in Japanese to their names; `never`: heads of another kind of file,
    and what it is. Raises Refused for heads that do not fit.
    """
    reader = csv.reader(lines)
    heads = _heads(
        [head.strip().lstrip("\ufeff") for head in next(reader, [])], needed, known, never
    )
    seen: dict[int, int] = {}
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            yield f"{reader.line_num}行目: CSVとして読めません"
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        found = _row(reader.line_num, heads, [cell.strip().lstrip("'") for cell in cells])
        if isinstance(found, Row):
            first = seen.setdefault(found.transfer_id, found.line)
            if first != found.line:
                found = f"振込{found.transfer_id}は{first}行目にもあります"
        yield f"{reader.line_num}行目: {found}" if isinstance(found, str) else found


def agrees(transfer: Transfer, account: dict[str, str]) -> bool:
    """Whether what a file says of an account is the transfer's. An erased one can't differ."""
    if not account:
        return True
    try:
        ours = accounts.read(transfer.bank_account)
    except Refused:
        return True
    return all(getattr(ours, name) == digits for name, digits in account.items())


def refuse(faults: list[str]) -> None:
    """Raises Refused with these faults, the first SHOWN of them; without any, nothing."""
    if faults:
        more = [f"ほか{len(faults) - SHOWN}件"] if len(faults) > SHOWN else []
        raise Refused("\n".join([*faults[:SHOWN], *more]), "lines")


def _heads(
    found: list[str], needed: dict[str, str], known: dict[str, str], never: dict[str, str]
) -> list[str]:
    """The columns by name, "" for one that is not read."""
    for head in found:
        if head in never:
            raise Refused(f"1行目に「{head}」があります。{never[head]}", "kind")
    every = {**NAMES, **known, **needed}
    names = [every.get(head, head if head in every.values() else None) for head in found]
    names = ["" if head in UNREAD else name for head, name in zip(found, names, strict=True)]
    unknown = [head for head, name in zip(found, names, strict=True) if name is None]
    missing = [head for head, name in needed.items() if name not in names]
    twice = [name for name in set(names) - {""} if names.count(name) > 1]
    if unknown or missing or twice:
        told = [f"「{head[:20]}」は使えません。" for head in unknown[:3]]
        told += ["同じ列が二つあります。"] if twice else []
        wanted = "、".join(f"{head}（{name}）" for head, name in needed.items())
        raise Refused(
            f"1行目の見出しが違います。{''.join(told)}必要な列は {wanted} です。", "heads"
        )
    return [name or "" for name in names]


def _row(line: int, heads: list[str], cells: list[str]) -> Row | str:
    """A line by column, or what is wrong with it."""
    if len(cells) != len(heads):
        return f"項目が{len(cells)}つあります（見出しは{len(heads)}つ）"
    named = {name: cell for name, cell in zip(heads, cells, strict=True) if name}
    number = named["transfer_id"]
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        return f"顧客コード1「{number[:20]}」は10けた以内の数字ではありません"
    account = {}
    for head, name in ACCOUNT.items():
        digits = named.pop(name, "")
        if not digits:
            continue
        if not (digits.isascii() and digits.isdigit() and len(digits) <= WIDTHS[name]):
            return f"{head}「{digits[:20]}」は{WIDTHS[name]}けた以内の数字ではありません"
        account[name] = digits.zfill(WIDTHS[name])  # spreadsheets drop the zeros in front
    return Row(line, int(number), named, account)
