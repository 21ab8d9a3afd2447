"""Reading a plain PDF: the strings that its pages show, whether their streams are compressed or not."""

import re
import zlib
from typing import Final

_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_SHOWN: Final = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*Tj")
_ESCAPED: Final = re.compile(rb"\\(.)")


def text_of_pdf(raw: bytes) -> str:
    """The shown strings, one a line. No fonts are looked at: letters are taken as Latin-1."""
    found = [each for stream in _STREAM.findall(raw) for each in _SHOWN.findall(_plain(stream))]
    return "\n".join(_ESCAPED.sub(rb"\1", each).decode("latin-1") for each in found)


def _plain(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream
