"""A stream of another dialect as this one: texts as they come, calls when they are whole, the outcome at the end."""

from dataclasses import replace
from typing import Any, assert_never

from offramp.contracts.dialect import Target
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
    WireEvent,
    merge_usage,
)
from offramp_providers.dialects.gemini.encoding import DROPPED, Encoding
from offramp_providers.dialects.gemini.errors import encode_error_body
from offramp_providers.dialects.gemini.outcomes import untold, word_of
from offramp_providers.dialects.gemini.parts import encode_part
from offramp_providers.dialects.gemini.response import NOBODY
from offramp_providers.dialects.gemini.usage import encode_usage
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.stream_losses import StreamLosses, part_path


class ForeignStream:
    """Writes chunks."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._envelope: JsonObject = {}
        self._held: dict[tuple[int, int], ToolCall | Refusal] = {}
        """Parts that are written when they are whole, by candidate and index."""
        self._said: dict[int, dict[int, Part]] = {0: {}}
        """The first form of what stands on the wire, by candidate and index."""
        self._blank: dict[tuple[int, int], Part] = {}
        """Parts that have begun, and whose text has not come."""
        self._last: dict[int, tuple[int, type[Part]]] = {}
        """Index and type of what each candidate said last. Texts of one type go on where they stopped."""
        self._outcomes: dict[int, Outcome] = {}
        self._usage = Usage()
        self._stopped = False

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._losses.all()

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: any number."""
        self._losses.lose_wire("wire", batch.wire)
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
        for place in list(self._held):
            self._write_held(*place, out)
        for (number, index), part in self._blank.items():
            self._losses.lose(
                "reasoning.foreign" if isinstance(part, Reasoning) else "text.empty", part_path(index, number)
            )
        if self._usage.cache_write_tokens is not None:
            self._losses.lose("usage", "usage.cache_write_tokens")
        candidates = [self._ended(number) for number in sorted(self._outcomes)]
        data: JsonObject = {**self._envelope, "candidates": candidates}
        usage = encode_usage(self._usage, own=False)
        out.append(WireEvent(data={**data, "usageMetadata": usage} if usage else data))
        return tuple(out)

    def _ended(self, number: int) -> JsonObject:
        outcome = self._outcomes[number]
        word = word_of(outcome, own=False)
        for field in untold(outcome, word, self._said[number].values()):
            self._losses.lose("outcome.rewritten", f"outcome.{field}")
        candidate: JsonObject = {"content": {"role": "model", "parts": []}, "index": number}
        return candidate if word is None else {**candidate, "finishReason": word}

    def _encode(self, event: Event, out: list[WireEvent]) -> None:  # noqa: C901  # an arm an event
        match event:
            case ResponseStart():
                self._start(event)
            case PartStart():
                self._open(event, out)
            case TextDelta() | ReasoningDelta():
                self._add_text(event, out)
            case ArgumentsDelta() | RefusalDelta():
                self._hold(event)
            case PartEnd(index=index, candidate=number):
                self._write_held(number, index, out)
            case CitationDelta():
                self._losses.lose("citations", f"{part_path(event.index, event.candidate)}.citations")
            case OpaqueDelta():
                self._losses.lose("opaque.foreign", f"{part_path(event.index, event.candidate)}.opaque")
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._said.setdefault(event.candidate, {})
                self._outcomes[event.candidate] = event.outcome
            case ResponseFailed():
                out += self.finish()
                self._stopped = True
                out.append(WireEvent(data=encode_error_body(event.error)))
            case KeepAlive():
                pass
            case _:
                assert_never(event)

    def _start(self, event: ResponseStart) -> None:
        self._losses.lose_wire("wire", event.wire)
        self._usage = merge_usage(self._usage, event.usage or Usage())
        if event.origin is not None and event.origin.model is not None:
            self._envelope["modelVersion"] = event.origin.model
        if event.origin is not None and event.origin.response_id is not None:
            self._envelope["responseId"] = event.origin.response_id

    def _open(self, event: PartStart, out: list[WireEvent]) -> None:
        part = event.part
        if isinstance(part, Refusal) or is_call(part):
            self._held[event.candidate, event.index] = part
        elif isinstance(part, (Text, Reasoning)) and not part.text:
            # The text comes in deltas; what the part carries besides is named here.
            self._blank[event.candidate, event.index] = part
            self._losses.lose_marks(part, part_path(event.index, event.candidate))
        else:
            self._write(event.candidate, event.index, part, out)

    def _hold(self, event: ArgumentsDelta | RefusalDelta) -> None:
        place = event.candidate, event.index
        held = self._held.get(place)
        if isinstance(event, RefusalDelta):
            before = held if isinstance(held, Refusal) else Refusal("")
            self._held[place] = replace(before, text=before.text + event.text)
        elif isinstance(held, ToolCall):
            self._held[place] = replace(held, arguments_json=(held.arguments_json or "") + event.text)

    def _add_text(self, event: TextDelta | ReasoningDelta, out: list[WireEvent]) -> None:
        if isinstance(event, ReasoningDelta) and event.summary is not None:
            self._losses.lose("reasoning.foreign", f"{part_path(event.index, event.candidate)}.summary")
            return
        if not event.text:
            return
        self._blank.pop((event.candidate, event.index), None)
        part = Reasoning(event.text) if isinstance(event, ReasoningDelta) else Text(event.text)
        self._write(event.candidate, event.index, part, out)

    def _write_held(self, number: int, index: int, out: list[WireEvent]) -> None:
        part = self._held.pop((number, index), None)
        if part is not None:
            self._write(number, index, part, out)

    def _write(self, number: int, index: int, part: Part, out: list[WireEvent]) -> None:
        ctx = Encoding(Target(origin=NOBODY), authored=False, answering=True)
        block: Any = encode_part(ctx, part, None, "model")
        self._losses.lose_within(part_path(index, number), ctx.log.resolve(part))
        if block is DROPPED:
            return
        if not isinstance(part, (Text, Reasoning)) and block.keys() == {"text"}:
            # What became a text keeps apart from its neighbours: readers join plain ones.
            block["thought"] = False
        self._said.setdefault(number, {}).setdefault(index, part)
        before, self._last[number] = self._last.get(number), (index, type(part))
        if before is not None and before != (index, type(part)) and before[1] is type(part) in (Text, Reasoning):
            self._losses.lose("text.joined", part_path(index, number))
        candidate = {"content": {"role": "model", "parts": [block]}, "index": number}
        out.append(WireEvent(data={**self._envelope, "candidates": [candidate]}))
