"""Streams, each way: one wire event is one batch. The vendor begins no text, and counts after the outcome."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.errors import Phase, ProviderError, ProviderErrorKind
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
    Part,
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
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.aws_exceptions import exception_in_stream, is_exception
from offramp_providers.dialects.bedrock_converse.encoding import NAME, residual
from offramp_providers.dialects.bedrock_converse.outcomes import decode_outcome, stop_sequence_in
from offramp_providers.dialects.bedrock_converse.parts import decode_block
from offramp_providers.dialects.bedrock_converse.response import served_origin
from offramp_providers.dialects.bedrock_converse.stream_collecting import Collector
from offramp_providers.dialects.bedrock_converse.texts import decode_citation
from offramp_providers.dialects.bedrock_converse.usage import decode_usage
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_object, take_count, take_text

WHOLE: Final = "event="
"""Form mark of a wire event that is kept whole: its name."""
NO_ARGUMENTS: Final = "arguments=none"
"""Form mark of a call's end before which no piece of its arguments had come."""

_KEEP_ALIVE: Final = KeepAlive()


class ConverseStreamDecoder:
    """Decodes one stream."""

    __slots__ = ("_called", "_collector", "_ended", "_issuer", "_open", "_said")

    def __init__(self, headers: Mapping[str, str], issuer: Origin) -> None:
        del headers  # None of them says anything about the answer itself.
        self._issuer = issuer
        self._open: dict[int, bool] = {}
        """Parts that have begun, by index: whether one is a call of whose arguments nothing has come."""
        self._collector = Collector()
        self._said = False
        """Whether anything has come of the answer itself."""
        self._called = False
        self._ended = False

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        data = event.data
        batch: Batch | None = None
        if is_object(data) and not event.id:
            if event.event == "contentBlockDelta":
                batch = self._delta(data)
            elif is_exception(event.event):
                batch = self._failed(event.event or "", data)
            else:
                batch = self._other(event.event, data)
        return _whole(event) if batch is None else batch

    def finish(self) -> Batch:
        """Holds `ResponseFailed(stream_interrupted)` where no outcome had come; else nothing."""
        if self._ended:
            return Batch(())
        self._ended = True
        error = ProviderError(
            "the stream ended without an outcome", kind=ProviderErrorKind.STREAM_INTERRUPTED, phase=self._phase
        )
        return Batch((ResponseFailed(error),))

    @property
    def _phase(self) -> Phase:
        return "mid_stream" if self._said else "before_first_output"

    def _failed(self, name: str, data: JsonObject) -> Batch:
        self._ended = True
        return Batch((ResponseFailed(exception_in_stream(name, data, phase=self._phase)),))

    def _other(self, name: str | None, data: JsonObject) -> Batch | None:
        left = dict(data)
        match name:
            case "messageStart":
                return self._start(left)
            case "contentBlockStart":
                return self._part_start(left)
            case "contentBlockStop":
                return self._part_end(left)
            case "messageStop":
                return self._end(left)
            case "metadata":
                return _metadata(left)
            case _:
                return None

    def _start(self, left: JsonObject) -> Batch | None:
        if left.get("role") != "assistant":
            return None
        del left["role"]
        return _batch((ResponseStart(origin=served_origin(self._issuer, {})),), left)

    def _part_start(self, left: JsonObject) -> Batch | None:
        index, start = take_count(left, "contentBlockIndex"), take_object(left, "start")
        if index is None or start is None or index in self._open:
            return None
        if self._collector.begin(index, start):
            return None
        inner = take_object(start, "toolUse")
        part = None if inner is None else decode_block({"toolUse": {**inner, "input": {}}}, "assistant")
        if not isinstance(part, ToolCall):
            return None
        self._begin(index, part)
        begun = ToolCall(part.call_id, part.name, "", executor=part.executor, wire=part.wire)
        keep_rest(left, "start", start)
        return _batch((PartStart(index, begun),), left)

    def _begin(self, index: int, part: Part) -> None:
        self._said = True
        self._open[index] = isinstance(part, ToolCall)
        self._called = self._called or is_call(part)

    def _delta(self, data: JsonObject) -> Batch | None:
        left = dict(data)
        index, delta = take_count(left, "contentBlockIndex"), take_object(left, "delta")
        if index is None or delta is None:
            return None
        if self._collector.add(index, delta, is_open=index in self._open):
            self._said = True
            return None
        found = _piece(index, delta)
        if found is None:
            return None
        piece, part = found
        if isinstance(piece, ArgumentsDelta):
            if index not in self._open:
                return None
            self._open[index] = self._open[index] and not piece.text
        keep_rest(left, "delta", delta)
        if index in self._open or part is None:
            return _batch((piece,), left)
        self._begin(index, part)
        return _batch((PartStart(index, part, synthetic=True), piece), left)

    def _part_end(self, left: JsonObject) -> Batch | None:
        index = take_count(left, "contentBlockIndex")
        if index is None:
            return None
        collected = self._collector.end(index)
        if collected is not None:
            part = decode_block(collected, "assistant")
            return _batch((PartStart(index, part, synthetic=True), PartEnd(index)), left)
        if index not in self._open:
            return None
        if self._open.pop(index):
            return _batch((ArgumentsDelta(index, "{}"), PartEnd(index)), left, NO_ARGUMENTS)
        return _batch((PartEnd(index),), left)

    def _end(self, left: JsonObject) -> Batch | None:
        raw = take_text(left, "stopReason")
        if raw is None:
            return None
        self._ended = True
        outcome = decode_outcome(raw, stop_sequence=stop_sequence_in(left), empty=not self._said, called=self._called)
        return _batch((ResponseEnd(outcome),), left)


def _piece(index: int, delta: JsonObject) -> tuple[Event, Part | None] | None:
    """What a delta adds, and the part that it begins where none has begun; None where it has another shape."""
    if len(delta) == 1 and type(delta.get("text")) is str:
        return TextDelta(index, delta.pop("text")), Text("")
    inner = take_object(delta, "toolUse")
    if inner is not None:
        text = take_text(inner, "input")
        keep_rest(delta, "toolUse", inner)
        return None if text is None else (ArgumentsDelta(index, text), None)
    inner = take_object(delta, "reasoningContent")
    if inner is not None:
        return _reasoning(index, delta, inner)
    citation: Any = delta.get("citation")
    if is_object(citation):
        del delta["citation"]
        return CitationDelta(index, decode_citation(citation)), Text("")
    text = take_text(delta, "text")
    return None if text is None else (TextDelta(index, text), Text(""))


def _reasoning(index: int, delta: JsonObject, inner: JsonObject) -> tuple[Event, Part | None] | None:
    text, signature = take_text(inner, "text"), None
    if text is None:
        signature = take_text(inner, "signature")
    keep_rest(delta, "reasoningContent", inner)
    if text is not None:
        return ReasoningDelta(index, text), Reasoning("")
    if signature is not None:
        return OpaqueDelta(index, Opaque("signature", signature)), Reasoning("")
    return None


def _metadata(left: JsonObject) -> Batch | None:
    found: Any = left.get("usage")
    if not is_object(found):
        return None
    del left["usage"]
    return _batch((UsageUpdate(decode_usage(found)),), left)


def _batch(events: tuple[Event, ...], left: JsonObject, *form: str) -> Batch:
    """A batch, with what of the wire event its events do not say."""
    return Batch(events, wire=residual(left, *form)) if left or form else Batch(events)


def _whole(event: WireEvent) -> Batch:
    """A wire event that has no name here, kept whole."""
    data: Any = event.data
    fields = data if is_object(data) else {"data": data}
    form = [] if event.event is None else [f"{WHOLE}{event.event}"]
    form += ["data=text"] if fields is not data else []
    form += [] if event.id is None else [f"id={event.id}"]
    return Batch((_KEEP_ALIVE,), wire=Wire(dialect=NAME, fields=fields, form=tuple(form)))
