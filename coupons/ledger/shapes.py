"""What a sound line of an export looks like, as one pattern for many lines at once.

Never looser than the rules of `checking`: what matches needs nothing more than PostgreSQL's own
types and constraints. What does not is put to those rules, which name every fault, or find none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from config.notice import NOTICE

DAY = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"
MOMENT = f"{DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:Z|[+-][0-9]{{2}}:[0-9]{{2}})"
YEN = "[1-9][0-9]{0,6}"
NUMBER = f"(?:{NOTICE.inquiry_number_pattern})"
PREFECTURE = f"(?:{'|'.join(map(re.escape, NOTICE.prefectures))})"


@dataclass(frozen=True)
class Form:
    """How the values of a record stand apart, and what none of them holds where it is sound."""

    unit: str  # between two values
    quote: str  # never used, since nothing is quoted
    visible: str  # the characters from ! to ~ that an id may have, as a class

    @property
    def copy(self) -> str:
        """The same for COPY."""
        return f"FORMAT csv, DELIMITER {literal(self.unit)}, QUOTE {literal(self.quote)}"

    def text(self, length: int) -> str:
        """Up to so many characters."""
        return f"[^{self.unit}{self.quote}\r\n\0]{{0,{length}}}+"

    def id(self, least: int) -> str:
        """An id of up to 64 visible characters."""
        return f"[{self.visible}]{{{least},64}}+"

    def email(self) -> str:
        """An address as far as the rules look."""
        letters = f"[^@\\s{self.unit}{self.quote}\0]"
        return f"(?![^{self.unit}\r\n]{{255}}){letters}++@{letters}++"


Lines = Callable[[Form], re.Pattern[str]]

PLAIN = Form(",", '"', "!#-+\\--~")  # as the file has it
APART = Form("\x1f", "\x1e", "!-~")  # taken apart by us, where values may hold commas and quotes


def literal(mark: str) -> str:
    """One character as SQL has it."""
    return f"E'\\x{ord(mark):02x}'"


def coupon_lines(form: Form) -> re.Pattern[str]:
    """Nothing but sound lines of coupons.csv, in the order of staging.COUPONS."""
    later = f"(?:{MOMENT})?"
    phone, email = r"(?:\+[0-9]{8,15})?", f"(?:{form.email()})?"
    trip = [NUMBER, PREFECTURE, "(?:day_trip|stay)", DAY, DAY, YEN, MOMENT, later, form.text(200)]
    return lines(form.unit.join([*trip, later, form.text(64), phone, email, later]))


def movement_lines(form: Form) -> re.Pattern[str]:
    """Nothing but sound lines of transactions.csv, in the order of staging.MOVEMENTS."""
    told = form.unit.join(["", YEN, MOMENT, form.text(64), form.text(200), ""])
    names = {"payment": "", "cancellation": form.id(0), "restoration": form.id(1)}
    kinds = "|".join(kind + told + named for kind, named in names.items())
    return lines(form.unit.join([form.id(1), NUMBER, f"(?:{kinds})"]))


def lines(line: str) -> re.Pattern[str]:
    return re.compile(f"(?:{line}\r?\n)*+")
