"""The events of a stream in their usual spelling, made by the writer and held against the wire by the reader."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonMapping,
    JsonObject,
    KeepAlive,
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
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.encoding import has_mark
from offramp_providers.dialects.cohere_v2.plan import AT_PLAN
from offramp_providers.dialects.shapes import is_object

DONE: Final = "[DONE]"
"""What recorded streams end with; completion is never read from it."""
IS_DONE: Final = "data=done"
IS_RAW: Final = "data=raw"
"""Marks an event that no spelling of ours makes, kept whole."""
BARE: Final = "message=bare"
"""Marks a beginning that does not list the fields of the message empty."""
CITATION_END: Final = "type=citation-end"
"""Marks a citation's end, which says no more than the citation's number."""
NUMBER: Final = "index="
"""Begins the mark of a number on the wire: of a citation, or of a part that is not the next of its kind."""

SayablePart: TypeAlias = Text | Reasoning | ToolCall
"""What has a place in a stream of this dialect."""

_EMPTY: Final[JsonMapping] = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}


class Places:
    """Where each part stands on the wire: which kind it is of, and its number among that kind."""

    __slots__ = ("_counts", "_indices", "_places", "parts")

    def __init__(self) -> None:
        self.parts: dict[int, SayablePart] = {}
        """The first form of each part, by our index."""
        self._places: dict[int, tuple[str, int]] = {}
        self._indices: dict[tuple[str, int], int] = {}
        self._counts = {"content": 0, "plan": 0, "call": 0}

    def open(self, index: int, part: SayablePart, number: int | None = None) -> bool:
        """Give a part its place: the number given, else the next of its kind. Returns whether it is the next."""
        kind = "call" if isinstance(part, ToolCall) else "plan" if has_mark(part.wire, AT_PLAN) else "content"
        usual = self._counts[kind]
        self._counts[kind] = usual + 1
        place = kind, usual if number is None else number
        self.parts[index] = part
        self._places[index] = place
        self._indices[place] = index
        return place[1] == usual

    def of(self, index: int) -> tuple[str, int]:
        """Kind and number of a part."""
        return self._places[index]

    def at(self, kind: str, number: Any) -> int | None:
        """Our index of the part that stands there."""
        return self._indices.get((kind, number)) if type(number) is int else None


def spelled(places: Places, events: Sequence[Event], form: Sequence[str] = ()) -> JsonObject:
    """The wire event that these events usually are; empty where they are none.

    Args:
        places: where the parts stand; the one that begins has its place.
        events: of one batch.
        form: how it was spelled.
    """
    said: JsonObject = {}
    for event in events:
        said = under(_said(places, event, form), said)
    return said


def _said(places: Places, event: Event, form: Sequence[str]) -> JsonObject:
    match event:
        case TextDelta() | ReasoningDelta() | ArgumentsDelta():
            return _piece(places, event)
        case PartStart(synthetic=True) | PartEnd(synthetic=True):
            return {}
        case PartStart(index=index, part=Text() | Reasoning() | ToolCall() as part):
            return _begun(part, places.of(index))
        case PartEnd(index=index):
            kind, number = places.of(index)
            return {"type": "tool-call-end" if kind == "call" else "content-end", "index": number}
        case CitationDelta(citation=citation):
            begun = _message("citation-start", {"citations": citation.raw})
            told = number_in(form)
            return begun if told is None else {**begun, "index": told}
        case ResponseStart(origin=origin):
            opening = _message("message-start", {"role": "assistant"} if BARE in form else dict(_EMPTY))
            return opening if origin is None or origin.response_id is None else {**opening, "id": origin.response_id}
        case UsageUpdate(usage=usage):
            return {"type": "message-end", "delta": {} if usage.raw is None else {"usage": usage.raw}}
        case ResponseEnd(outcome=outcome):
            return {"type": "message-end", "delta": {} if outcome.raw is None else {"finish_reason": outcome.raw}}
        case KeepAlive() if CITATION_END in form:
            return {"type": "citation-end", "index": number_in(form)}
        case _:
            return {}


def number_in(form: Sequence[str]) -> int | None:
    """The number that a mark tells."""
    found = next((mark[len(NUMBER) :] for mark in form if mark.startswith(NUMBER)), None)
    return None if found is None else int(found)


def _message(kind: str, message: JsonMapping) -> JsonObject:
    return {"type": kind, "delta": {"message": message}}


def _piece(places: Places, event: TextDelta | ReasoningDelta | ArgumentsDelta) -> JsonObject:
    kind, number = places.of(event.index)
    if kind == "plan":
        return _message("tool-plan-delta", {"tool_plan": event.text})
    if kind == "call":
        inner: JsonObject = {"tool_calls": {"function": {"arguments": event.text}}}
        return {**_message("tool-call-delta", inner), "index": number}
    key = "thinking" if isinstance(places.parts[event.index], Reasoning) else "text"
    return {**_message("content-delta", {"content": {key: event.text}}), "index": number}


def _begun(part: SayablePart, place: tuple[str, int]) -> JsonObject:
    if isinstance(part, ToolCall):
        function = {"name": part.name, "arguments": part.arguments_json or ""}
        call = {"id": part.call_id, "type": "function", "function": function}
        return {**_message("tool-call-start", {"tool_calls": call}), "index": place[1]}
    kind, key = ("thinking", "thinking") if isinstance(part, Reasoning) else ("text", "text")
    return {**_message("content-start", {"content": {"type": kind, key: part.text or ""}}), "index": place[1]}


def beyond(found: JsonMapping, usual: JsonMapping) -> JsonObject:
    """What an event holds beside its usual spelling, through nested objects."""
    left: JsonObject = {}
    for key, content in found.items():
        if key not in usual:
            left[key] = content
        elif is_object(content) and is_object(usual[key]):
            inner = beyond(content, cast("JsonObject", usual[key]))
            if inner:
                left[key] = inner
    return left
