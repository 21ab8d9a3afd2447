"""A whole answer of the emulated vendor, cut into its events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import objects_of, text_of
from offramp_providers.emulator.wire import EventKind, WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces, slices


class Events:
    """The events of one stream."""

    def __init__(self, writing: Writing) -> None:
        self._rng = writing.chance("framing")
        self._is_novel = writing.fate.is_novel

    @staticmethod
    def framed(data: JsonObject, kind: EventKind) -> WireEvent:
        """One event under the name of its type, where it has one."""
        name = f"event: {data['type']}\n" if "type" in data else ""
        return WireEvent(f"{name}data: {dumped(data)}\n\n".encode(), kind)

    def of(self, answer_id: str, message: JsonObject, ending: JsonObject) -> Iterator[WireEvent]:
        """All events of the answer, in the vendor's order."""
        empty: JsonObject = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
        yield self._event("message-start", {"id": answer_id}, empty)
        for piece in pieces(message["tool_plan"], self._rng) if message.get("tool_plan") else ():
            yield self._event("tool-plan-delta", {}, {"tool_plan": piece})
        blocks = objects_of(message.get("content"))
        for index, block in enumerate(blocks):
            cited = objects_of(message.get("citations")) if index == len(blocks) - 1 else []
            yield from self._block(index, block, cited)
        for index, call in enumerate(objects_of(message.get("tool_calls"))):
            yield from self._call(index, call)
        if self._is_novel:
            yield self.framed({"type": "weather-report", "hologram": {"frames": [1, 2, 3]}}, "content")
        yield self.framed({"type": "message-end", "delta": ending}, "outcome")
        yield WireEvent(b"data: [DONE]\n\n", "terminator")

    def _event(self, kind: str, fields: JsonObject, message: JsonObject) -> WireEvent:
        return self.framed({"type": kind, **fields, "delta": {"message": message}}, "content")

    def _block(self, index: int, block: JsonObject, cited: list[JsonObject]) -> Iterator[WireEvent]:
        key = text_of(block["type"])
        place = {"index": index}
        yield self._event("content-start", place, {"content": {"type": key, key: ""}})
        for piece in pieces(block[key], self._rng, most=2) if block[key] else ():
            yield self._event("content-delta", place, {"content": {key: piece}})
        for number, citation in enumerate(cited):
            yield self._event("citation-start", {"index": number}, {"citations": citation})
            yield self.framed({"type": "citation-end", "index": number}, "content")
        yield self.framed({"type": "content-end", **place}, "content")

    def _call(self, index: int, call: Any) -> Iterator[WireEvent]:
        place = {"index": index}
        opening = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
        yield self._event("tool-call-start", place, {"tool_calls": opening})
        arguments = call["function"]["arguments"]
        for piece in slices(arguments, self._rng) if arguments != "{}" else ():  # no parameters: no word of them
            yield self._event("tool-call-delta", place, {"tool_calls": {"function": {"arguments": piece}}})
        yield self.framed({"type": "tool-call-end", **place}, "content")
