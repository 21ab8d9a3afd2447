"""The events of a stream while they are read: what each kind of them says, and which part it is for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    KeepAlive,
    Origin,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    ResponseEnd,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    UsageUpdate,
    Wire,
)
from offramp_providers.dialects.cohere_v2.citations import decode_citation, place_of
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.outcomes import decode_outcome, decode_usage
from offramp_providers.dialects.cohere_v2.plan import PLANNED
from offramp_providers.dialects.cohere_v2.response import served_origin
from offramp_providers.dialects.cohere_v2.stream_events import BARE, CITATION_END, NUMBER, Places, SayablePart
from offramp_providers.dialects.shapes import is_object

SILENT: Final = KeepAlive()
"""What an event means that says nothing of the answer."""
_READ_HERE: Final = Wire(dialect=NAME)


class EventReading:
    """The state of one stream, and a reader for each kind of event. What has another shape means no events."""

    __slots__ = ("_asked", "_called", "_open_plan", "count", "ended", "form", "places")

    def __init__(self, issuer: Origin) -> None:
        self._asked = issuer
        self._open_plan: int | None = None
        self._called = False
        self.places = Places()
        self.count = 0
        """Parts so far."""
        self.form: tuple[str, ...] = ()
        """How the event that is being read is spelled."""
        self.ended = False

    def start(self, data: JsonObject) -> tuple[Event, ...]:
        """The answer begins."""
        message = _inner(data, "delta", "message")
        if message is None:
            return ()
        response_id: Any = data.get("id")
        served = served_origin(self._asked, response_id if type(response_id) is str else None)
        self.form = () if "content" in message else (BARE,)
        # A wire even without residue: it says that the stream was read in this dialect.
        return (ResponseStart(origin=served, wire=_READ_HERE),)

    def content_start(self, data: JsonObject) -> tuple[Event, ...]:
        """A block of the content begins."""
        content = _inner(data, "delta", "message", "content")
        if content is None:
            return ()
        text, thinking = content.get("text"), content.get("thinking")
        if content.get("type") == "text" and type(text) is str:
            return self._opened(data, Text(text))
        if content.get("type") == "thinking" and type(thinking) is str:
            return self._opened(data, Reasoning(thinking))
        return ()

    def _opened(self, data: JsonObject, part: SayablePart) -> tuple[Event, ...]:
        """A part begins under the number that the wire gives it."""
        number: Any = data.get("index")
        if type(number) is not int:
            return ()
        closed = self._close_plan()
        index, self.count = self.count, self.count + 1
        if not self.places.open(index, part, number):
            self.form = (f"{NUMBER}{number}",)
        return (*closed, PartStart(index, part))

    def content_delta(self, data: JsonObject) -> tuple[Event, ...]:
        """More of a block."""
        content = _inner(data, "delta", "message", "content")
        index = self.places.at("content", data.get("index"))
        if content is None or index is None:
            return ()
        thinks = isinstance(self.places.parts[index], Reasoning)
        text: Any = content.get("thinking" if thinks else "text")
        if type(text) is not str:
            return ()
        return (ReasoningDelta(index, text) if thinks else TextDelta(index, text),)

    def content_end(self, data: JsonObject) -> tuple[Event, ...]:
        """A block is complete."""
        index = self.places.at("content", data.get("index"))
        return () if index is None else (PartEnd(index),)

    def plan_delta(self, data: JsonObject) -> tuple[Event, ...]:
        """More of what is said ahead of the calls."""
        message = _inner(data, "delta", "message")
        text: Any = message.get("tool_plan") if message is not None else None
        if type(text) is not str:
            return ()
        if self._open_plan is not None:
            return (TextDelta(self._open_plan, text),)
        index, self.count = self.count, self.count + 1
        part = Text("", wire=PLANNED)
        self.places.open(index, part)
        self._open_plan = index
        return PartStart(index, part, synthetic=True), TextDelta(index, text)

    def _close_plan(self) -> tuple[Event, ...]:
        """What is said ahead of the calls has no end on the wire; the next part ends it."""
        plan, self._open_plan = self._open_plan, None
        return () if plan is None else (PartEnd(plan, synthetic=True),)

    def call_start(self, data: JsonObject) -> tuple[Event, ...]:
        """A call begins."""
        call = _inner(data, "delta", "message", "tool_calls")
        function = _inner(call, "function") if call is not None else None
        if call is None or function is None:
            return ()
        call_id, name, arguments = call.get("id"), function.get("name"), function.get("arguments", "")
        if type(call_id) is not str or type(name) is not str or type(arguments) is not str:
            return ()
        self._called = True
        return self._opened(data, ToolCall(call_id, name, arguments))

    def call_delta(self, data: JsonObject) -> tuple[Event, ...]:
        """More of a call's arguments."""
        function = _inner(data, "delta", "message", "tool_calls", "function")
        index = self.places.at("call", data.get("index"))
        text: Any = function.get("arguments") if function is not None else None
        return () if index is None or type(text) is not str else (ArgumentsDelta(index, text),)

    def call_end(self, data: JsonObject) -> tuple[Event, ...]:
        """A call is complete."""
        index = self.places.at("call", data.get("index"))
        return () if index is None else (PartEnd(index),)

    def citation(self, data: JsonObject) -> tuple[Event, ...]:
        """A citation."""
        raw = _inner(data, "delta", "message", "citations")
        if raw is None:
            return ()
        index, number = self._cited(raw), data.get("index")
        if type(number) is int:
            self.form = (f"{NUMBER}{number}",)
        return () if index is None else (CitationDelta(index, decode_citation(raw)),)

    def _cited(self, raw: JsonObject) -> int | None:
        """The part that a citation is for; without a number, the text that was begun last."""
        indices = [index for index in self.places.parts if self.places.of(index)[0] != "call"]
        content = sorted(indices, key=lambda index: (self.places.of(index)[0] == "plan", self.places.of(index)[1]))
        if raw.get("type") != "PLAN" and type(raw.get("content_index")) is not int:
            content.reverse()
        place = place_of(raw, [self.places.parts[index] for index in content])
        return None if place is None else content[place]

    def citation_end(self, data: JsonObject) -> tuple[Event, ...]:
        """A citation is complete, which says nothing new."""
        number = data.get("index")
        if type(number) is not int:
            return ()
        self.form = (CITATION_END, f"{NUMBER}{number}")
        return (SILENT,)

    def end(self, data: JsonObject) -> tuple[Event, ...]:
        """The answer is complete."""
        delta = _inner(data, "delta")
        if delta is None:
            return ()
        closed = self._close_plan()
        usage, reason = delta.get("usage"), delta.get("finish_reason")
        counted = (UsageUpdate(decode_usage(usage)),) if is_object(usage) else ()
        if type(reason) is not str:
            return (*closed, *counted)
        self.ended = True
        return (*closed, *counted, ResponseEnd(decode_outcome(reason, called=self._called, empty=self.count == 0)))


READERS: Final[Mapping[str, Callable[[EventReading, JsonObject], tuple[Event, ...]]]] = {
    "message-start": EventReading.start,
    "content-start": EventReading.content_start,
    "content-delta": EventReading.content_delta,
    "content-end": EventReading.content_end,
    "tool-plan-delta": EventReading.plan_delta,
    "tool-call-start": EventReading.call_start,
    "tool-call-delta": EventReading.call_delta,
    "tool-call-end": EventReading.call_end,
    "citation-start": EventReading.citation,
    "citation-end": EventReading.citation_end,
    "message-end": EventReading.end,
}
"""By the type of the event."""


def _inner(data: JsonObject, *path: str) -> JsonObject | None:
    """The object at the end of a path of keys; None where there is none."""
    found: Any = data
    for key in path:
        found = found.get(key) if is_object(found) else None
    return found if is_object(found) else None
