"""Undoing an answer's compression in pieces of a bounded size, so that a small body cannot fill the memory."""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

_PIECE_BYTES: Final = 64 * 1024


class BodyDecoder(Protocol):
    """Undoes one body's encoding."""

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """What these bytes hold, piece by piece. Raises zlib.error."""
        ...

    def finish(self) -> None:
        """The body has ended. Raises zlib.error where its compression has not."""
        ...


def decoder_for(encoding: str | None) -> BodyDecoder:
    """The decoder of a `Content-Encoding`.

    Raises:
        zlib.error: it is none of those that are asked for.
    """
    match (encoding or "identity").strip().lower():
        case "identity" | "":
            return _Identity()
        case "gzip" | "x-gzip" | "deflate":
            return _Inflater()
        case _:
            raise zlib.error("an encoding that nobody asked for")


class _Identity:
    def decode(self, raw: bytes) -> Iterator[bytes]:
        yield raw

    def finish(self) -> None:
        """Nothing can be missing that the framing has not missed."""


class _Inflater:
    """gzip of any number of members, and deflate with or without the header that belongs to it."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj()
        self._is_open = False

    def decode(self, raw: bytes) -> Iterator[bytes]:
        while raw:
            if not self._is_open:
                self._member = zlib.decompressobj(_window_of(raw[0]))
            if piece := self._member.decompress(raw, _PIECE_BYTES):
                yield piece
            self._is_open = not self._member.eof
            raw = self._member.unconsumed_tail if self._is_open else self._member.unused_data

    def finish(self) -> None:
        if self._is_open:
            raise zlib.error("it ends too early")


def _window_of(first: int) -> int:
    """What zlib takes for the kind of a stream that begins with this byte."""
    if first == 0x1F or first & 0x0F == 8:  # gzip's mark, or a header that names deflate
        return zlib.MAX_WBITS | 32
    return -zlib.MAX_WBITS
