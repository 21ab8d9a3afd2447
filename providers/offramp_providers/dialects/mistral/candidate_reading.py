"""One candidate of a stream while it is read: which part is open, and what a delta adds to it."""

from dataclasses import replace
from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    OpaqueDelta,
    Origin,
    Outcome,
    Part,
    Reasoning,
    ReasoningDelta,
    Text,
    TextDelta,
    Unknown,
)
from offramp_providers.dialects.chunk_candidates import CandidateReading
from offramp_providers.dialects.mistral.calls import ARGUMENTS_OBJECT, call_of
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.outcomes import decode_outcome
from offramp_providers.dialects.mistral.parts import REFERENCE, citation_of, decode_chunk
from offramp_providers.dialects.mistral.thinking import thinking_of
from offramp_providers.dialects.shapes import is_list, is_object, is_text

_NOBODY: Final = Origin(developer="", host="", dialect=NAME)

TEMPLATE: Final[JsonObject] = {"finish_reason": None}
"""What a choice holds besides its delta, before anything else was seen."""
LISTED: Final = "content=list"
"""Marks a delta whose text stood in a list."""
RAW_CONTENT: Final = "content=raw"
"""Marks a delta whose content our events cannot spell exactly: it stands raw beside its events."""
NO_INDEX: Final = "index=absent"
"""Marks a call that does not say its place among the calls."""


class MistralCandidateReading(CandidateReading):
    """What one answer of a stream has said so far."""

    __slots__ = ()

    def __init__(self, number: int) -> None:
        super().__init__(number, TEMPLATE)

    def read(self, delta: JsonObject, events: list[Event], place: str, form: list[str]) -> JsonObject:
        left = dict(delta)
        content: Any = left.get("content")
        if is_text(content):
            del left["content"]
            self._add_text(content, events)
        elif is_list(content) and content:
            spelled = [self._read_chunk(chunk, events) for chunk in content]
            if spelled == content:
                del left["content"]
                if all(is_object(chunk) and chunk.get("type") == "text" for chunk in content):
                    form.append(f"{place}{LISTED}")
            else:
                form.append(f"{place}{RAW_CONTENT}")
        if "tool_calls" in left:
            self.read_calls(left, events, place, form)
        return left

    def outcome(self, raw: str) -> Outcome:
        return decode_outcome(raw, called=self.called, empty=self.count == 0)

    def _add_text(self, text: str, events: list[Event]) -> None:
        self.opened("text", Text(""), events)
        events.append(TextDelta(self.count - 1, text, candidate=self.number))

    def _read_chunk(self, chunk: Any, events: list[Event]) -> JsonObject | None:
        """Turn a chunk of content into events; returns how they spell it, None where they do not."""
        part = decode_chunk(chunk, _NOBODY)
        match part:
            case Text(text=text) if text:
                self._add_text(text, events)
                return {"type": "text", "text": text}
            case Reasoning(text=str(text)):
                return self._add_thinking(part, text, events)
            case Unknown(vendor_type="reference") if self.open_kind in ("text", REFERENCE):
                # The text that it speaks of is over.
                self.open_kind = REFERENCE
                citation = citation_of(part.raw)
                events.append(CitationDelta(self.count - 1, citation, candidate=self.number))
                return citation.raw
            case Text():
                return None
            case _:
                return self._add_whole(part, events)

    def _add_thinking(self, part: Reasoning, text: str, events: list[Event]) -> JsonObject | None:
        self.opened("thinking", Reasoning(""), events)
        events.append(ReasoningDelta(self.count - 1, text, candidate=self.number))
        events += [OpaqueDelta(self.count - 1, each, candidate=self.number) for each in part.opaque]
        return None if part.opaque else {"type": "thinking", "thinking": thinking_of(text) if text else []}

    def _add_whole(self, part: Part, events: list[Event]) -> JsonObject | None:
        """A part that comes in one piece."""
        self.opened(f"part {self.count}", part, events, synthetic=False)
        self.close(events)
        raw: Any = part.raw if isinstance(part, Unknown) else None
        return raw if is_object(raw) else None

    def read_call(self, call: JsonObject, index: Any, events: list[Event]) -> bool:
        """A call begins with an id; without one, or with the id `null`, it goes on."""
        given: Any = call.get("id")
        place = index if type(index) is int else len(self.by_wire)
        known = self.by_wire.get(place)
        if type(given) is str and (known is None or given not in ("", "null", known[1])):
            return self._start_call(call, place, events)
        inner: Any = call.get("function")
        text: Any = inner.get("arguments") if is_object(inner) else None
        if known is None or type(text) is not str:
            return False
        events.append(ArgumentsDelta(known[0], text, candidate=self.number))
        return call == {"index": place, "function": {"arguments": text}}

    def _start_call(self, call: JsonObject, place: int, events: list[Event]) -> bool:
        left = dict(call)
        form = [] if "index" in left else [NO_INDEX]
        if left.get("index") == len(self.by_wire) and type(left["index"]) is int:
            del left["index"]
        found = call_of(left, form)
        if found is None:
            return False
        self.by_wire[place] = (self.count, found.call_id)
        if found.wire is not None and ARGUMENTS_OBJECT in found.wire.form:
            self.start_call(found, None, events)
        else:
            opening = found if found.arguments_json is None else replace(found, arguments_json="")
            self.start_call(opening, found.arguments_json, events)
        return True
