"""Reads `chat.completion.chunk` events, whichever dialect has them.

The decoder remembers the envelope that every chunk repeats; a batch's wire holds only what differs from it, and what a
delta says beyond our events. The encoder remembers the same, so that the chunks come back as they were.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import (
    Batch,
    Event,
    JsonObject,
    KeepAlive,
    Origin,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    Usage,
    UsageUpdate,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.chunk_candidates import CandidateReading
from offramp_providers.dialects.chunk_envelope import (
    DONE,
    IS_DONE,
    IS_RAW,
    NO_CHOICES,
    RAW_CHOICES,
    difference,
    frame_marks,
)
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.shapes import is_list, is_object, is_text, take_text

_MISSING: Final = object()


class ChunkDecoder(ABC):
    """Reads one stream. A dialect says what differs: its padding, its candidates, its errors and its counts."""

    __slots__ = ("_asked", "_candidates", "_envelope", "_failed", "_first")

    name: ClassVar[str]
    """The dialect's."""
    padding: ClassVar[str]
    """The field that hides how long a delta is, and changes with every chunk."""

    def __init__(self, _headers: Mapping[str, str], asked: Origin) -> None:
        self._asked = asked
        self._envelope: JsonObject | None = None
        self._first = self.candidate(0)
        self._candidates: dict[int, CandidateReading] = {}
        self._failed = False

    @abstractmethod
    def candidate(self, number: int) -> CandidateReading:
        """A candidate that has said nothing yet."""

    @abstractmethod
    def failure(self, data: JsonObject, phase: Phase) -> ProviderError | None:
        """The error that stands in the event, if one does."""

    @abstractmethod
    def usage(self, raw: JsonObject) -> Usage:
        """The counts."""

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means."""
        data: Any = event.data
        if is_object(data):
            return self._quick(data, event) or self._read(data, event)
        if data == DONE:
            return Batch((KeepAlive(),), wire=Wire(dialect=self.name, form=(IS_DONE, *frame_marks(event))))
        return self._kept(data, event)

    def finish(self) -> Batch:
        """The bytes have ended."""
        seen = self._candidates.values()
        if self._failed or (seen and all(each.ended for each in seen)):
            return Batch(())
        self._failed = True
        error = ProviderError(
            "the stream ended without saying why",
            kind=ProviderErrorKind.STREAM_INTERRUPTED,
            phase=self._phase,
        )
        return Batch((ResponseFailed(error),))

    def _quick(self, data: JsonObject, event: WireEvent) -> Batch | None:
        """The batch of a chunk that adds one thing and changes nothing else; None where it is not of that kind."""
        first = self._first
        if event.event is not None or event.id is not None:
            return None
        rest = data.copy()
        choices: Any = rest.pop("choices", None)
        padding: Any = rest.pop(self.padding, _MISSING)
        if rest != self._envelope or not is_list(choices) or len(choices) != 1 or not is_object(choices[0]):
            return None
        left = choices[0].copy()
        delta: Any = left.pop("delta", None)
        if left != first.rest or not is_object(delta) or len(delta) != 1:
            return None
        fields: JsonObject = {} if padding is _MISSING else {self.padding: padding}
        text: Any = delta.get("content")
        if first.open_kind == "text" and is_text(text):
            said: list[Event] = [TextDelta(first.count - 1, text)]
            return Batch(tuple(said), wire=Wire(dialect=self.name, fields=fields) if fields else None)
        said = []
        form: list[str] = []
        beyond = first.read(delta, said, "choices[0].", form)
        if beyond:
            fields["choices"] = [{"delta": beyond}]
        return Batch(tuple(said), wire=residue_of(self.name, fields, tuple(form)))

    def _read(self, data: JsonObject, event: WireEvent) -> Batch:
        rest = dict(data)
        events: list[Event] = []
        fields: JsonObject = {}
        form = frame_marks(event)
        choices: Any = rest.pop("choices", _MISSING)
        if self._envelope is None and not choices and not is_text(rest.get("id")):
            return self._before_start(data, event)
        usage: Any = rest.get("usage")
        if is_object(usage):
            rest["usage"] = None
        if self.padding in rest:
            fields[self.padding] = rest.pop(self.padding)
        self._keep_envelope(rest, events, fields, form)
        self._read_choices(choices, events, fields, form)
        if is_object(usage):
            events.append(UsageUpdate(self.usage(usage)))
        self._add_failure(data, events)
        return Batch(tuple(events), wire=residue_of(self.name, fields, tuple(form)))

    def _before_start(self, data: JsonObject, event: WireEvent) -> Batch:
        """A chunk that begins no answer: a host's filter results, or an error."""
        events: list[Event] = []
        self._add_failure(data, events)
        kept = self._kept(data, event)
        return Batch(tuple(events), wire=kept.wire) if events else kept

    def _add_failure(self, data: JsonObject, events: list[Event]) -> None:
        error = self.failure(data, self._phase)
        if error is not None:
            self._failed = True
            events.append(ResponseFailed(error))

    @property
    def _phase(self) -> Phase:
        """Whether any output has come."""
        return "mid_stream" if any(each.count for each in self._candidates.values()) else "before_first_output"

    def _keep_envelope(self, rest: JsonObject, events: list[Event], fields: JsonObject, form: list[str]) -> None:
        before = self._envelope
        self._envelope = rest
        model: Any = rest.get("model")
        if before is None or (is_text(model) and model != before.get("model")):
            # Also where another model takes over in mid-stream: who answered is checked.
            left = dict(rest)
            origin = served_origin(self._asked, take_text(left, "model"), take_text(left, "id"))
            events.append(ResponseStart(origin=origin, wire=Wire(dialect=self.name, fields=left)))
        else:
            difference(before, rest, fields, form)

    def _read_choices(self, choices: Any, events: list[Event], fields: JsonObject, form: list[str]) -> None:
        if choices is _MISSING:
            form.append(NO_CHOICES)
        elif not is_list(choices) or not _are_distinct(choices):
            form.append(RAW_CHOICES)
            fields["choices"] = choices
        else:
            entries = [self._read_choice(choice, place, events, form) for place, choice in enumerate(choices)]
            if entries != [{}]:
                fields["choices"] = entries

    def _read_choice(self, choice: JsonObject, number: int, events: list[Event], form: list[str]) -> JsonObject:
        place = f"choices[{number}]."
        left = dict(choice)
        delta: Any = left.pop("delta", _MISSING)
        candidate = self._candidate(_number_of(choice))
        raw: Any = left.get("finish_reason")
        if is_text(raw):
            left["finish_reason"] = None
        # The first candidate's is understood; another's tells the encoder whose choice it is.
        entry: JsonObject = {"index": left["index"]} if candidate.number else {}
        difference(candidate.rest, left, entry, form, place)
        candidate.rest = left
        if delta is _MISSING:
            form.append(f"{place}delta=absent")
        elif not is_object(delta):
            entry["delta"] = delta
        else:
            beyond = candidate.read(delta, events, place, form)
            if beyond:
                entry["delta"] = beyond
        if is_text(raw):
            candidate.end(raw, events)
        return entry

    def _candidate(self, number: int) -> CandidateReading:
        found = self._candidates.get(number)
        if found is None:
            found = self._candidates[number] = self._first if number == 0 else self.candidate(number)
        return found

    def _kept(self, data: Any, event: WireEvent) -> Batch:
        """A wire event that we have no name for."""
        wire = Wire(dialect=self.name, fields={"data": data}, form=(IS_RAW, *frame_marks(event)))
        return Batch((KeepAlive(),), wire=wire)


def _number_of(choice: JsonObject) -> int:
    index: Any = choice.get("index")
    return index if type(index) is int and index >= 0 else 0


def _are_distinct(choices: list[Any]) -> bool:
    if not all(is_object(choice) for choice in choices):
        return False
    return len({_number_of(choice) for choice in choices}) == len(choices)
