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
LINES = 1 << 18  # bytes of lines handed on at once
PULSE = 5000  # rows between two signs of progress

Progress = Callable[[str, int, int], None]  # what is being done, bytes done, bytes in all


@dataclass(frozen=True)
class File:
    """An export file that could be opened and decoded."""

    path: Path
    encoding: str
    sha256: str
    size: int
    quoted: bool  # a record may span lines, or hide a comma

    @property
    def name(self) -> str:
        return self.path.name


def examine(path: Path) -> File | Fault:
    """Hash the file and find its encoding: UTF-8 with or without BOM, else CP932."""
    broken: dict[str, int] = {}
    try:
        for encoding in ENCODINGS:
            line = undecodable(path, encoding)
            if line is None:
                sha256, size, quoted = looked_through(path)
                return File(path, encoding, sha256, size, quoted)
            broken[encoding] = line
    except OSError:
        return Fault(path.name, 0, 0, "", "", "ファイルが読めません。フォルダの中に必要です")
    name = max(broken, key=lambda name: broken[name])  # what got further is what was meant
    expected = f"{ENCODINGS[name]}で読めない文字があります（UTF-8またはCP932で保存）"
    return Fault(path.name, broken[name], 0, "", "", expected)


def undecodable(path: Path, encoding: str) -> int | None:
    """The line of the first byte that the encoding does not know; None where it knows all."""
    decoder, newlines = codecs.getincrementaldecoder(encoding)(), 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return newlines + error.object[: error.start].count(b"\n") + 1
            if not block:
                return None
            newlines += block.count(b"\n")


def looked_through(path: Path) -> tuple[str, int, bool]:
    """SHA-256, size in bytes, and whether there is a quote in it."""
    digest, size, quoted = hashlib.sha256(), 0, False
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
            quoted = quoted or b'"' in block
    return digest.hexdigest(), size, quoted


def is_plain(file: File, columns: tuple[str, ...]) -> bool:
    """Whether the records can be handed on as they stand: UTF-8, no quote, the columns in order."""
    if file.quoted or file.encoding != "utf-8-sig":
        return False
    with file.path.open("rb") as content:
        header = content.readline(BLOCK).removeprefix(codecs.BOM_UTF8)
    return header.rstrip(b"\r\n") == ",".join(columns).encode()


def blocks(file: File, progress: Progress) -> Iterator[bytes]:
    """The lines of a plain file, without its header, some thousand at a time."""
    rest = b""
    with file.path.open("rb") as content:
        content.readline()
        while block := content.read(LINES):
            progress(file.name, content.tell(), file.size)
            end = block.rfind(b"\n") + 1
            if end or len(rest) > BLOCK:  # no line of ours is that long
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
    if rest:
        yield rest + b"\n"
    progress(file.name, file.size, file.size)


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
