"""A whole answer of the emulated vendor, cut into messages of AWS's event stream."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final
from zlib import crc32

from offramp.types._value import JsonObject
from offramp_providers.emulator.wire import EventKind, WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces, slices

_PADDING: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def framed(name: str, data: JsonObject, kind: EventKind, *, is_exception: bool = False) -> WireEvent:
    """One message, with its checksums."""
    sort = "exception" if is_exception else "event"
    headers = {f":{sort}-type": name, ":content-type": "application/json", ":message-type": sort}
    block = b"".join(map(_header, headers, headers.values()))
    payload = dumped(data).encode("utf-8", "replace")
    prelude = struct.pack("!II", len(block) + len(payload) + 16, len(block))
    message = prelude + struct.pack("!I", crc32(prelude)) + block + payload
    return WireEvent(message + struct.pack("!I", crc32(message)), kind)


def _header(name: str, content: str) -> bytes:
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(content)) + content.encode()


class Events:
    """The events of one stream."""

    def __init__(self, writing: Writing) -> None:
        self._rng = writing.chance("framing")
        self._is_novel = writing.fate.is_novel

    def of(self, blocks: list[JsonObject], stop: str, metadata: JsonObject) -> Iterator[WireEvent]:
        """All events of the answer, in the vendor's order: the counts come after the stop reason."""
        yield self._event("messageStart", {"role": "assistant"}, "opening")
        for index, block in enumerate(blocks):
            yield from self._block(index, block)
        if self._is_novel:
            yield self._event("weatherReport", {"hologram": {"frames": [1, 2, 3]}}, "content")
        yield self._event("messageStop", {"stopReason": stop}, "outcome")
        yield self._event("metadata", metadata, "terminator")

    def _event(self, name: str, data: JsonObject, kind: EventKind = "content") -> WireEvent:
        return framed(name, {**data, "p": _PADDING[: self._rng.randint(1, len(_PADDING))]}, kind)

    def _block(self, index: int, block: JsonObject) -> Iterator[WireEvent]:
        place = {"contentBlockIndex": index}
        if "toolUse" in block:
            start = {key: block["toolUse"][key] for key in ("toolUseId", "name")}
            yield self._event("contentBlockStart", {"start": {"toolUse": start}, **place})
        for delta in self._deltas(block):
            yield self._event("contentBlockDelta", {"delta": delta, **place})
        yield self._event("contentBlockStop", place)

    def _deltas(self, block: Any) -> Iterator[JsonObject]:
        match block:
            case {"text": text}:
                yield from ({"text": piece} for piece in pieces(text, self._rng) if piece)
            case {"toolUse": {"input": arguments}}:
                yield from ({"toolUse": {"input": piece}} for piece in slices(dumped(arguments), self._rng))
            case {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}:
                yield from ({"reasoningContent": {"text": piece}} for piece in pieces(text, self._rng))
                yield {"reasoningContent": {"signature": signature}}
            case {"reasoningContent": hidden}:
                yield {"reasoningContent": hidden}
            case _:
                pass  # a block of no known kind has no pieces
