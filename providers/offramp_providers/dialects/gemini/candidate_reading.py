"""One candidate of a stream while it is read: which part is open, and what has been said."""

from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    ResponseEnd,
    Text,
    TextDelta,
    ToolCall,
)
from offramp_providers.dialects.arguments import dump_compact
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.gemini.citations import SOURCES, citations_in
from offramp_providers.dialects.gemini.outcomes import NUMBER, decode_outcome, take_word
from offramp_providers.dialects.gemini.partial_arguments import PartialArguments
from offramp_providers.dialects.gemini.parts import decode_part
from offramp_providers.dialects.gemini.spellings import both_spellings, unsnake
from offramp_providers.dialects.part_kinds import is_call, says_something
from offramp_providers.dialects.shapes import is_list, is_object

RAW_PARTS: Final = "parts=raw"
"""Marks parts that stand whole in the candidate's rest."""
NO_PARTS: Final = "parts=absent"

_NAMES: Final = both_spellings("functionCall")
_CALL_NAMES: Final = both_spellings("partialArgs", "willContinue")


class CandidateReading:
    """Reads one candidate."""

    __slots__ = ("_called", "_count", "_ids", "_number", "_open", "_partial", "_spoken", "_texts", "ended", "template")

    def __init__(self, number: int, seed: str) -> None:
        self._number = number
        self._ids = CallIds(seed)
        self._open: type[Text] | type[Reasoning] | None = None
        """What the last part is, if more may be added to it."""
        self._partial: PartialArguments | None = None
        self._count = 0
        self._texts: list[int] = []
        self._called = False
        self._spoken = False
        self.ended = False
        self.template: JsonObject | None = None
        """What every chunk repeats beside the parts."""

    @property
    def spoken(self) -> bool:
        """Whether any output has come."""
        return self._spoken

    def read(
        self, raw: JsonObject, events: list[Event], form: list[str], place: str
    ) -> tuple[JsonObject, Event | None]:
        """Events of the parts; what the candidate says besides, and its end if it has come."""
        left = dict(raw)
        content: Any = left.get("content")
        if is_object(content):
            left["content"] = inner = dict(content)
            parts: Any = inner.get("parts")
            if is_list(parts) and self._read_parts(parts, events):
                del inner["parts"]
            else:
                form.append(f"{place}{RAW_PARTS if 'parts' in inner else NO_PARTS}")
        else:
            form.append(f"{place}{NO_PARTS}")
        if any(key in left for key in SOURCES):
            self._read_citations(left, events)
        word, is_number = take_word(left)
        if word is None:
            return left, None
        if is_number:
            form.append(f"{place}{NUMBER}")
        self._close(events)
        self.ended = True
        outcome = decode_outcome(word, empty=not self._spoken, called=self._called)
        return left, ResponseEnd(outcome, candidate=self._number)

    def continued(self, raw: JsonObject) -> TextDelta | None:
        """More of the open text, where the candidate says nothing else that is new."""
        content: Any = raw.get("content")
        template = self.template
        if self._open is not Text or template is None or not is_object(content) or raw.keys() != template.keys():
            return None
        parts: Any = content.get("parts")
        if not is_list(parts) or len(parts) != 1 or not is_object(parts[0]) or len(parts[0]) != 1:
            return None
        text: Any = parts[0].get("text")
        beside: Any = template.get("content")
        if type(text) is not str or not is_object(beside) or len(content) != len(beside) + 1:
            return None
        if {**template, "content": {**beside, "parts": parts}} != raw:
            return None
        self._spoken = self._spoken or text != ""
        return TextDelta(self._count - 1, text, candidate=self._number)

    def _read_parts(self, parts: list[Any], events: list[Event]) -> bool:
        """Whether the events say all of the parts."""
        whole = True
        for raw in parts:
            if is_object(raw) and type(raw.get("text")) is str and self._is_plain(raw):
                self._add_text(raw, events)
            elif self._add_partial(raw, events):
                whole = False
            else:
                self._add(decode_part(raw, self._ids), events)
        return whole

    def _is_plain(self, raw: JsonObject) -> bool:
        return len(raw) == 1 or (len(raw) == 2 and raw.get("thought") is True)

    def _add_text(self, raw: JsonObject, events: list[Event]) -> None:
        kind = Reasoning if len(raw) == 2 else Text
        if self._open is not kind:
            self._start(Reasoning("") if kind is Reasoning else Text(""), events, synthetic=True)
            self._open = kind
        index, text = self._count - 1, raw["text"]
        delta = ReasoningDelta if kind is Reasoning else TextDelta
        events.append(delta(index, text, candidate=self._number))
        self._spoken = self._spoken or text != "" or kind is Reasoning

    def _add(self, part: Part, events: list[Event]) -> None:
        """A part that comes whole."""
        self._start(part, events, synthetic=False)
        events.append(PartEnd(self._count - 1, candidate=self._number))
        self._spoken = self._spoken or says_something(part)
        self._called = self._called or is_call(part)

    def _start(self, part: Part, events: list[Event], *, synthetic: bool) -> None:
        self._close(events)
        if isinstance(part, Text):
            self._texts.append(self._count)
        events.append(PartStart(self._count, part, candidate=self._number, synthetic=synthetic))
        self._count += 1

    def _close(self, events: list[Event]) -> None:
        """End what is open, if anything is."""
        index = self._count - 1
        if self._partial is not None:
            events.append(ArgumentsDelta(index, dump_compact(self._partial.value), candidate=self._number))
        if self._open is not None or self._partial is not None:
            events.append(PartEnd(index, candidate=self._number, synthetic=self._partial is None))
        self._open = self._partial = None

    def _add_partial(self, raw: Any, events: list[Event]) -> bool:
        """Take in a piece of a call whose arguments arrive by path; False where it is none."""
        left = dict(raw) if is_object(raw) else {}
        unsnake(left, _NAMES, [])
        inner: Any = left.get("functionCall")
        if not is_object(inner):
            return False
        inner = dict(inner)
        unsnake(inner, _CALL_NAMES, [])
        goes_on = inner.get("willContinue") is True
        begins = type(inner.get("name")) is str
        if begins and (goes_on or "partialArgs" in inner):
            part = decode_part(
                {**left, "functionCall": {k: v for k, v in inner.items() if k in ("name", "id")}}, self._ids
            )
            if not isinstance(part, ToolCall):
                return False
            self._start(part, events, synthetic=False)
            self._called = self._spoken = True
            partial = self._partial = PartialArguments()
        elif begins or self._partial is None:
            return False
        else:
            partial = self._partial
        partial.add(inner.get("partialArgs"))
        if not goes_on:
            self._close(events)
        return True

    def _read_citations(self, left: JsonObject, events: list[Event]) -> None:
        for index, citation in citations_in(left):
            place = index if index in self._texts else self._texts[0] if self._texts else None
            if place is not None:
                events.append(CitationDelta(place, citation, candidate=self._number))
