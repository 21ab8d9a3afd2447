"""The encoder of streams."""

from typing import Any

from offramp.contracts.dialect import Target
from offramp.types import (
    Batch,
    Event,
    JsonObject,
    Loss,
    PartStart,
    ReasoningDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    UsageUpdate,
    WireEvent,
)
from offramp_providers.dialects.gemini.candidate_reading import NO_PARTS, RAW_PARTS
from offramp_providers.dialects.gemini.encoding import DROPPED, NAME, Encoding
from offramp_providers.dialects.gemini.outcomes import NUMBER
from offramp_providers.dialects.gemini.parts import encode_part
from offramp_providers.dialects.gemini.response import NOBODY
from offramp_providers.dialects.gemini.stream import (
    BLOCKED,
    NO_CANDIDATES,
    RAW_CANDIDATES,
    RAW_EVENT,
    RAW_USAGE,
    TEMPLATE,
    WITHOUT,
    framed,
    number_of,
)
from offramp_providers.dialects.gemini.stream_foreign import ForeignStream
from offramp_providers.dialects.gemini.usage import encode_usage
from offramp_providers.dialects.shapes import is_object


class _Chunk:
    """What the events of one batch say."""

    __slots__ = ("parts", "usage", "words")

    def __init__(self) -> None:
        self.parts: dict[int, list[Any]] = {}
        self.words: dict[int, str] = {}
        self.usage: JsonObject | None = None


class GeminiStreamEncoder:
    """Encodes one stream: as it was where it was read in this dialect, else as a server of it would write it."""

    __slots__ = ("_ctx", "_envelope", "_foreign", "_native", "_templates")

    def __init__(self) -> None:
        self._ctx = Encoding(Target(origin=NOBODY), authored=True, answering=True)
        self._envelope: JsonObject = {}
        self._templates: dict[int, JsonObject] = {}
        self._native = False
        self._foreign = ForeignStream()

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._foreign.losses

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: one where it was read in this dialect."""
        wire = batch.wire
        form = wire.form if wire is not None and wire.dialect == NAME else ()
        if wire is not None and RAW_EVENT in form:
            return (framed(wire.fields.get("data"), form),)
        first = batch.events[0] if batch.events else None
        if isinstance(first, ResponseStart) and first.wire is not None and first.wire.dialect == NAME:
            self._native = True
        if not self._native:
            return self._foreign.encode(batch)
        if wire is None and type(first) is TextDelta and first.candidate == 0 and len(batch.events) <= 2:
            quick = self._quick(first, batch.events[1:])
            if quick is not None:
                return (quick,)
        if not batch.events and wire is None:
            return ()
        return (framed(self._write(batch, form), form),)

    def finish(self) -> tuple[WireEvent, ...]:
        """The last chunk of an answer of another dialect. This one's own has no terminator."""
        return () if self._native else self._foreign.finish()

    def _quick(self, delta: TextDelta, others: tuple[Event, ...]) -> WireEvent | None:
        """A chunk that goes on with a text and changes nothing else."""
        entry = self._templates.get(0, TEMPLATE)
        content: Any = entry.get("content")
        if not is_object(content):
            return None
        candidate = {**entry, "content": {**content, "parts": [{"text": delta.text}]}}
        if not others:
            return WireEvent(data={**self._envelope, "candidates": [candidate]})
        usage = others[0]
        if type(usage) is not UsageUpdate or usage.usage.raw is None:
            return None
        return WireEvent(data={**self._envelope, "candidates": [candidate], "usageMetadata": usage.usage.raw})

    def _write(self, batch: Batch, form: tuple[str, ...]) -> JsonObject:
        fields = dict(batch.wire.fields) if batch.wire is not None else {}
        chunk = _Chunk()
        for event in batch.events:
            self._add(event, chunk)
        raw: Any = fields.pop("candidates", None)
        data: JsonObject = {}
        if RAW_CANDIDATES in form:
            data["candidates"] = raw
        elif NO_CANDIDATES not in form:
            entries: list[JsonObject] = raw if raw is not None else [self._templates.get(0, TEMPLATE)]
            data["candidates"] = [self._candidate(entry, n, chunk, form) for n, entry in enumerate(entries)]
        if RAW_USAGE in form:
            data["usageMetadata"] = fields.pop("usageMetadata", None)
        elif chunk.usage is not None:
            data["usageMetadata"] = chunk.usage
        missing = {mark[len(WITHOUT) :] for mark in form if mark.startswith(WITHOUT)}
        if fields or missing:
            self._envelope = {k: v for k, v in {**self._envelope, **fields}.items() if k not in missing}
        if BLOCKED in form:
            chunk.words.clear()
        return {**self._envelope, **data}

    def _add(self, event: Event, chunk: _Chunk) -> None:
        match event:
            case TextDelta():
                chunk.parts.setdefault(event.candidate, []).append({"text": event.text})
            case ReasoningDelta():
                chunk.parts.setdefault(event.candidate, []).append({"text": event.text, "thought": True})
            case PartStart(synthetic=False):
                block = encode_part(self._ctx, event.part, None, "model")
                if block is not DROPPED:
                    chunk.parts.setdefault(event.candidate, []).append(block)
            case UsageUpdate():
                chunk.usage = encode_usage(event.usage, own=True)
            case ResponseEnd():
                if event.outcome.raw is not None:
                    chunk.words[event.candidate] = event.outcome.raw
            case ResponseStart():
                self._start(event)
            case _:
                pass

    def _start(self, event: ResponseStart) -> None:
        self._envelope = dict(event.wire.fields) if event.wire is not None else {}
        if event.origin is None:
            return
        self._ctx.target = event.origin
        if event.origin.model is not None:
            self._envelope["modelVersion"] = event.origin.model
        if event.origin.response_id is not None:
            self._envelope["responseId"] = event.origin.response_id

    def _candidate(self, entry: JsonObject, position: int, chunk: _Chunk, form: tuple[str, ...]) -> JsonObject:
        number = number_of(entry, position)
        self._templates.setdefault(number, entry)
        place = f"candidates[{position}]."
        candidate = dict(entry)
        if f"{place}{RAW_PARTS}" not in form and f"{place}{NO_PARTS}" not in form:
            content: Any = candidate.get("content")
            parts = chunk.parts.get(number, [])
            candidate["content"] = {**content, "parts": parts} if is_object(content) else {"parts": parts}
        word = chunk.words.get(number)
        if word is not None:
            candidate["finishReason"] = int(word) if f"{place}{NUMBER}" in form else word
        return candidate
