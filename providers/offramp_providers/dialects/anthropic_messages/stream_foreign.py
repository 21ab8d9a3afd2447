"""A stream of another dialect as this one: blocks one after another, the outcome and the counts at the end."""

from typing import Any, assert_never

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
from offramp_providers.dialects.anthropic_messages.errors import encode_error_body
from offramp_providers.dialects.anthropic_messages.response import encode_outcome, is_told
from offramp_providers.dialects.anthropic_messages.usage import encode_usage, loses_total
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.stream_losses import StreamLosses, part_path


class _Block:
    """A part of the foreign answer, and what of it waits to be written."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.waiting: list[str] = []
        self.said = False
        """Whether it has said anything."""
        self.ended = False


class ForeignStream:
    """Writes blocks in order: a call that begins while another is open waits until that one has ended."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._blocks: dict[int, _Block] = {}
        """Parts that have begun and are not written out, in order. The first of them is open on the wire."""
        self._texts: set[int] = set()
        """Indexes of texts that have begun: one that goes on after another part is opened again."""
        self._written = -1
        """Index of the last block on the wire."""
        self._called = False
        """Whether a call was begun on the wire."""
        self._outcome: Outcome | None = None
        self._usage = Usage()
        self._stopped = False

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._losses.all()

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: any number."""
        out: list[WireEvent] = []
        for event in self._losses.first_answer(batch):
            if not self._stopped:
                self._encode(event, out)
            elif isinstance(event, UsageUpdate):
                self._losses.lose("usage", "usage")
        return tuple(out)

    def finish(self) -> tuple[WireEvent, ...]:
        """What is still to be written, the outcome and the end. Without an outcome: nothing, for nothing was said."""
        if self._outcome is None or self._stopped:
            return ()
        self._stopped = True
        out: list[WireEvent] = []
        for block in self._blocks.values():
            block.ended = True
        self._write_ended(out)
        word = encode_outcome(self._outcome, own=False)
        if not is_told(self._outcome, word, empty=self._written < 0, calls=self._called):
            self._losses.lose("outcome.rewritten", "outcome.kind")
        if loses_total(self._usage, own=False):
            self._losses.lose("usage", "usage.input_tokens")
        if self._outcome.category is not None:
            self._losses.lose("refusal.category", "outcome.category")
        delta = {"stop_reason": word, "stop_sequence": self._outcome.stop_sequence}
        out.append(_wire("message_delta", delta=delta, usage=encode_usage(self._usage, own=False)))
        out.append(_wire("message_stop"))
        return tuple(out)

    def _encode(self, event: Event, out: list[WireEvent]) -> None:  # noqa: C901, PLR0912  # one arm an event
        match event:
            case ResponseStart():
                self._losses.lose_wire("wire", event.wire)
                self._usage = merge_usage(self._usage, event.usage or Usage())
                out.append(_wire("message_start", message=self._envelope(event)))
            case PartStart():
                self._open(event, out)
            case TextDelta() | RefusalDelta() | ArgumentsDelta() | ReasoningDelta():
                self._extend(event.index, event.text, out)
            case CitationDelta():
                self._losses.lose("citations", f"{part_path(event.index)}.citations")
            case OpaqueDelta():
                if event.index in self._blocks:
                    self._losses.lose("opaque.foreign", f"{part_path(event.index)}.opaque")
            case PartEnd():
                if event.index in self._blocks:
                    self._blocks[event.index].ended = True
                    self._write_ended(out)
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._outcome = event.outcome
            case ResponseFailed():
                self._stopped = True
                self._losses.lose_ending(self._outcome, self._usage)
                out.append(WireEvent(data=encode_error_body(event.error), event="error"))
            case KeepAlive():
                out.append(_wire("ping"))
            case _:
                assert_never(event)

    def _envelope(self, event: ResponseStart) -> JsonObject:
        response_id, model = (event.origin.response_id, event.origin.model) if event.origin else (None, None)
        if response_id is None:
            self._losses.lose("response_id.injected", "origin.response_id")
        if model is None:
            self._losses.lose("envelope.injected", "origin.model")
        return {
            "id": response_id or "msg_unknown",
            "type": "message",
            "role": "assistant",
            "model": model or "unknown",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": encode_usage(self._usage, own=False),
        }

    def _open(self, event: PartStart, out: list[WireEvent]) -> None:
        part, path = event.part, part_path(event.index)
        if not isinstance(part, (ToolCall, Text, Refusal)) or (isinstance(part, ToolCall) and not is_call(part)):
            self._losses.lose_part(part, path)
            return
        self._losses.lose_marks(part, path)
        self._losses.lose_citations(part, path)
        self._losses.lose_refusal(part, path)
        for block in self._blocks.values():
            # A call is complete only when its vendor says so; a text that goes on becomes a block of its own.
            block.ended = block.ended or not isinstance(block.part, ToolCall)
        self._write_ended(out)
        self._blocks[event.index] = _Block(part)
        if not isinstance(part, ToolCall):
            self._texts.add(event.index)
        if len(self._blocks) == 1:
            self._begin(part, out)
        first = part.arguments_json if isinstance(part, ToolCall) else part.text
        if first:
            self._extend(event.index, first, out)

    def _extend(self, index: int, text: str, out: list[WireEvent]) -> None:
        if index in self._texts and index not in self._blocks:
            self._losses.lose("part_order", part_path(index))
            self._open(PartStart(index, Text("")), out)
        block = self._blocks.get(index)
        if block is None:
            return
        block.said = block.said or bool(text)
        if next(iter(self._blocks)) == index:
            out.append(self._piece(block.part, text))
        else:
            block.waiting.append(text)

    def _begin(self, part: Part, out: list[WireEvent]) -> None:
        self._written += 1
        block: JsonObject = {"type": "text", "text": ""}
        if isinstance(part, ToolCall):
            self._called = True
            block = {"type": "tool_use", "id": part.call_id, "name": part.name, "input": {}}
        out.append(_wire("content_block_start", index=self._written, content_block=block))

    def _piece(self, part: Part, text: str) -> WireEvent:
        delta = {"type": "text_delta", "text": text}
        if isinstance(part, ToolCall):
            delta = {"type": "input_json_delta", "partial_json": text}
        return _wire("content_block_delta", index=self._written, delta=delta)

    def _write_ended(self, out: list[WireEvent]) -> None:
        """Close the open block if it has ended, and begin the next that waits."""
        while self._blocks:
            index, block = next(iter(self._blocks.items()))
            if not block.ended:
                return
            out.append(_wire("content_block_stop", index=self._written))
            if isinstance(block.part, ToolCall) and not block.said:
                self._losses.lose("arguments.injected", f"{part_path(index)}.arguments_json")
            del self._blocks[index]
            if self._blocks:
                following = next(iter(self._blocks.values()))
                self._begin(following.part, out)
                out.extend([self._piece(following.part, text) for text in following.waiting])


def _wire(kind: str, **fields: Any) -> WireEvent:
    return WireEvent(data={"type": kind, **fields}, event=kind)
