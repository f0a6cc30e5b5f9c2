"""The records of 総合振込 (type 21) as a table: columns, lengths and kinds of every field.

Every record is 120 bytes. N fields are right aligned with zeros, C fields left aligned with blanks.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from payouts.outbound.zengin.characters import ALLOWED, Kind

LENGTH = 120


@dataclass(frozen=True)
class Field:
    """One field; `fixed` where every file of ours has the same there."""

    name: str
    length: int
    kind: Kind | Literal["blank", "number_or_blank"]
    fixed: str | None = None

    @property
    def pattern(self) -> str:
        """What the field may hold."""
        if self.fixed is not None:
            return re.escape(self.fixed)
        if self.kind == "blank":
            return f" {{{self.length}}}"
        if self.kind == "number_or_blank":
            return f"(?:[0-9]{{{self.length}}}| {{{self.length}}})"
        letters = "".join(re.escape(letter) for letter in sorted(ALLOWED[self.kind]))
        return f"[{letters}]{{{self.length}}}"

    @property
    def form(self) -> str:
        """The piece of a format string that fills the field."""
        if self.fixed is not None:
            return self.fixed
        if self.kind == "blank":
            return " " * self.length
        fill = "0>" if self.kind == "number" else "<"
        return f"{{{self.name}:{fill}{self.length}}}"


@dataclass(frozen=True)
class Layout:
    """One kind of record."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        if sum(field.length for field in self.fields) != LENGTH:
            raise ValueError(f"{self.name}: not {LENGTH} bytes")

    @cached_property
    def form(self) -> str:
        """The format string of a whole record."""
        return "".join(field.form for field in self.fields)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a whole record may be; each field that isn't fixed is a group of its name."""
        return re.compile(
            "".join(
                field.pattern if field.fixed is not None else f"(?P<{field.name}>{field.pattern})"
                for field in self.fields
            )
        )

    @cached_property
    def columns(self) -> dict[str, tuple[int, int]]:
        """First and last column of each field, from 1, as the banks' papers count."""
        columns, start = {}, 1
        for field in self.fields:
            columns[field.name] = (start, start + field.length - 1)
            start += field.length
        return columns

    def too_long(self, values: dict[str, object]) -> str:
        """The name of the first value that its field can't hold, "" when all have room."""
        for field in self.fields:
            if len(str(values.get(field.name, ""))) > field.length:
                return field.name
        return ""

    def first_fault(self, record: str) -> str:
        """The name of the first field that a record of 120 characters has wrong."""
        for field in self.fields:
            first, last = self.columns[field.name]
            if not re.fullmatch(field.pattern, record[first - 1 : last]):
                return field.name
        return ""


HEADER = Layout(
    "header",
    (
        Field("record", 1, "number", "1"),
        Field("type", 2, "number", "21"),
        Field("code", 1, "number", "0"),  # JIS
        Field("remitter_code", 10, "number"),
        Field("remitter_name", 40, "payee"),
        Field("month_day", 4, "number"),
        Field("bank_code", 4, "number"),
        Field("bank_name", 15, "bank_name"),
        Field("branch_code", 3, "number"),
        Field("branch_name", 15, "bank_name"),
        Field("account_type", 1, "number"),
        Field("account_number", 7, "number"),
        Field("dummy", 17, "blank"),
    ),
)
DATA = Layout(
    "data",
    (
        Field("record", 1, "number", "2"),
        Field("bank_code", 4, "number"),
        Field("bank_name", 15, "bank_name"),
        Field("branch_code", 3, "number"),
        Field("branch_name", 15, "bank_name"),
        Field("clearing_house", 4, "number_or_blank"),
        Field("account_type", 1, "number"),
        Field("account_number", 7, "number"),
        Field("holder", 30, "payee"),
        Field("yen", 10, "number"),
        Field("new_code", 1, "number"),
        Field("customer_1", 10, "number"),
        Field("customer_2", 10, "number", "0000000000"),
        Field("way", 1, "number", "7"),  # 電信
        Field("edi_mark", 1, "blank"),  # blank: columns 92 to 111 are customer codes
        Field("dummy", 7, "blank"),
    ),
)
TRAILER = Layout(
    "trailer",
    (
        Field("record", 1, "number", "8"),
        Field("count", 6, "number"),
        Field("total", 12, "number"),
        Field("dummy", 101, "blank"),
    ),
)
END = Layout("end", (Field("record", 1, "number", "9"), Field("dummy", 119, "blank")))
