"""Seeing: the colour that most of a PNG has."""

import struct
import zlib
from collections import Counter
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 4: 2, 6: 4}
_COLOURS: Final = {
    "red": (220, 20, 20),
    "green": (20, 160, 20),
    "blue": (20, 20, 220),
    "yellow": (240, 220, 20),
    "orange": (250, 140, 0),
    "purple": (128, 0, 128),
    "pink": (255, 160, 190),
    "brown": (120, 70, 30),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "cyan": (0, 200, 220),
}


def colour_of(png: bytes) -> str | None:
    """The name of the colour that is nearest to the most frequent one. None: it cannot be seen."""
    pixels = _pixels(png)
    if not pixels:
        return None
    most = Counter(pixels).most_common(1)[0][0]
    return min(_COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(most, _COLOURS[name], strict=True)))


def _pixels(png: bytes) -> list[tuple[int, int, int]]:
    """Of an 8-bit PNG without a palette and without interlacing; of others none."""
    if not png.startswith(_SIGNATURE):
        return []
    chunks = _chunks(png)
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks["IHDR"])
    if depth != 8 or kind not in _CHANNELS or interlaced:
        return []
    channels = _CHANNELS[kind]
    return [_rgb(row[at : at + channels]) for row in _rows(chunks["IDAT"], width * channels, height, channels)
            for at in range(0, width * channels, channels)]  # fmt: skip


def _chunks(png: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    at = len(_SIGNATURE)
    while at + 8 <= len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        name = png[at + 4 : at + 8].decode("latin-1")
        found[name] = found.get(name, b"") + png[at + 8 : at + 8 + size]
        at += size + 12
    return found


def _rows(compressed: bytes, width: int, height: int, step: int) -> list[bytearray]:
    """The rows without their filters (PNG specification, third edition, section 9)."""
    raw, rows, above = zlib.decompress(compressed), list[bytearray](), bytearray(width)
    for number in range(height):
        start = number * (width + 1)
        row = bytearray(raw[start + 1 : start + 1 + width])
        for at in range(len(row)):
            left = row[at - step] if at >= step else 0
            corner = above[at - step] if at >= step else 0
            row[at] = (row[at] + _predicted(raw[start], left, above[at], corner)) % 256
        rows.append(row)
        above = row
    return rows


def _predicted(filtered: int, left: int, up: int, corner: int) -> int:
    match filtered:
        case 1:
            return left
        case 2:
            return up
        case 3:
            return (left + up) // 2
        case 4:
            guess = left + up - corner
            return min((left, up, corner), key=lambda each: abs(guess - each))
        case _:
            return 0


def _rgb(pixel: bytearray) -> tuple[int, int, int]:
    return (pixel[0], pixel[0], pixel[0]) if len(pixel) < 3 else (pixel[0], pixel[1], pixel[2])
