"""Streams, each way: every event is a whole answer with the next parts in it, and one event is one batch.

The decoder remembers what every chunk repeats; a batch's wire holds only what differs. The encoder remembers the same,
so that the chunks come back as they were.
"""

from collections.abc import Mapping
from typing import Any, Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    Batch,
    Event,
    JsonMapping,
    JsonObject,
    KeepAlive,
    Origin,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    UsageUpdate,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.chunk_envelope import frame_marks
from offramp_providers.dialects.gemini.candidate_reading import CandidateReading
from offramp_providers.dialects.gemini.encoding import NAME
from offramp_providers.dialects.gemini.errors import decode_stream_error
from offramp_providers.dialects.gemini.outcomes import blocked
from offramp_providers.dialects.gemini.response import seed_of
from offramp_providers.dialects.gemini.usage import decode_usage
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.shapes import are_objects, is_list, is_object, take_text

RAW_EVENT: Final = "event=raw"
"""Marks an event that is no answer, kept whole under `data`."""
RAW_CANDIDATES: Final = "candidates=raw"
NO_CANDIDATES: Final = "candidates=absent"
RAW_USAGE: Final = "usage=raw"
BLOCKED: Final = "end=feedback"
"""Marks an end that the prompt's feedback said, and no candidate."""
WITHOUT: Final = "without="
"""Marks a key of the envelope that this chunk lacks."""

TEMPLATE: Final[JsonObject] = {"content": {"role": "model"}, "index": 0}
"""What the first candidate's chunks repeat, unless they say otherwise."""


def number_of(candidate: JsonMapping, position: int) -> int:
    """Which answer a candidate belongs to."""
    index: Any = candidate.get("index")
    return index if type(index) is int and index >= 0 else position


class GeminiStreamDecoder:
    """Decodes one stream."""

    __slots__ = ("_candidates", "_envelope", "_failed", "_issuer", "_seed")

    def __init__(self, headers: Mapping[str, str], issuer: Origin) -> None:
        del headers  # None of them says anything about the answer itself.
        self._issuer = issuer
        self._envelope: JsonObject | None = None
        self._seed = ""
        self._candidates: dict[int, CandidateReading] = {}
        self._failed = False

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        data: Any = event.data
        if not is_object(data):
            return _kept(event, KeepAlive())
        if event.event is None and event.id is None and (batch := self._quick(data)) is not None:
            return batch
        if is_object(data.get("error")):
            return _kept(event, self._failure(data))
        left, form = dict(data), frame_marks(event)
        fields: JsonObject = {}
        events: list[Event] = []
        found: Any = left.pop("candidates", None)
        usage: Any = left.pop("usageMetadata", None)
        self._keep_envelope(left, data, events, fields, form)
        ends = self._read_candidates(found, data, events, fields, form)
        if is_object(usage):
            events.append(UsageUpdate(decode_usage(usage)))
        elif "usageMetadata" in data:
            fields["usageMetadata"] = usage
            form.append(RAW_USAGE)
        events += ends
        if not self._candidates:
            self._read_feedback(left, events, form)
        wire = Wire(dialect=NAME, fields=fields, form=tuple(form)) if fields or form else None
        return Batch(tuple(events), wire=wire)

    def finish(self) -> Batch:
        """Holds `ResponseFailed(stream_interrupted)` where an outcome is missing; else nothing."""
        seen = self._candidates.values()
        if self._failed or (seen and all(each.ended for each in seen)):
            return Batch(())
        self._failed = True
        error = ProviderError(
            "the stream ended without an outcome",
            kind=ProviderErrorKind.STREAM_INTERRUPTED,
            phase="mid_stream" if any(each.spoken for each in seen) else "before_first_output",
        )
        return Batch((ResponseFailed(error),))

    def _quick(self, data: JsonObject) -> Batch | None:
        """The batch of a chunk that goes on with a text and changes nothing else; None where it is not of that kind."""
        left = data.copy()
        found: Any = left.pop("candidates", None)
        usage: Any = left.pop("usageMetadata", None)
        first = self._candidates.get(0)
        if first is None or left != self._envelope or not is_list(found) or len(found) != 1 or not is_object(found[0]):
            return None
        delta = first.continued(found[0])
        if delta is None:
            return None
        if is_object(usage):
            return Batch((delta, UsageUpdate(decode_usage(usage))))
        return None if "usageMetadata" in data else Batch((delta,))

    def _failure(self, data: JsonObject) -> ResponseFailed:
        self._failed = True
        spoken = any(each.spoken for each in self._candidates.values())
        return ResponseFailed(decode_stream_error(data, "mid_stream" if spoken else "before_first_output"))

    def _keep_envelope(
        self, left: JsonObject, data: JsonObject, events: list[Event], fields: JsonObject, form: list[str]
    ) -> None:
        before = self._envelope
        if left == before:
            return
        self._envelope = left
        model: Any = left.get("modelVersion")
        if before is None or (type(model) is str and model != before.get("modelVersion")):
            # Also where another model takes over in mid-stream: who answered is checked.
            rest = dict(left)
            response_id = take_text(rest, "responseId")
            origin = served_origin(self._issuer, take_text(rest, "modelVersion"), response_id)
            self._seed = self._seed or seed_of(response_id, data)
            events.append(ResponseStart(origin=origin, wire=Wire(dialect=NAME, fields=rest)))
            return
        fields.update({key: each for key, each in left.items() if key not in before or before[key] != each})
        form.extend(f"{WITHOUT}{key}" for key in before if key not in left)

    def _read_candidates(
        self, found: Any, data: JsonObject, events: list[Event], fields: JsonObject, form: list[str]
    ) -> list[Event]:
        """Events of all candidates; returns their ends, which come last."""
        if "candidates" not in data:
            form.append(NO_CANDIDATES)
            return []
        numbers = [number_of(each, n) for n, each in enumerate(found)] if are_objects(found) else []
        if not are_objects(found) or len(set(numbers)) < len(numbers):
            form.append(RAW_CANDIDATES)
            fields["candidates"] = found
            return []
        ends: list[Event] = []
        rests: list[JsonObject] = []
        usual = numbers == [0]
        for position, (number, raw) in enumerate(zip(numbers, found, strict=True)):
            candidate = self._candidate(number)
            rest, end = candidate.read(raw, events, form, f"candidates[{position}].")
            ends += [] if end is None else [end]
            template = candidate.template or (TEMPLATE if number == 0 else None)
            usual = usual and rest == template
            candidate.template = candidate.template or rest
            rests.append(rest)
        if not usual:
            fields["candidates"] = rests
        return ends

    def _candidate(self, number: int) -> CandidateReading:
        found = self._candidates.get(number)
        if found is None:
            seed = f"{self._seed}_{number}" if number else self._seed
            found = self._candidates[number] = CandidateReading(number, seed)
        return found

    def _read_feedback(self, left: JsonObject, events: list[Event], form: list[str]) -> None:
        outcome = blocked(left.get("promptFeedback"))
        if outcome is not None:
            self._candidate(0).ended = True
            form.append(BLOCKED)
            events.append(ResponseEnd(outcome))


def _kept(event: WireEvent, said: Event) -> Batch:
    """A wire event that is no answer, kept whole."""
    wire = Wire(dialect=NAME, fields={"data": event.data}, form=(RAW_EVENT, *frame_marks(event)))
    return Batch((said,), wire=wire)


def framed(data: Any, form: tuple[str, ...]) -> WireEvent:
    """The wire event with the name and id that were marked."""
    name = next((mark[5:] for mark in form if mark.startswith("name:")), None)
    number = next((mark[3:] for mark in form if mark.startswith("id:")), None)
    return WireEvent(data=data, event=name, id=number)
