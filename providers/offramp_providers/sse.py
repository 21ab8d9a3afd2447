"""Server-sent events, both ways: bytes in any chunking to events, and one wire event to bytes.

The decoder follows the WHATWG rules but for two: an event's `id` is its own, not the last one seen, and `retry` is
ignored. Both serve reconnecting, which is never done: an answer is not asked for twice.
"""

from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import WireEvent
from offramp_providers.frame import Frame
from offramp_providers.wire_json import dump_json

MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""A guard against a stream without blank lines. Inline images make single events of some megabytes."""

_BOM: Final = b"\xef\xbb\xbf"


class SseDecoder:
    """Splits one stream into events, whatever the chunks. Small events are cut apart by `bytes.split` alone."""

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._started = False
        self._after_cr = False
        self._pieces: list[bytes] = []
        self._waiting = 0

    @property
    def unfinished(self) -> bool:
        """Whether bytes have come that no blank line has ended. At the end of the stream they are no event."""
        return self._waiting > 0

    def feed(self, chunk: bytes) -> list[Frame]:
        """The events that these bytes complete.

        Raises:
            ProviderError: `too_large`: an event grows beyond the cap.
        """
        chunk = self._with_plain_line_ends(chunk if self._started else self._without_bom(chunk))
        self._pieces.append(chunk)
        self._waiting += len(chunk)
        # A boundary may stand across two chunks, never across more than its two bytes.
        if b"\n\n" not in chunk and not self._ends_across(chunk):
            self._refuse_growth(self._waiting)
            return []
        blocks = b"".join(self._pieces).split(b"\n\n")
        rest = blocks.pop()
        self._pieces = [rest] if rest else []
        self._waiting = len(rest)
        self._refuse_growth(max(map(len, blocks)))
        self._refuse_growth(len(rest))
        return [event for event in map(_decode_block, blocks) if event is not None]

    def finish(self) -> tuple[Frame, ...]:
        """Nothing: an event without its blank line is none."""
        return ()

    def _ends_across(self, chunk: bytes) -> bool:
        if not chunk.startswith(b"\n"):
            return False
        before = next((piece for piece in reversed(self._pieces[:-1]) if piece), b"")
        return before.endswith(b"\n")

    def _without_bom(self, chunk: bytes) -> bytes:
        """Hold bytes back until it is clear whether the stream opens with a byte order mark."""
        head = b"".join(self._pieces) + chunk
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._pieces, self._waiting = [head], 0
            return b""
        self._started = True
        self._pieces, self._waiting = [], 0
        return head.removeprefix(_BOM)

    def _with_plain_line_ends(self, chunk: bytes) -> bytes:
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _refuse_growth(self, size: int) -> None:
        if size > self._max_event_bytes:
            raise ProviderError(
                f"a stream event of more than {self._max_event_bytes} bytes", kind=ProviderErrorKind.TOO_LARGE
            )


def _decode_block(block: bytes) -> Frame | None:
    """The event of the lines between two blank ones; None where they hold no data."""
    first, newline, second = block.partition(b"\n")
    if not newline and first.startswith(b"data: "):
        return Frame(first[6:])
    if first.startswith(b"event: ") and second.startswith(b"data: ") and b"\n" not in second:
        return Frame(second[6:], first[7:].decode("utf-8", "replace") or None)
    return _decode_lines(block.split(b"\n"))


def _decode_lines(lines: list[bytes]) -> Frame | None:
    data: list[bytes] = []
    event: bytes = b""
    event_id: bytes | None = None
    for line in lines:
        field, _, content = line.partition(b":")
        content = content.removeprefix(b" ")
        if field == b"data":
            data.append(content)
        elif field == b"event":
            event = content
        elif field == b"id" and b"\0" not in content:
            event_id = content
        # All else is a comment (an empty field name), `retry`, or a field that the rules tell us to ignore.
    if not data:
        return None
    return Frame(
        b"\n".join(data),
        event.decode("utf-8", "replace") or None,
        None if event_id is None else event_id.decode("utf-8", "replace"),
    )


def encode_sse(event: WireEvent) -> bytes:
    """One wire event as bytes, blank line included. An object is dumped as JSON; text is split into lines.

    Raises:
        ValueError: the event's name or id holds a line end.
    """
    fields = [_field(b"event", event.event), _field(b"id", event.id)]
    data = event.data.encode("utf-8", "surrogatepass") if isinstance(event.data, str) else dump_json(event.data)
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    fields += [b"data: " + line + b"\n" for line in plain.split(b"\n")]
    return b"".join(fields) + b"\n"


def _field(name: bytes, content: str | None) -> bytes:
    if content is None:
        return b""
    if "\n" in content or "\r" in content:
        raise ValueError(f"the {name.decode()} of a server-sent event cannot hold a line end")
    return name + b": " + content.encode() + b"\n"
