"""Screenshots made small: the commonest 256 colours, all others as the nearest of these."""

import struct
import zlib
from collections import Counter
from functools import cache

HEAD = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
PIXEL = 3  # bytes: 8-bit RGB without alpha, as Chromium writes it


def small(png: bytes) -> bytes:
    """The same picture as a PNG with a palette. Takes 8-bit RGB only: raises ValueError."""
    parts = list(chunks(png))
    width, height, *kind = struct.unpack(">IIBBBBB", parts[0][1])
    if kind != [8, 2, 0, 0, 0]:
        raise ValueError("not a PNG of 8-bit RGB")
    packed = b"".join(content for name, content in parts if name == b"IDAT")
    rows = list(unfiltered(zlib.decompress(packed), width * PIXEL))
    pixels = [[row[i : i + PIXEL] for i in range(0, len(row), PIXEL)] for row in rows]
    counts = Counter(colour for row in pixels for colour in row)
    palette = [colour for colour, _ in counts.most_common(COLOURS)]

    @cache
    def nearest(colour: bytes) -> int:
        return min(range(len(palette)), key=lambda place: distance(palette[place], colour))

    lines = b"".join(b"\0" + bytes(map(nearest, row)) for row in pixels)
    made = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    return HEAD + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in made
    )


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Name and content of each part of a file."""
    found, place = [], len(HEAD)
    while place < len(png):
        length = struct.unpack(">I", png[place : place + 4])[0]
        found.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += length + 12
    return found


def unfiltered(raw: bytes, width: int) -> list[bytes]:
    """The rows of `width` bytes behind PNG's five filters."""
    rows: list[bytes] = []
    above = bytearray(width)
    for start in range(0, len(raw), width + 1):
        row = bytearray(raw[start + 1 : start + 1 + width])
        for i in range(width if raw[start] else 0):
            left, corner = (row[i - PIXEL], above[i - PIXEL]) if i >= PIXEL else (0, 0)
            row[i] = (row[i] + predicted(raw[start], left, above[i], corner)) & 255
        rows.append(bytes(row))
        above = row
    return rows


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    """What a filter (1 left, 2 up, 3 mean, 4 Paeth) expects of a byte."""
    if kind < 4:
        return (left, up, (left + up) // 2)[kind - 1]
    near = left + up - corner
    return min((left, up, corner), key=lambda byte: abs(near - byte))


def distance(one: bytes, other: bytes) -> int:
    """How far two colours lie apart."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
