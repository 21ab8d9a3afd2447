"""The decoder of streams: wire events to batches."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import Batch, Event, JsonObject, Origin, ResponseFailed, Wire, WireEvent
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.errors import decode_stream_error
from offramp_providers.dialects.cohere_v2.event_reading import READERS, SILENT, EventReading
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.stream_events import DONE, IS_DONE, IS_RAW, beyond, spelled
from offramp_providers.dialects.shapes import is_object, is_text

_PIECES: Final = frozenset({"content-delta", "tool-plan-delta", "tool-call-delta"})
"""Events that add text to a part."""


class CohereStreamDecoder:
    """Decodes one stream."""

    __slots__ = ("_reading",)

    def __init__(self, headers: Mapping[str, str], issuer: Origin) -> None:
        del headers  # None of them says anything about the answer itself.
        self._reading = EventReading(issuer)

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        data = event.data
        if not is_object(data):
            mark = IS_DONE if data == DONE else IS_RAW
            return _batch(event, (SILENT,), {} if data == DONE else {"data": data}, mark)
        kind: Any = data.get("type")
        read = READERS.get(kind) if type(kind) is str else None
        events = read(self._reading, data) if read is not None else self._read_error(data)
        if events and kind in _PIECES and event.event == kind and event.id is None and _is_bare(data):
            return Batch(events)  # most events of a stream, and quicker than to spell them again
        return self._exact(event, data, events) if events else _batch(event, (SILENT,), data, IS_RAW)

    def finish(self) -> Batch:
        """Holds `ResponseFailed(stream_interrupted)` where no outcome had come; else nothing."""
        reading = self._reading
        if reading.ended:
            return Batch(())
        reading.ended = True
        error = ProviderError(
            "the stream ended without an outcome",
            kind=ProviderErrorKind.STREAM_INTERRUPTED,
            phase="mid_stream" if reading.count else "before_first_output",
        )
        return Batch((ResponseFailed(error),))

    def _exact(self, event: WireEvent, data: JsonObject, events: tuple[Event, ...]) -> Batch:
        """The batch with what its events do not say, so that the event can be written as it was."""
        form, self._reading.form = self._reading.form, ()
        if type(events[0]) is ResponseFailed:
            return _batch(event, events, {})
        usual = spelled(self._reading.places, events, form)
        if usual == data:
            return _batch(event, events, {}, *form)
        left = beyond(data, usual)
        if under(left, usual) == data:
            return _batch(event, events, left, *form)
        return _batch(event, events, data, IS_RAW, *form)

    def _read_error(self, data: JsonObject) -> tuple[Event, ...]:
        """An error in place of an event: none was recorded, so it is known by its shape in an answer (recalled)."""
        if "type" in data or not is_text(data.get("message")):
            return ()
        self._reading.ended = True
        phase: Phase = "mid_stream" if self._reading.count else "before_first_output"
        return (ResponseFailed(decode_stream_error(data, phase)),)


def _is_bare(data: JsonObject) -> bool:
    """Whether an event that was read holds nothing but its kind, its number and one piece of text."""
    node: Any = data["delta"]
    while is_object(node) and len(node) == 1:
        (node,) = node.values()
    return type(node) is str and len(data) == 2 + ("index" in data)


def _batch(event: WireEvent, events: tuple[Event, ...], left: JsonObject, *form: str) -> Batch:
    """A batch, with what of the wire event its events do not say."""
    data = event.data
    kind: Any = data.get("type") if is_object(data) else None
    if event.event != kind:
        form = (*form, "event=absent" if event.event is None else f"event={event.event}")
    if event.id is not None:
        form = (*form, f"id={event.id}")
    if not left and not form:
        return Batch(events)
    return Batch(events, wire=Wire(dialect=NAME, fields=left, form=form))
