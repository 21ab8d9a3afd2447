"""Writes `chat.completion.chunk` events, whichever dialect has them."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

from offramp.errors import ProviderError
from offramp.types import (
    Batch,
    Event,
    JsonMapping,
    JsonObject,
    KeepAlive,
    Loss,
    Outcome,
    Part,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    Usage,
    UsageUpdate,
    Wire,
    WireEvent,
    merge_usage,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chunk_candidates import CandidateWriting
from offramp_providers.dialects.chunk_envelope import (
    DONE,
    IS_DONE,
    IS_RAW,
    NO_CHOICES,
    RAW_CHOICES,
    apply_difference,
    framed,
)
from offramp_providers.dialects.encoding import Encoding
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.stream_losses import StreamLosses


class ChunkEncoder(ABC):
    """Writes one stream. A dialect says what differs: its padding, its candidates, its words and its errors."""

    __slots__ = ("_candidates", "_done", "_ended", "_envelope", "_first", "_losses", "_native", "_outcomes", "_usage")

    name: ClassVar[str]
    """The dialect's."""
    padding: ClassVar[str]
    """The field that hides how long a delta is."""
    stand_in_id: ClassVar[str]
    """Where the answer has no id."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._outcomes: list[Loss] = []
        self._envelope: JsonObject = {"object": "chat.completion.chunk"}
        self._first = self.candidate(0, self._losses)
        self._candidates: dict[int, CandidateWriting] = {0: self._first}
        self._ended: set[int] = set()
        self._native = False
        """The stream was read in this dialect: it is written as it was."""
        self._done = False
        self._usage: Usage | None = None

    @abstractmethod
    def candidate(self, number: int, losses: StreamLosses) -> CandidateWriting:
        """A candidate that has said nothing yet; it names its losses in `losses`."""

    @abstractmethod
    def outcome(self, outcome: Outcome, said: list[Part], *, native: bool) -> tuple[str | None, Encoding]:
        """The wire's word, and the encoding that has named what it does not say."""

    @abstractmethod
    def usage(self, usage: Usage, *, native: bool) -> JsonObject | None:
        """The counts."""

    @abstractmethod
    def error(self, error: ProviderError) -> JsonObject:
        """The event that says the error."""

    @abstractmethod
    def is_failure(self, data: JsonObject) -> bool:
        """Whether the chunk that was written says the error itself."""

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return (*self._losses.all(), *self._outcomes)

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch."""
        events = batch.events
        wire = batch.wire
        if len(events) == 1 and (wire is None or self._is_only_padding(wire)):
            said = events[0]
            if type(said) is TextDelta and said.candidate == 0 and self._first.goes_on(said.index):
                if said.text:
                    self._first.spoken.add(said.index)
                choice = {**self._first.rest, "delta": {"content": said.text}}
                padding = wire.fields if wire is not None else {}
                return (WireEvent(data={**self._envelope, "choices": [choice], **padding}),)
        wire = self._own(wire)
        if wire is not None and IS_DONE in wire.form:
            self._done = True
            return (framed(DONE, wire.form),)
        if wire is not None and IS_RAW in wire.form:
            return (framed(wire.fields.get("data"), wire.form),)
        return self._write(batch, wire)

    def finish(self) -> tuple[WireEvent, ...]:
        """Usage, which stands after the last choice, and the terminator. Nothing where the answer has no end."""
        if self._done or not self._ended or self._ended != set(self._candidates):
            return ()
        self._done = True
        usage = self.usage(self._usage, native=False) if self._usage is not None else None
        written: list[WireEvent] = []
        if usage is not None:
            written.append(WireEvent(data={**self._envelope, "choices": [], "usage": usage}))
        return (*written, WireEvent(data=DONE))

    def _own(self, wire: Wire | None) -> Wire | None:
        if wire is None or wire.dialect == self.name:
            return wire
        self._lose_fields(wire)
        return None

    def _lose_fields(self, wire: Wire) -> None:
        for key, found in wire.fields.items():
            if found is not None:
                self._losses.lose("vendor_field", f"wire.fields.{key}")

    def _write(self, batch: Batch, wire: Wire | None) -> tuple[WireEvent, ...]:
        fields: JsonObject = dict(wire.fields) if wire else {}
        form = wire.form if wire else ()
        touched: dict[int, str | None] = {}
        chunk: JsonObject = {}
        for event in batch.events:
            self._add(event, touched, chunk)
        failure = next((event.error for event in batch.events if isinstance(event, ResponseFailed)), None)
        written: list[WireEvent] = []
        if wire is not None or touched or (self._native and failure is None):
            written.append(framed(self._chunk(fields, form, touched, chunk), form))
        if failure is not None and not any(is_object(each.data) and self.is_failure(each.data) for each in written):
            written.append(WireEvent(data=self.error(failure)))
        return tuple(written)

    def _add(self, event: Event, touched: dict[int, str | None], chunk: JsonObject) -> None:
        """Collect what an event says, and which candidates it touches, with their last word if it has one."""
        match event:
            case ResponseStart():
                self._start(event)
                if not self._native:
                    self._first.delta.update(role="assistant", content="")
                    touched.setdefault(0)
            case UsageUpdate(usage=usage):
                self._add_usage(usage, chunk)
            case ResponseEnd(outcome=outcome):
                self._ended.add(event.candidate)
                touched[event.candidate] = self._word(outcome, self._candidate(event.candidate).said())
            case ResponseFailed() | KeepAlive():
                pass
            case _:
                candidate = self._candidate(event.candidate)
                candidate.add(event, native=self._native)
                if candidate.delta:
                    touched.setdefault(event.candidate)

    def _start(self, event: ResponseStart) -> None:
        own = self._own(event.wire)
        self._native = own is not None
        origin = event.origin
        self._envelope = dict(own.fields) if own is not None else {"object": "chat.completion.chunk", "created": 0}
        if origin is not None and origin.response_id is not None:
            self._envelope["id"] = origin.response_id
        if origin is not None and origin.model is not None:
            self._envelope["model"] = origin.model
        if own is None:
            self._inject()
        if event.usage is not None:
            self._add_usage(event.usage, {})

    def _inject(self) -> None:
        self._losses.lose("envelope.injected", "wire.fields.created")
        if "id" not in self._envelope:
            self._losses.lose("response_id.injected", "origin.response_id")
            self._envelope["id"] = self.stand_in_id
        if "model" not in self._envelope:
            self._losses.lose("envelope.injected", "origin.model")
            self._envelope["model"] = "unknown"

    def _add_usage(self, usage: Usage, chunk: JsonObject) -> None:
        if self._native:
            chunk["usage"] = self.usage(usage, native=True)
        else:
            self._usage = usage if self._usage is None else merge_usage(self._usage, usage)

    def _word(self, outcome: Outcome, said: list[Part]) -> str | None:
        word, encoding = self.outcome(outcome, said, native=self._native)
        self._outcomes += [replace(loss, path=f"outcome.{loss.path}") for loss in encoding.log.resolve(outcome)]
        return word

    def _candidate(self, number: int) -> CandidateWriting:
        found = self._candidates.get(number)
        if found is None:
            found = self._candidates[number] = self.candidate(number, self._losses)
        return found

    def _chunk(
        self, fields: JsonObject, form: tuple[str, ...], touched: dict[int, str | None], chunk: JsonObject
    ) -> JsonObject:
        entries: Any = fields.pop("choices", None)
        padding = {self.padding: fields.pop(self.padding)} if self.padding in fields else {}
        if fields or form:
            self._envelope = apply_difference(self._envelope, fields, form)
        written = {**self._envelope, **padding, **chunk}
        if RAW_CHOICES in form:
            written["choices"] = entries
        elif NO_CHOICES not in form:
            if not is_list(entries):
                entries = [{"index": number} for number in touched or (0,)]
            written["choices"] = [self._choice(entry, place, form, touched) for place, entry in enumerate(entries)]
        return written

    def _choice(
        self, entry: JsonObject, number: int, form: tuple[str, ...], touched: dict[int, str | None]
    ) -> JsonObject:
        place = f"choices[{number}]."
        index: Any = entry.get("index")
        candidate = self._candidate(index if type(index) is int and index >= 0 else 0)
        fields = {key: found for key, found in entry.items() if key != "delta"}
        candidate.rest = apply_difference(candidate.rest, fields, form, place)
        choice = dict(candidate.rest)
        word = touched.get(candidate.number)
        if word is not None:
            choice["finish_reason"] = word
        delta = candidate.take(form, place)
        beyond: Any = entry.get("delta", {})
        if not is_object(beyond):
            choice["delta"] = beyond
        elif f"{place}delta=absent" not in form:
            choice["delta"] = _merged(beyond, delta)
        return choice

    def _is_only_padding(self, wire: Wire) -> bool:
        return len(wire.fields) == 1 and self.padding in wire.fields and not wire.form and wire.dialect == self.name


def _merged(beyond: JsonMapping, delta: JsonObject) -> JsonObject:
    return under(beyond, delta) if beyond else delta
