"""The encoder of streams."""

from typing import Any

from offramp.contracts.dialect import Target
from offramp.types import (
    Batch,
    Event,
    JsonObject,
    Loss,
    PartStart,
    Reasoning,
    ReasoningDelta,
    ResponseEnd,
    ResponseStart,
    Text,
    TextDelta,
    UsageUpdate,
    WireEvent,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.ollama_native.draft import Draft
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.response import NO_MESSAGE, NOBODY
from offramp_providers.dialects.ollama_native.stream import NO_FALSE, NO_MODEL, RAW_LINE
from offramp_providers.dialects.ollama_native.stream_foreign import ForeignStream
from offramp_providers.dialects.ollama_native.usage import encode_usage


class OllamaStreamEncoder:
    """Encodes one stream."""

    def __init__(self) -> None:
        self._encoding = Encoding(Target(origin=NOBODY), native=True, answering=True)
        self._model: str | None = None
        self._native = False
        self._foreign = ForeignStream()

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._foreign.losses

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: one where it was read in this dialect."""
        wire = batch.wire
        own = wire is not None and wire.dialect == NAME
        if wire is not None and own and RAW_LINE in wire.form:
            data: Any = wire.fields.get("data")
            return (WireEvent(data=data),)
        first = batch.events[0] if batch.events else None
        if isinstance(first, ResponseStart) and first.wire is not None and first.wire.dialect == NAME:
            self._native = True
        if not self._native:
            return self._foreign.encode(batch)
        if not batch.events and wire is None:
            return ()
        fields = wire.fields if wire is not None and own else {}
        return (WireEvent(data=under(fields, self._line(batch, wire.form if wire is not None and own else ()))),)

    def finish(self) -> tuple[WireEvent, ...]:
        """The last line of an answer of another dialect. This one's own has no terminator."""
        return () if self._native else self._foreign.finish()

    def _line(self, batch: Batch, form: tuple[str, ...]) -> JsonObject:
        draft = Draft(self._encoding, "assistant", None)
        line: JsonObject = {}
        if NO_FALSE not in form:
            line["done"] = False
        for event in batch.events:
            self._add(event, draft, line)
        if NO_MODEL not in form and self._model is not None:
            line["model"] = self._model
        if NO_MESSAGE not in form or not draft.is_empty:
            message = draft.body(form)
            if "role=residue" not in form:
                message["role"] = "assistant"
            line["message"] = message
        return line

    def _add(self, event: Event, draft: Draft, line: JsonObject) -> None:
        match event:
            case TextDelta():
                draft.add(Text(event.text))
            case ReasoningDelta():
                draft.add(Reasoning(event.text))
            case PartStart(synthetic=False):
                draft.add(event.part)
            case UsageUpdate():
                line.update(encode_usage(event.usage, own=True))
            case ResponseEnd():
                line["done"] = True
                if event.outcome.raw is not None:
                    line["done_reason"] = event.outcome.raw
            case ResponseStart():
                if event.origin is not None:
                    self._encoding.target = Target(origin=event.origin)
                    self._model = event.origin.model
            case _:
                pass
