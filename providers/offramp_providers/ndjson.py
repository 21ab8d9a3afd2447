"""JSON in lines, both ways: bytes in any chunking to lines, and one wire event to bytes."""

from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import WireEvent
from offramp_providers.frame import Frame
from offramp_providers.wire_json import decode_json, dump_json

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""A guard against a stream without line ends. Inline images make single lines of some megabytes."""


class NdjsonDecoder:
    """Splits one stream into lines, whatever the chunks. Blank ones are none."""

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._pieces: list[bytes] = []
        self._waiting = 0

    def feed(self, chunk: bytes) -> list[Frame]:
        """The lines that these bytes complete.

        Raises:
            ProviderError: `too_large`: a line grows beyond the cap.
        """
        self._pieces.append(chunk)
        self._waiting += len(chunk)
        lines: list[bytes] = []
        if b"\n" in chunk:
            lines = b"".join(self._pieces).split(b"\n")
            rest = lines.pop()
            self._pieces, self._waiting = [rest], len(rest)
        if max(self._waiting, *map(len, lines), 0) > self._max_line_bytes:
            raise ProviderError(
                f"a line of a stream of more than {self._max_line_bytes} bytes", kind=ProviderErrorKind.TOO_LARGE
            )
        return [Frame(line) for line in lines if line.strip()]

    def finish(self) -> tuple[Frame, ...]:
        """The last line, where it lacks no more than its end. A part of one is none."""
        rest = b"".join(self._pieces)
        self._pieces, self._waiting = [], 0
        try:
            decode_json(rest)
        except ProviderError:
            return ()
        return (Frame(rest),)


def encode_ndjson(event: WireEvent) -> bytes:
    """One wire event as a line.

    Raises:
        ValueError: its data are a text with a line end in it.
    """
    if not isinstance(event.data, str):
        return dump_json(event.data) + b"\n"
    if "\n" in event.data:
        raise ValueError("a line cannot hold a line end")
    return event.data.encode("utf-8", "surrogatepass") + b"\n"
