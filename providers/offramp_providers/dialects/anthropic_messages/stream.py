"""Streams, each way: one wire event is one batch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    JsonObject,
    KeepAlive,
    Opaque,
    OpaqueDelta,
    Origin,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    UsageUpdate,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.anthropic_messages.encoding import NAME, residual
from offramp_providers.dialects.anthropic_messages.errors import decode_stream_error
from offramp_providers.dialects.anthropic_messages.parts import decode_citation, decode_part
from offramp_providers.dialects.anthropic_messages.response import (
    absences,
    decode_outcome,
    take_envelope,
    take_stop,
    take_usage,
)
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_list, is_object, take_count

_PIECES: Final[Mapping[str, tuple[str, type[TextDelta] | type[ReasoningDelta] | type[ArgumentsDelta]]]] = {
    # delta type: (the key that holds the piece, our event)
    "text_delta": ("text", TextDelta),
    "thinking_delta": ("thinking", ReasoningDelta),
    "input_json_delta": ("partial_json", ArgumentsDelta),
    "compaction_delta": ("content", TextDelta),
}

FIRST_FORM: Final = "first."
"""Prefix of a form mark that a block began with, and that its part does not keep."""

_KEEP_ALIVE: Final = KeepAlive()
_PING: Final = Batch((_KEEP_ALIVE,), wire=Wire(dialect=NAME, form=("type=ping",)))


class MessagesStreamDecoder:
    """Decodes one stream."""

    __slots__ = ("_called", "_ended", "_issuer", "_pending", "_started")

    def __init__(self, headers: Mapping[str, str], issuer: Origin) -> None:
        del headers  # None of them says anything about the answer itself.
        self._issuer = issuer
        self._pending: dict[int, str] = {}
        """Arguments that a call began with, by index, until a piece of them arrives or the call ends."""
        self._started = False
        """Whether any part has begun."""
        self._called = False
        self._ended = False

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        data = event.data
        if not is_object(data):
            return _novel(event, {"data": data}, "data=text")
        kind: Any = data.get("type")
        named = event.event == kind and event.id is None
        if kind == "content_block_delta":
            batch = self._delta(event, data, named=named)
        elif kind == "ping" and named and len(data) == 1:
            return _PING
        else:
            batch = self._other(event, data, kind)
        return batch if batch is not None else _novel(event, data)

    def finish(self) -> Batch:
        """Holds `ResponseFailed(stream_interrupted)` where no outcome had come; else nothing."""
        if self._ended:
            return Batch(())
        self._ended = True
        error = ProviderError(
            "the stream ended without an outcome",
            kind=ProviderErrorKind.STREAM_INTERRUPTED,
            phase="mid_stream" if self._started else "before_first_output",
        )
        return Batch((ResponseFailed(error),))

    def _delta(self, event: WireEvent, data: JsonObject, *, named: bool) -> Batch | None:
        delta: Any = data.get("delta")
        index: Any = data.get("index")
        if not is_object(delta) or type(index) is not int:
            return None
        kind: Any = delta.get("type")
        key, made = _PIECES.get(kind, (None, None)) if isinstance(kind, str) else (None, None)
        if key is None or made is None:
            return self._rare_delta(event, data, delta, index)
        piece: Any = delta.get(key)
        if type(piece) is not str:
            return None
        if made is ArgumentsDelta and piece:
            self._pending.pop(index, None)
        self._started = True
        if named and len(data) == 3 and len(delta) == 2 and kind != "compaction_delta":
            return Batch((made(index, piece),))
        form = ("delta=compaction_delta",) if kind == "compaction_delta" else ()
        return _batch((made(index, piece),), event, *form, left=_without(data, delta, key))

    def _rare_delta(self, event: WireEvent, data: JsonObject, delta: JsonObject, index: int) -> Batch | None:
        kind: Any = delta.get("type")
        if kind == "signature_delta" and isinstance(delta.get("signature"), str):
            opaque = OpaqueDelta(index, Opaque("signature", delta["signature"]))
            return _batch((opaque,), event, left=_without(data, delta, "signature"))
        citation: Any = delta.get("citation")
        if kind == "citations_delta" and is_object(citation):
            made = CitationDelta(index, decode_citation(citation))
            return _batch((made,), event, left=_without(data, delta, "citation"))
        return None

    def _other(self, event: WireEvent, data: JsonObject, kind: Any) -> Batch | None:
        left = dict(data)
        left.pop("type", None)
        match kind:
            case "message_start":
                return self._start(event, left)
            case "content_block_start":
                return self._part_start(event, left)
            case "content_block_stop":
                return self._part_end(event, left)
            case "message_delta":
                return self._end(event, left)
            case "message_stop":
                return _batch((_KEEP_ALIVE,), event, "type=message_stop", left=left)
            case "ping":
                return _batch((_KEEP_ALIVE,), event, "type=ping", left=left)
            case "error":
                self._ended = True
                error = decode_stream_error(data, "mid_stream" if self._started else "before_first_output")
                return _batch((ResponseFailed(error),), event)
            case _:
                return None

    def _start(self, event: WireEvent, left: JsonObject) -> Batch | None:
        """The envelope. Some answers come whole in it: then their parts and outcome stand in the same batch."""
        message: Any = left.pop("message", None)
        if not is_object(message):
            return None
        self._pending, self._ended, self._called = {}, False, False
        inner = dict(message)
        response_id, model = take_envelope(inner)
        usage = take_usage(inner)
        events = self._whole_parts(inner)
        if isinstance(inner.get("stop_reason"), str):
            events.append(self._outcome(inner, empty=not events))
        elif "stop_reason" in inner and inner["stop_reason"] is None:
            del inner["stop_reason"]
            if inner.get("stop_sequence", "") is None:
                del inner["stop_sequence"]
        origin = served_origin(self._issuer, model, response_id)
        form = absences(message)
        envelope = Wire(dialect=NAME, fields=inner, form=form) if inner or form else None
        start = ResponseStart(origin=origin, usage=usage, wire=envelope)
        return _batch((start, *events), event, left=left)

    def _whole_parts(self, inner: JsonObject) -> list[Event]:
        content: Any = inner.get("content")
        if not is_list(content):
            return []
        del inner["content"]
        events: list[Event] = []
        for index, block in enumerate(content):
            part = decode_part(block)
            self._note(part)
            events += [PartStart(index, part, synthetic=True), PartEnd(index, synthetic=True)]
        return events

    def _note(self, part: Any) -> None:
        self._started = True
        self._called = self._called or is_call(part)

    def _part_start(self, event: WireEvent, left: JsonObject) -> Batch | None:
        block: Any = left.pop("content_block", None)
        index = take_count(left, "index")
        if not is_object(block) or index is None:
            return None
        if block == {"type": "text", "text": ""}:
            self._started = True
            return _batch((PartStart(index, Text("")),), event, left=left)
        part = decode_part(block)
        self._note(part)
        if isinstance(part, ToolCall):
            # Pieces of the arguments replace these; they stand only if none comes, and are then given at the end.
            self._pending[index] = part.arguments_json or "{}"
            if block["input"]:
                left["content_block"] = {"input": block["input"]}
            part = replace(part, arguments_json="")
        form: tuple[str, ...] = ()
        if isinstance(part, (Text, Reasoning)) and part.wire is not None and part.wire.form:
            # How the block began (`citations: []`, no signature yet) says nothing of the part that it becomes.
            form = tuple(FIRST_FORM + mark for mark in part.wire.form)
            part = replace(part, wire=residual(part.wire.fields))
        return _batch((PartStart(index, part),), event, *form, left=left)

    def _part_end(self, event: WireEvent, left: JsonObject) -> Batch | None:
        index = take_count(left, "index")
        if index is None:
            return None
        pending = self._pending.pop(index, None)
        if pending is None:
            return _batch((PartEnd(index),), event, left=left)
        return _batch((ArgumentsDelta(index, pending), PartEnd(index)), event, "input=start", left=left)

    def _end(self, event: WireEvent, left: JsonObject) -> Batch | None:
        usage = take_usage(left)
        events: list[Event] = [] if usage is None else [UsageUpdate(usage)]
        delta: Any = left.get("delta")
        form: tuple[str, ...] = ()
        if is_object(delta) and isinstance(delta.get("stop_reason"), str):
            inner = dict(delta)
            if "stop_sequence" not in inner:
                form = ("absent=stop_sequence",)
            events.append(self._outcome(inner, empty=not self._started))
            del left["delta"]
            if inner:
                left["delta"] = inner
        return _batch(tuple(events), event, *form, left=left) if events else None

    def _outcome(self, inner: JsonObject, *, empty: bool) -> ResponseEnd:
        self._ended = True
        raw, stop_sequence, category = take_stop(inner)
        return ResponseEnd(
            decode_outcome(raw, stop_sequence=stop_sequence, category=category, empty=empty, calls=self._called)
        )


def _without(data: JsonObject, delta: JsonObject, key: str) -> JsonObject:
    """What a delta event holds beyond its piece."""
    left = {name: content for name, content in data.items() if name not in ("type", "index", "delta")}
    rest = {name: content for name, content in delta.items() if name not in ("type", key)}
    return {**left, "delta": rest} if rest else left


def _batch(events: tuple[Event, ...], event: WireEvent, *form: str, left: JsonObject | None = None) -> Batch:
    """A batch, with what of the wire event its events do not say."""
    data = event.data
    kind: Any = data.get("type") if is_object(data) else None
    if event.event != kind:
        form = (*form, "event=absent" if event.event is None else f"event={event.event}")
    if event.id is not None:
        form = (*form, f"id={event.id}")
    if not left and not form:
        return Batch(events)
    return Batch(events, wire=Wire(dialect=NAME, fields=left or {}, form=form))


def _novel(event: WireEvent, fields: JsonObject, *form: str) -> Batch:
    """A wire event that has no name here, kept whole. One that says nothing at all is not taken for a sign of life."""
    return _batch((_KEEP_ALIVE,), event, *form, *(() if fields else ("data=empty",)), left=fields)
