"""A stream of another dialect as this one: blocks numbered as they begin, the outcome and the counts at the end."""

from dataclasses import replace
from typing import assert_never

from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
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
from offramp_providers.dialects.bedrock_converse.deltas import delta_of, start_of
from offramp_providers.dialects.bedrock_converse.errors import encode_stream_error
from offramp_providers.dialects.bedrock_converse.outcomes import untold, word_of
from offramp_providers.dialects.bedrock_converse.response import response_encoding
from offramp_providers.dialects.bedrock_converse.tool_parts import sent_id
from offramp_providers.dialects.bedrock_converse.usage import encode_usage, lost_counts
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.stream_losses import StreamLosses, part_path


class _Block:
    """A part of the foreign answer that is on the wire."""

    __slots__ = ("empty", "number", "part")

    def __init__(self, part: Part, number: int) -> None:
        self.part = part
        self.number = number
        self.empty = True
        """Whether it has said nothing yet."""


class ForeignStream:
    """Writes each block at a number of its own, so that two of them may be open at once, as the wire allows."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._open: dict[int, _Block] = {}
        """Blocks that have begun and not ended, by the foreign index."""
        self._count = 0
        self._said = False
        self._called = False
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
        """What is still to be written, the outcome and the counts. Without an outcome: nothing."""
        if self._outcome is None or self._stopped:
            return ()
        self._stopped = True
        out: list[WireEvent] = []
        for index in list(self._open):
            self._close(index, out)
        word = word_of(self._outcome, own=False)
        for name in untold(self._outcome, word, empty=not self._said, called=self._called, residue={}):
            self._losses.lose("refusal.category" if name == "category" else "outcome.rewritten", f"outcome.{name}")
        usage = encode_usage(self._usage, own=False)
        for name in lost_counts(self._usage, usage):
            self._losses.lose("usage", f"usage.{name}")
        out.append(WireEvent(data={"stopReason": word}, event="messageStop"))
        if usage:
            out.append(WireEvent(data={"usage": usage}, event="metadata"))
        return tuple(out)

    def _encode(self, event: Event, out: list[WireEvent]) -> None:  # noqa: C901, PLR0912  # one arm an event
        match event:
            case ResponseStart():
                self._begin(event)
                out.append(WireEvent(data={"role": "assistant"}, event="messageStart"))
            case PartStart():
                self._start(event, out)
            case TextDelta() | RefusalDelta() | ArgumentsDelta() | ReasoningDelta():
                self._extend(event, out)
            case CitationDelta():
                self._losses.lose("citations", f"{part_path(event.index)}.citations")
            case OpaqueDelta():
                if event.index in self._open:
                    self._losses.lose("opaque.foreign", f"{part_path(event.index)}.opaque")
            case PartEnd():
                if not event.synthetic:
                    self._close(event.index, out)
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._outcome = event.outcome
            case ResponseFailed():
                self._fail(event, out)
            case KeepAlive():
                pass  # the wire has no sign of life
            case _:
                assert_never(event)

    def _begin(self, event: ResponseStart) -> None:
        self._losses.lose_wire("wire", event.wire)
        self._usage = merge_usage(self._usage, event.usage or Usage())
        if event.origin is not None and event.origin.model is not None:
            self._losses.lose("served_model", "origin.model")
        if event.origin is not None and event.origin.response_id is not None:
            self._losses.lose("response_id", "origin.response_id")

    def _fail(self, event: ResponseFailed, out: list[WireEvent]) -> None:
        self._stopped = True
        self._losses.lose_ending(self._outcome, self._usage)
        name, body = encode_stream_error(event.error)
        out.append(WireEvent(data=body, event=name))

    def _start(self, event: PartStart, out: list[WireEvent]) -> None:
        part, path = event.part, part_path(event.index)
        if not isinstance(part, (ToolCall, Text, Refusal)) or (isinstance(part, ToolCall) and not is_call(part)):
            self._losses.lose_part(part, path)
            return
        self._losses.lose_marks(part, path)
        self._losses.lose_citations(part, path)
        self._losses.lose_refusal(part, path)
        block = self._open[event.index] = _Block(part, self._count)
        self._count += 1
        first = part.arguments_json if isinstance(part, ToolCall) else part.text
        if isinstance(part, ToolCall):
            self._said = self._called = True
            begun = replace(part, call_id=self._call_id(part, path), wire=None)
            data = {"start": start_of(begun), "contentBlockIndex": block.number}
            out.append(WireEvent(data=data, event="contentBlockStart"))
        if first and isinstance(part, ToolCall):
            self._extend(ArgumentsDelta(event.index, first), out)
        elif first:
            self._extend(TextDelta(event.index, first), out)

    def _call_id(self, part: ToolCall, path: str) -> str:
        ctx = response_encoding(None)
        sent = sent_id(ctx, part)
        self._losses.lose_within(path, ctx.log.resolve(part))
        return sent

    def _extend(self, event: TextDelta | RefusalDelta | ArgumentsDelta | ReasoningDelta, out: list[WireEvent]) -> None:
        block = self._open.get(event.index)
        if block is None or not event.text:
            return
        block.empty, self._said = False, True
        out.append(WireEvent(data=delta_of(event, block.number), event="contentBlockDelta"))

    def _close(self, index: int, out: list[WireEvent]) -> None:
        block = self._open.pop(index, None)
        if block is None:
            return
        path = part_path(index)
        if block.empty and isinstance(block.part, ToolCall):
            self._losses.lose("arguments.injected", f"{path}.arguments_json")
        if block.empty and not isinstance(block.part, ToolCall):
            self._losses.lose("text.empty", path)  # a text begins with its first piece
            return
        out.append(WireEvent(data={"contentBlockIndex": block.number}, event="contentBlockStop"))
