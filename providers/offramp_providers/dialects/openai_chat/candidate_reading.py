"""One candidate of a stream while it is read: which part is open, and what a delta adds to it."""

from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    Outcome,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Text,
    TextDelta,
    ToolCall,
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.chunk_candidates import CandidateReading
from offramp_providers.dialects.openai_chat.assistant import decode_citation, reasoning_wire
from offramp_providers.dialects.openai_chat.calls import CUSTOM, FUNCTION_CALL, UNTYPED
from offramp_providers.dialects.openai_chat.draft import REASONING_FIELDS
from offramp_providers.dialects.openai_chat.encoding import residue_wire
from offramp_providers.dialects.openai_chat.outcomes import decode_outcome
from offramp_providers.dialects.shapes import is_list, is_object, is_text, take_text

TEMPLATE: Final[JsonObject] = {"logprobs": None, "finish_reason": None}
"""What a choice holds besides its delta, before anything else was seen."""


class ChatCandidateReading(CandidateReading):
    """What one answer of a stream has said so far."""

    __slots__ = ("refused",)

    def __init__(self, number: int) -> None:
        super().__init__(number, TEMPLATE)
        self.refused = False

    def read(self, delta: JsonObject, events: list[Event], place: str, form: list[str]) -> JsonObject:
        left = dict(delta)
        self._read_reasoning(left, events)
        text: Any = left.get("content")
        if is_text(text):
            del left["content"]
            self.opened("text", Text(""), events)
            events.append(TextDelta(self.count - 1, text, candidate=self.number))
        refusal: Any = left.get("refusal")
        if is_text(refusal):
            del left["refusal"]
            self.refused = True
            self.opened("refusal", Refusal(""), events)
            events.append(RefusalDelta(self.count - 1, refusal, candidate=self.number))
        if "annotations" in left:
            self._read_annotations(left, events)
        if "tool_calls" in left:
            self.read_calls(left, events, place, form)
        if "function_call" in left:
            self._read_function_call(left, events)
        return left

    def outcome(self, raw: str) -> Outcome:
        return decode_outcome(raw, refused=self.refused, called=self.called, empty=self.count == 0)

    def _read_reasoning(self, left: JsonObject, events: list[Event]) -> None:
        for field in REASONING_FIELDS:
            text: Any = left.get(field)
            if is_text(text):
                del left[field]
                self.opened(field, Reasoning(wire=reasoning_wire(field)), events)
                events.append(ReasoningDelta(self.count - 1, text, candidate=self.number))
                return

    def _read_annotations(self, left: JsonObject, events: list[Event]) -> None:
        notes: Any = left["annotations"]
        if self.open_kind != "text" or not is_list(notes) or not notes or not all(is_object(note) for note in notes):
            return
        del left["annotations"]
        events.extend(CitationDelta(self.count - 1, decode_citation(note), candidate=self.number) for note in notes)

    def read_call(self, call: JsonObject, index: Any, events: list[Event]) -> bool:
        if type(index) is not int:
            return False
        call_id: Any = call.get("id")
        known = self.by_wire.get(index)
        if type(call_id) is str and (known is None or call_id not in ("", known[1])):
            return self._start_call(call, index, events)
        custom = is_object(call.get("custom"))
        inner: Any = call.get("custom" if custom else "function")
        text: Any = inner.get("input" if custom else "arguments") if is_object(inner) else None
        if known is None or type(text) is not str:
            return False
        events.append(ArgumentsDelta(known[0], text, candidate=self.number))
        return len(call) == 2 and len(inner) == 1

    def _start_call(self, call: JsonObject, index: int, events: list[Event]) -> bool:
        left = dict(call)
        kind = left.pop("type", None)
        place, field = ("custom", "input") if kind == "custom" else ("function", "arguments")
        inner = take_object(left, place)
        name = take_text(inner, "name") if inner else None
        if inner is None or name is None:
            return False
        arguments = take_text(inner, field)
        keep_rest(left, place, inner)
        if index == len(self.by_wire):
            del left["index"]
        call_id = left.pop("id")
        form = (CUSTOM,) if place == "custom" else () if kind == "function" else (UNTYPED,)
        if "type" in call and form == (UNTYPED,):
            left["type"] = kind
        part = ToolCall(call_id, name, None if arguments is None else "", wire=residue_wire(left, form))
        self.by_wire[index] = (self.count, call_id)
        self.start_call(part, arguments, events)
        return field not in inner

    def _read_function_call(self, left: JsonObject, events: list[Event]) -> None:
        """The deprecated field: one call, which has no id."""
        inner = take_object(left, "function_call")
        if inner is None:
            return
        begins = is_text(inner.get("name")) and -1 not in self.by_wire
        arguments: Any = inner.get("arguments")
        if type(arguments) is not str or not (begins or -1 in self.by_wire):
            left["function_call"] = inner
            return
        del inner["arguments"]
        if begins:
            call_id = f"function_call_{self.number}"
            self.by_wire[-1] = (self.count, call_id)
            self.start_call(
                ToolCall(call_id, inner.pop("name"), "", wire=residue_wire({}, (FUNCTION_CALL,))), arguments, events
            )
        else:
            events.append(ArgumentsDelta(self.by_wire[-1][0], arguments, candidate=self.number))
        keep_rest(left, "function_call", inner)
