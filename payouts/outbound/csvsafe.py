"""CSV that a spreadsheet shows and never runs, opened as UTF-8 by Excel."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TextIO

BOM = "\ufeff"
CHUNK = 500  # rows sent at once
STARTERS = frozenset("=+-@\t\r\n\0＝＋－＠\u2212")


def safe(value: object) -> str:
    """A cell as text; with an apostrophe in front where a spreadsheet would take it for a formula.

    Judged by the first character after blanks, whole numbers of ours excepted: -100 stays a number.
    """
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = str(value)
    first = text[:1] if text[:1] in STARTERS else text.lstrip(" \u3000\u00a0\u200b\ufeff")[:1]
    return "'" + text if first in STARTERS and first else text


def write(stream: TextIO, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    """Write BOM, heads and rows with CRLF to a text stream opened with newline=""; rows written.

    Constant memory over any iterable.
    """
    stream.write(BOM)
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([safe(head) for head in heads])
    count = 0
    for row in rows:
        writer.writerow([safe(value).replace("\0", "") for value in row])
        count += 1
    return count


def stream(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The same file in pieces of CHUNK rows: the answer begins before the last row is read."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(BOM)
    writer.writerow([safe(head) for head in heads])
    for count, row in enumerate(rows, 1):
        writer.writerow([safe(value).replace("\0", "") for value in row])
        if count % CHUNK == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
