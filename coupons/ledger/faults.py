"""What is wrong with an export file, told so that a clerk can find the place."""

from typing import NamedTuple

from config.states import Refused

SHOWN = 100


class Fault(NamedTuple):
    """One fault: file, line (the header is line 1; 0: the file as a whole), column, what to expect.

    Sorted, faults stand in the order of the files, lines and columns.
    """

    file: str
    line: int
    place: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file} {self.line}行目" if self.line else self.file
        column = f" {self.column}" if self.column else ""
        value = f"「{self.value}」" if self.value or self.column else ""
        return f"{where}{column}{value}: {self.expected}"


class Faulty(Refused):
    """An export with faults; nothing of it was taken."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        more = f"（はじめの{SHOWN}件）" if len(faults) > SHOWN else ""
        lines = [str(fault) for fault in self.faults[:SHOWN]]
        message = f"取り込めません。何も変更していません。誤り{more}:"
        super().__init__("\n".join([message, *lines]), "faulty")
