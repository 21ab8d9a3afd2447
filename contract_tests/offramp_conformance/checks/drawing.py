"""Images and documents that checks send: small, made on the spot, and of known content."""

import base64
import struct
import zlib
from typing import Final

from offramp.types import DataSource, Media

_COLOURS: Final = {"red": (220, 20, 20), "green": (20, 160, 20), "blue": (20, 20, 220), "yellow": (240, 220, 20)}
COLOUR_NAMES: Final = tuple(_COLOURS)
_SIDE: Final = 64


def filled_image(colour: str) -> Media:
    """A square PNG of one colour."""
    return Media(DataSource(base64.b64encode(png(_COLOURS[colour])).decode()), kind="image", media_type="image/png")


def png(colour: tuple[int, int, int], side: int = _SIDE) -> bytes:
    """A square of one colour."""
    row = b"\0" + bytes(colour) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(row * side)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, content = chunk
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pdf(text: str) -> Media:
    """A document of one page with one line."""
    raw = base64.b64encode(_pdf(text)).decode()
    return Media(DataSource(raw), kind="document", media_type="application/pdf", name="notes")


def _pdf(text: str) -> bytes:
    plain = "".join(letter for letter in text if letter not in "()\\")
    shown = b"BT /F1 24 Tf 72 700 Td (%s) Tj ET" % plain.encode("latin-1")
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    written, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end
