"""Export files to rows with line numbers, in constant memory."""

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coupons.ledger.faults import SHOWN, Fault

ENCODINGS = {"utf-8-sig": "UTF-8", "cp932": "CP932"}
BLOCK = 1 << 20
PULSE = 5000  # rows between two signs of progress

Progress = Callable[[str, int, int], None]  # what is being done, bytes done, bytes in all


@dataclass(frozen=True)
class File:
    """An export file that could be opened and decoded."""

    path: Path
    encoding: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        return self.path.name


def examine(path: Path) -> File | Fault:
    """Hash the file and find its encoding: UTF-8 with or without BOM, else CP932."""
    digest, size, newlines = hashlib.sha256(), 0, 0
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}
    broken: dict[str, int] = {}
    try:
        with path.open("rb") as file:
            while decoders:
                block = file.read(BLOCK)
                digest.update(block)
                size += len(block)
                for name, decoder in list(decoders.items()):
                    try:
                        decoder.decode(block, final=not block)
                    except UnicodeDecodeError as error:
                        broken[name] = newlines + error.object[: error.start].count(b"\n") + 1
                        del decoders[name]
                newlines += block.count(b"\n")
                if not block:
                    break
    except OSError:
        return Fault(path.name, 0, 0, "", "", "ファイルが読めません。フォルダの中に必要です")
    if not decoders:  # the encoding that got further is the one that was meant
        name = max(broken, key=lambda name: broken[name])
        expected = f"{ENCODINGS[name]}で読めない文字があります（UTF-8またはCP932で保存）"
        return Fault(path.name, broken[name], 0, "", "", expected)
    return File(path, next(iter(decoders)), digest.hexdigest(), size)


def rows(
    file: File, columns: tuple[str, ...], faults: list[Fault], progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    """Each record as its first line's number and its values in the order of `columns`.

    Faults of form go to `faults` (up to SHOWN and one), and the record is left out. The columns may
    stand in any order under their names.
    """

    def fault(line: int, expected: str, column: str = "") -> None:
        if len(faults) <= SHOWN:
            faults.append(Fault(file.name, line, 0, column, "", expected))

    with file.path.open(encoding=file.encoding, newline="") as text:
        reader = csv.reader(text, strict=True)
        try:
            header = next(reader, [])
            if sorted(header) != sorted(columns):
                for column in missing_or_foreign(header, columns):
                    fault(1, column)
                return
            order = [header.index(column) for column in columns]
            in_order = order == sorted(order)
            start = reader.line_num + 1
            for count, row in enumerate(reader):
                line, start = start, reader.line_num + 1
                if count % PULSE == 0:
                    progress(file.name, text.buffer.tell(), file.size)
                if len(row) != len(columns):
                    if row:
                        fault(line, f"{len(columns)}項目が必要です（{len(row)}項目あります）")
                elif "\0" in "".join(row):
                    fault(line, "NUL文字は使えません")
                else:
                    yield line, row if in_order else [row[index] for index in order]
        except csv.Error as error:
            fault(reader.line_num, f"CSVとして読めません（引用符を確かめてください: {error}）")
    progress(file.name, file.size, file.size)


def missing_or_foreign(header: list[str], columns: tuple[str, ...]) -> list[str]:
    """What is wrong with a header row, a sentence each."""
    missing = [name for name in columns if name not in header]
    foreign = [name for name in header if name not in columns]
    twice = sorted({name for name in header if header.count(name) > 1} - set(foreign))
    return [
        *(f"見出しに {name} が必要です" for name in missing),
        *(f"見出しの「{name}」は決められた項目ではありません" for name in foreign),
        *(f"見出しの {name} が重複しています" for name in twice),
    ]
