"""The encoder of streams: batches of events to wire events."""

from dataclasses import replace

from offramp.types import (
    Batch,
    JsonObject,
    Loss,
    PartStart,
    Reasoning,
    ResponseFailed,
    ResponseStart,
    Text,
    ToolCall,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.errors import encode_error_body
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.stream_events import DONE, IS_DONE, IS_RAW, Places, number_in, spelled
from offramp_providers.dialects.cohere_v2.stream_foreign import ForeignStream


class CohereStreamEncoder:
    """Encodes one stream. Batches decoded from this dialect give their own wire event back."""

    __slots__ = ("_done", "_ended", "_foreign", "_places", "_started")

    def __init__(self) -> None:
        self._places = Places()
        self._foreign: ForeignStream | None = None
        self._started = False
        """Whether it is known whose stream it is."""
        self._ended = False
        """Whether an outcome was written."""
        self._done = False

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return () if self._foreign is None else self._foreign.losses

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch."""
        if not self._started:
            self._choose(batch)
        return self._own(batch) if self._foreign is None else self._foreign.encode(batch)

    def finish(self) -> tuple[WireEvent, ...]:
        """What ends the stream, where its batches did not. Without an outcome: nothing, for nothing was said."""
        if self._foreign is not None:
            return self._foreign.finish()
        if self._done or not self._ended:
            return ()
        self._done = True
        return (WireEvent(data=DONE),)

    def _choose(self, batch: Batch) -> None:
        """Tell from the first batch whose stream it is."""
        self._started = bool(batch.events)
        start = next((event for event in batch.events if isinstance(event, ResponseStart)), None)
        if not _is_own(batch.wire if start is None else start.wire):
            self._foreign = ForeignStream()

    def _own(self, batch: Batch) -> tuple[WireEvent, ...]:
        wire = batch.wire
        fields: JsonObject = wire.fields if wire is not None else {}
        form = wire.form if wire is not None else ()
        for event in batch.events:
            if isinstance(event, PartStart) and isinstance(event.part, Text | Reasoning | ToolCall):
                self._places.open(event.index, event.part, number_in(form))
        failed = next((event.error for event in batch.events if isinstance(event, ResponseFailed)), None)
        usual = spelled(self._places, batch.events, form)
        self._ended = self._ended or usual.get("type") == "message-end"
        if IS_DONE in form:
            self._done = True
            return (_framed(DONE, form),)
        if IS_RAW in form:
            return (_framed(fields["data"] if fields.keys() == {"data"} else fields, form),)
        if failed is not None:
            self._done = True
            return (_framed(encode_error_body(failed), form),) if failed.body is not None else ()
        return (_framed(under(fields, usual), form),) if usual or fields else ()


def _is_own(wire: Wire | None) -> bool:
    return wire is not None and wire.dialect == NAME


def _framed(data: JsonObject | str, form: tuple[str, ...]) -> WireEvent:
    """The wire event, under the name that it had."""
    event = WireEvent(data=data, event=data.get("type") if isinstance(data, dict) else None)
    for mark in form:
        if mark == "event=absent":
            event = replace(event, event=None)
        elif mark.startswith("event="):
            event = replace(event, event=mark[6:])
        elif mark.startswith("id="):
            event = replace(event, id=mark[3:])
    return event
