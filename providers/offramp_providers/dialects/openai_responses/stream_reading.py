"""The client's side of a stream: wire events as batches."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    Event,
    JsonObject,
    KeepAlive,
    Origin,
    Part,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    UsageUpdate,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.openai_responses.errors import decode_stream_error
from offramp_providers.dialects.openai_responses.items import decode_items
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.outcomes import take_outcome, take_usage
from offramp_providers.dialects.openai_responses.stream_items import ItemReading
from offramp_providers.dialects.openai_responses.stream_mirror import ENDS, STARTS, UNNAMED, UNPLACED, Mirror
from offramp_providers.dialects.openai_responses.stream_spelling import difference, predict
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.shapes import is_list, is_object, take_text

TEXT_DELTA: Final = "response.output_text.delta"
ARGUMENTS_DELTA: Final = "response.function_call_arguments.delta"
_KEEP_ALIVE: Final = KeepAlive()
_USUAL_KEYS: Final = 7
"""Of a text delta without padding."""


class ResponsesStreamDecoder:
    """Decodes one stream."""

    __slots__ = ("_ended", "_issuer", "_items", "_mirror", "_started")

    def __init__(self, headers: Mapping[str, str], issuer: Origin) -> None:
        del headers  # None of them says anything about the answer itself.
        self._issuer = issuer
        self._mirror = Mirror()
        self._items = ItemReading(self._mirror, issuer)
        self._started = False
        """Whether the answer was announced."""
        self._ended = False

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        data = event.data
        kind: Any = data.get("type") if is_object(data) else None
        if not is_object(data) or type(kind) is not str:
            return Batch((_KEEP_ALIVE,), wire=_wire(event, None, {"data": data}, ("data=raw",)))
        if kind in (TEXT_DELTA, ARGUMENTS_DELTA):
            quick = self._quick(event, data) if kind == TEXT_DELTA else self._quick_arguments(event, data)
            if quick is not None:
                return quick
        moved = self._mirror.go(data) if kind not in UNPLACED else {}
        events = self._events(kind, data)
        said = predict(self._mirror, kind, events or ())
        fields, marks = difference(said, data)
        self._mirror.observe(kind, data)
        if events is None:
            # A sign of progress says nothing but where; any other novel event is kept whole.
            events = (_KEEP_ALIVE,)
        return Batch(events, wire=_wire(event, kind, {**moved, **fields}, marks))

    def finish(self) -> Batch:
        """Holds `ResponseFailed(stream_interrupted)` where no outcome had come; else nothing."""
        if self._ended:
            return Batch(())
        self._ended = True
        error = ProviderError(
            "the stream ended without an outcome",
            kind=ProviderErrorKind.STREAM_INTERRUPTED,
            phase="mid_stream" if self._items.count else "before_first_output",
        )
        return Batch((ResponseFailed(error),))

    def _quick(self, event: WireEvent, data: JsonObject) -> Batch | None:
        """More of the text that is open, spelled as usual: by far the most frequent event."""
        mirror, text = self._mirror, data.get("delta")
        item = mirror.items.get(mirror.at)
        piece = None if item is None else item.content.get(mirror.content)
        index = self._items.text_at_hand()
        padded = len(data) == _USUAL_KEYS + 1
        if (
            item is None
            or piece is None
            or index is None
            or type(text) is not str
            or event.event != TEXT_DELTA
            or event.id is not None
            or len(data) != _USUAL_KEYS + padded
            or (padded and "obfuscation" not in data)
            or data.get("logprobs") != []
            or data.get("sequence_number") != mirror.sequence + 1
            or data.get("content_index") != mirror.content
            or data.get("output_index") != mirror.at
            or data.get("item_id") != item.added.get("id", mirror)
        ):
            return None
        mirror.sequence += 1
        piece.texts.append(text)
        wire = Wire(dialect=NAME, fields={"obfuscation": data["obfuscation"]}) if padded else None
        return Batch((TextDelta(index, text),), wire=wire)

    def _quick_arguments(self, event: WireEvent, data: JsonObject) -> Batch | None:
        """More of the arguments at hand, spelled as usual."""
        mirror, text = self._mirror, data.get("delta")
        item = mirror.items.get(mirror.at)
        index = self._items.call_at_hand()
        if (
            item is None
            or index is None
            or type(text) is not str
            or event.event != ARGUMENTS_DELTA
            or event.id is not None
            or len(data) != _USUAL_KEYS - 1
            or "obfuscation" not in data
            or data.get("sequence_number") != mirror.sequence + 1
            or data.get("output_index") != mirror.at
            or data.get("item_id") != item.added.get("id", mirror)
        ):
            return None
        mirror.sequence += 1
        item.arguments.append(text)
        return Batch(
            (ArgumentsDelta(index, text),), wire=Wire(dialect=NAME, fields={"obfuscation": data["obfuscation"]})
        )

    def _events(self, kind: str, data: JsonObject) -> tuple[Event, ...] | None:
        """What the event means; None where we have no name for it, or it has another shape."""
        if kind in STARTS:
            return self._start(data)
        if kind in ENDS:
            return self._end(data)
        if kind in ("error", "response.failed"):
            return self._fail(data)
        found = self._items.events(kind, data)
        return None if found is None else tuple(found)

    def _start(self, data: JsonObject) -> tuple[Event, ...] | None:
        response: Any = data.get("response")
        if not is_object(response):
            return None
        if self._started:
            return ()
        self._started = True
        left = dict(response)
        origin = served_origin(self._issuer, take_text(left, "model"), take_text(left, "id"))
        self._items.issuer = origin
        return (ResponseStart(origin=origin, wire=Wire(dialect=NAME, fields=left)),)

    def _end(self, data: JsonObject) -> tuple[Event, ...] | None:
        response: Any = data.get("response")
        if not is_object(response):
            return None
        self._ended = True
        left = dict(response)
        events: list[Event] = []
        output: Any = left.get("output")
        if is_list(output) and output:
            parts: tuple[Part, ...] = decode_items(output, self._items.issuer)
            if self._items.count == 0:
                events += self._items.whole(parts, synthetic=True)
        else:
            parts = tuple(self._items.parts)
        usage = take_usage(left)
        if usage is not None:
            events.append(UsageUpdate(usage))
        events.append(ResponseEnd(take_outcome(left, parts)[0]))
        return tuple(events)

    def _fail(self, data: JsonObject) -> tuple[Event, ...]:
        self._ended = True
        response: Any = data.get("response")
        usage = take_usage(dict(response)) if is_object(response) else None
        error = decode_stream_error(data, "mid_stream" if self._items.count else "before_first_output")
        return (ResponseFailed(error),) if usage is None else (UsageUpdate(usage), ResponseFailed(error))


def _wire(event: WireEvent, kind: str | None, fields: JsonObject, marks: tuple[str, ...]) -> Wire:
    form = marks if kind is None else (f"type={kind}", *marks)
    if event.event != kind:
        form = (*form, UNNAMED if event.event is None else f"event={event.event}")
    if event.id is not None:
        form = (*form, f"id={event.id}")
    return Wire(dialect=NAME, fields=fields, form=form)
