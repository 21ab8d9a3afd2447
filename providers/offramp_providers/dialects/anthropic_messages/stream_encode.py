"""The server's side of a stream: batches as wire events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    JsonMapping,
    JsonObject,
    KeepAlive,
    Loss,
    OpaqueDelta,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    ToolCall,
    UsageUpdate,
    WireEvent,
)
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.anthropic_messages.encoding import DROPPED, NAME, Encoding, form_of, marked, with_form
from offramp_providers.dialects.anthropic_messages.errors import encode_error_body
from offramp_providers.dialects.anthropic_messages.parts import encode_part
from offramp_providers.dialects.anthropic_messages.response import encode_outcome, response_encoding
from offramp_providers.dialects.anthropic_messages.stream import FIRST_FORM
from offramp_providers.dialects.anthropic_messages.stream_foreign import ForeignStream
from offramp_providers.dialects.anthropic_messages.usage import encode_usage
from offramp_providers.dialects.losses import loss_at
from offramp_providers.dialects.shapes import is_object

_NOTHING: Final[JsonObject] = {}
_TO_COME: Final = frozenset({"arguments.injected", "text.empty"})
"""What a block has not at its start, and gets by its pieces."""


class MessagesStreamEncoder:
    """Encodes one stream. Batches decoded from this dialect give their own wire event back."""

    __slots__ = ("_ctx", "_ended", "_foreign", "_losses", "_stopped")

    def __init__(self) -> None:
        self._ctx: Encoding | None = None
        self._foreign: ForeignStream | None = None
        self._losses: list[Loss] = []
        self._ended = False
        """Whether an outcome was written."""
        self._stopped = False
        """Whether the last event of the stream was written."""

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return tuple(self._losses) if self._foreign is None else self._foreign.losses

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch."""
        if self._ctx is None:
            self._choose(batch)
        if self._foreign is not None:
            return self._foreign.encode(batch)
        groups = _groups(batch)
        return tuple([self._own(group, batch) for group in groups])

    def _choose(self, batch: Batch) -> None:
        """Tell from the first batches whose stream it is."""
        start = next((event for event in batch.events if isinstance(event, ResponseStart)), None)
        if start is not None:
            self._ctx = response_encoding(start.origin)
            foreign = start.origin is None or start.origin.dialect != NAME
        else:
            foreign = batch.wire is not None and batch.wire.dialect != NAME
        if foreign and self._foreign is None:
            self._foreign = ForeignStream()

    def finish(self) -> tuple[WireEvent, ...]:
        """What ends the stream, where its batches did not. Without an outcome: nothing, for nothing was said."""
        if self._foreign is not None:
            return self._foreign.finish()
        if self._ended and not self._stopped:
            self._stopped = True
            return (WireEvent(data={"type": "message_stop"}, event="message_stop"),)
        return ()

    def _own(self, group: Sequence[Event], batch: Batch) -> WireEvent:
        form = form_of(batch.wire)
        fields: JsonMapping = batch.wire.fields if batch.wire is not None and batch.wire.dialect == NAME else _NOTHING
        if "data=text" in form:
            return _event(fields["data"], batch, None)
        data = self._data(group, form, batch)
        data = under(fields, data) if "type" in data else dict(fields)
        self._stopped = self._stopped or data.get("type") == "message_stop"
        return _event(data, batch, data.get("type"))

    def _data(self, group: Sequence[Event], form: Sequence[str], batch: Batch) -> JsonObject:
        match group[0] if group else KeepAlive():
            case ResponseStart() as event:
                return self._start(event, group[1:])
            case PartStart() as event:
                return self._part_start(event, form)
            case PartEnd(index=index):
                return {"type": "content_block_stop", "index": index}
            case ArgumentsDelta(index=index) if "input=start" in form:
                return {"type": "content_block_stop", "index": index}
            case UsageUpdate() | ResponseEnd():
                return self._end(group, form, batch)
            case ResponseFailed() as event:
                self._stopped = True
                return encode_error_body(event.error)
            case KeepAlive():
                kind = marked(batch.wire, "type=")
                # A batch of no kind and no wire is an application's own sign of life.
                return {"type": kind or "ping"} if kind or batch.wire is None else {}
            case event:
                return _delta(event, form)

    def _start(self, event: ResponseStart, whole: Sequence[Event]) -> JsonObject:
        ctx = self._ctx or response_encoding(event.origin)
        content = [self._block(ctx, each) for each in whole if isinstance(each, PartStart)]
        end = next((each.outcome for each in whole if isinstance(each, ResponseEnd)), None)
        self._ended = self._ended or end is not None
        message: JsonObject = {
            "id": event.origin.response_id if event.origin else None,
            "type": "message",
            "role": "assistant",
            "model": event.origin.model if event.origin else None,
            "content": content,
            "stop_reason": encode_outcome(end, own=True) if end else None,
            "stop_sequence": end.stop_sequence if end else None,
        }
        if event.usage is not None:
            message["usage"] = encode_usage(event.usage, own=True)
        if end is not None and end.category is not None:
            message["stop_details"] = {"category": end.category}
        if event.wire is None:
            return {"type": "message_start", "message": message}
        for key in event.wire.fields:
            if message.get(key) in (None, [], "message", "assistant"):
                message.pop(key, None)
        for mark in form_of(event.wire):
            message.pop(mark.removeprefix("absent="), None)
        return {"type": "message_start", "message": under(event.wire.fields, message)}

    def _part_start(self, event: PartStart, form: Sequence[str]) -> JsonObject:
        ctx = self._ctx or response_encoding(None)
        for mark in form:
            if mark.startswith(FIRST_FORM):
                wire = with_form(event.part.wire, mark.removeprefix(FIRST_FORM))
                event = PartStart(event.index, replace(event.part, wire=wire))
        block = self._block(ctx, event)
        if isinstance(event.part, ToolCall) and not event.part.arguments_json and is_object(block):
            block["input"] = {}
        return {"type": "content_block_start", "index": event.index, "content_block": block}

    def _block(self, ctx: Encoding, event: PartStart) -> Any:
        ctx.log = LossLog()
        block = encode_part(ctx, event.part, ctx.target, "assistant")
        if block is DROPPED and isinstance(event.part, Reasoning):
            # The signature comes at the end of the block.
            return {"type": "thinking", "thinking": event.part.text or "", "signature": ""}
        where = f"message.parts[{event.index}]"
        for loss in ctx.log.resolve(event.part):
            if loss.code not in _TO_COME:
                self._losses.append(replace(loss, path=f"{where}.{loss.path}" if loss.path else where))
        if block is not DROPPED:
            return block
        # The place of a block that cannot be said stays, since readers count the blocks.
        self._losses.append(loss_at("text.injected", where))
        return {"type": "text", "text": ""}

    def _end(self, group: Sequence[Event], form: Sequence[str], batch: Batch) -> JsonObject:
        data: JsonObject = {"type": "message_delta"}
        residue: Any = batch.wire.fields.get("delta") if batch.wire is not None else None
        for event in group:
            if isinstance(event, UsageUpdate):
                data["usage"] = encode_usage(event.usage, own=True)
            elif isinstance(event, ResponseEnd):
                self._ended = True
                outcome = event.outcome
                delta: JsonObject = {"stop_reason": encode_outcome(outcome, own=True)}
                malformed = is_object(residue) and "stop_sequence" in residue
                if not (malformed or "absent=stop_sequence" in form) or outcome.stop_sequence is not None:
                    delta["stop_sequence"] = outcome.stop_sequence
                if outcome.category is not None:
                    delta["stop_details"] = {"category": outcome.category}
                data["delta"] = delta
        return data


def _groups(batch: Batch) -> list[list[Event]]:
    """The events of a batch as they stood in one wire event each."""
    groups: list[list[Event]] = []
    for event in batch.events:
        if groups and _continues(groups[-1], event, batch):
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _continues(group: Sequence[Event], event: Event, batch: Batch) -> bool:
    match group[0], event:
        case ResponseStart(), PartStart(synthetic=True) | PartEnd(synthetic=True) | ResponseEnd():
            return True
        case UsageUpdate(), ResponseEnd():
            return True
        case ArgumentsDelta(), PartEnd():
            return "input=start" in form_of(batch.wire)
        case _:
            return False


_DELTA_TYPES: Final[Mapping[type[Event], tuple[str, str]]] = {
    TextDelta: ("text_delta", "text"),
    RefusalDelta: ("text_delta", "text"),
    ReasoningDelta: ("thinking_delta", "thinking"),
    ArgumentsDelta: ("input_json_delta", "partial_json"),
}


def _delta(event: Event, form: Sequence[str]) -> JsonObject:
    delta: JsonObject
    match event:
        case TextDelta() if "delta=compaction_delta" in form:
            index, delta = event.index, {"type": "compaction_delta", "content": event.text}
        case TextDelta() | RefusalDelta() | ReasoningDelta() | ArgumentsDelta():
            kind, key = _DELTA_TYPES[type(event)]
            index, delta = event.index, {"type": kind, key: event.text}
        case CitationDelta():
            index, delta = event.index, {"type": "citations_delta", "citation": event.citation.raw}
        case OpaqueDelta():
            index, delta = event.index, {"type": "signature_delta", "signature": event.opaque.data}
        case _:
            raise AssertionError(event.type)
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _event(data: Any, batch: Batch, kind: Any) -> WireEvent:
    """The wire event, under the name that it had."""
    name: str | None = kind if isinstance(kind, str) else None
    identity: str | None = None
    if batch.wire is not None and batch.wire.form:
        name = None if "event=absent" in batch.wire.form else marked(batch.wire, "event=") or name
        identity = marked(batch.wire, "id=")
    return WireEvent(data=data, event=name, id=identity)
