"""A stream of another dialect as this one: texts as they come, calls when they are whole, the outcome at the end."""

from dataclasses import replace
from typing import Any, assert_never

from offramp.contracts.provider import Target
from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    JsonObject,
    KeepAlive,
    Loss,
    OpaqueDelta,
    Outcome,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    UsageUpdate,
    Wire,
    WireEvent,
    merge_usage,
)
from offramp_providers.dialects.accounting import loss_at
from offramp_providers.dialects.gemini.encoding import DROPPED, Encoding
from offramp_providers.dialects.gemini.errors import encode_error_body
from offramp_providers.dialects.gemini.outcomes import untold, word_of
from offramp_providers.dialects.gemini.parts import encode_part
from offramp_providers.dialects.gemini.response import NOBODY
from offramp_providers.dialects.gemini.usage import encode_usage


class ForeignStream:
    """Writes chunks."""

    def __init__(self) -> None:
        self._losses: dict[tuple[str, str], Loss] = {}
        self._envelope: JsonObject = {}
        self._calls: dict[tuple[int, int], ToolCall] = {}
        """Calls that have begun and are not written, by candidate and index."""
        self._said: dict[int, dict[int, Part]] = {0: {}}
        """The first form of what stands on the wire, by candidate and index."""
        self._outcomes: dict[int, Outcome] = {}
        self._usage = Usage()
        self._stopped = False

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return tuple(self._losses.values())

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: any number."""
        self._lose_wire("wire", batch.wire)
        out: list[WireEvent] = []
        for event in batch.events:
            if not self._stopped:
                self._encode(event, out)
        return tuple(out)

    def finish(self) -> tuple[WireEvent, ...]:
        """The calls that are left, the outcome and the counts. Without an outcome: nothing, for none was said."""
        if self._stopped or self._outcomes.keys() != self._said.keys():
            return ()
        self._stopped = True
        out: list[WireEvent] = []
        for place in list(self._calls):
            self._write_call(*place, out)
        if self._usage.cache_write_tokens is not None:
            self._lose("usage", "usage.cache_write_tokens")
        candidates = [self._ended(number) for number in sorted(self._outcomes)]
        data: JsonObject = {**self._envelope, "candidates": candidates}
        usage = encode_usage(self._usage, own=False)
        out.append(WireEvent(data={**data, "usageMetadata": usage} if usage else data))
        return tuple(out)

    def _ended(self, number: int) -> JsonObject:
        outcome = self._outcomes[number]
        word = word_of(outcome, own=False)
        for field in untold(outcome, word, self._said[number].values()):
            self._lose("outcome.rewritten", f"outcome.{field}")
        candidate: JsonObject = {"content": {"role": "model", "parts": []}, "index": number}
        return candidate if word is None else {**candidate, "finishReason": word}

    def _lose(self, code: str, path: str) -> None:
        self._losses.setdefault((code, path), loss_at(code, path))

    def _lose_wire(self, path: str, wire: Wire | None) -> None:
        for key, content in (wire.fields if wire is not None else {}).items():
            if content is not None:
                self._lose("vendor_field", f"{path}.fields.{key}")

    def _encode(self, event: Event, out: list[WireEvent]) -> None:  # noqa: C901, PLR0912  # an arm an event
        match event:
            case ResponseStart():
                self._start(event)
            case PartStart():
                self._open(event, out)
            case TextDelta() | ReasoningDelta() | RefusalDelta():
                self._add_text(event, out)
            case ArgumentsDelta(index=index, candidate=number):
                call = self._calls.get((number, index))
                if call is not None:
                    self._calls[number, index] = replace(call, arguments_json=(call.arguments_json or "") + event.text)
            case PartEnd(index=index, candidate=number):
                self._write_call(number, index, out)
            case CitationDelta():
                self._lose("citations", f"{_path(event.candidate, event.index)}.citations")
            case OpaqueDelta():
                self._lose("opaque.foreign", f"{_path(event.candidate, event.index)}.opaque")
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._said.setdefault(event.candidate, {})
                self._outcomes[event.candidate] = event.outcome
            case ResponseFailed():
                self._stopped = True
                out.append(WireEvent(data=encode_error_body(event.error)))
            case KeepAlive():
                pass
            case _:
                assert_never(event)

    def _start(self, event: ResponseStart) -> None:
        self._lose_wire("wire", event.wire)
        self._usage = merge_usage(self._usage, event.usage or Usage())
        if event.origin is not None and event.origin.model is not None:
            self._envelope["modelVersion"] = event.origin.model
        if event.origin is not None and event.origin.response_id is not None:
            self._envelope["responseId"] = event.origin.response_id

    def _open(self, event: PartStart, out: list[WireEvent]) -> None:
        part = event.part
        if isinstance(part, ToolCall) and part.executor == "client":
            self._calls[event.candidate, event.index] = part
            return
        blank = isinstance(part, (Text, Reasoning, Refusal)) and not part.text
        if isinstance(part, Refusal):
            self._lose("refusal.rewritten", _path(event.candidate, event.index))
        if blank:
            # The text comes in deltas; what the part carries besides is named here.
            self._lose_marks(part, _path(event.candidate, event.index))
        else:
            self._write(event.candidate, event.index, part, out)

    def _lose_marks(self, part: Part, path: str) -> None:
        if part.opaque:
            self._lose("opaque.foreign", f"{path}.opaque")
        self._lose_wire(f"{path}.wire", part.wire)

    def _add_text(self, event: TextDelta | ReasoningDelta | RefusalDelta, out: list[WireEvent]) -> None:
        if not event.text:
            return
        part = Reasoning(event.text) if isinstance(event, ReasoningDelta) else Text(event.text)
        if isinstance(event, RefusalDelta):
            self._lose("refusal.rewritten", _path(event.candidate, event.index))
        self._write(event.candidate, event.index, part, out)

    def _write_call(self, number: int, index: int, out: list[WireEvent]) -> None:
        call = self._calls.pop((number, index), None)
        if call is not None:
            self._write(number, index, call, out)

    def _write(self, number: int, index: int, part: Part, out: list[WireEvent]) -> None:
        ctx = Encoding(Target(origin=NOBODY), authored=False, answering=True)
        block: Any = encode_part(ctx, part, None, "model")
        for loss in ctx.log.resolve(part):
            path = f"{_path(number, index)}.{loss.path}" if loss.path else _path(number, index)
            self._losses.setdefault((loss.code, path), replace(loss, path=path))
        if block is DROPPED:
            return
        self._said.setdefault(number, {}).setdefault(index, part)
        candidate = {"content": {"role": "model", "parts": [block]}, "index": number}
        out.append(WireEvent(data={**self._envelope, "candidates": [candidate]}))


def _path(number: int, index: int) -> str:
    """Where the part stands in the response that the stream amounts to."""
    message = f"alternatives[{number - 1}].message" if number else "message"
    return f"{message}.parts[{index}]"
