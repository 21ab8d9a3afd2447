"""The server's side of a stream: batches as wire events."""

from collections.abc import Sequence
from typing import Any

from offramp.types import (
    Batch,
    Event,
    JsonObject,
    KeepAlive,
    Loss,
    PartEnd,
    PartStart,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    UsageUpdate,
    WireEvent,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.deltas import delta_of, start_of, whole_of
from offramp_providers.dialects.bedrock_converse.encoding import NAME, form_of
from offramp_providers.dialects.bedrock_converse.errors import encode_stream_error
from offramp_providers.dialects.bedrock_converse.outcomes import word_of
from offramp_providers.dialects.bedrock_converse.parts import encode_part
from offramp_providers.dialects.bedrock_converse.response import response_encoding
from offramp_providers.dialects.bedrock_converse.stream import WHOLE
from offramp_providers.dialects.bedrock_converse.stream_foreign import ForeignStream
from offramp_providers.dialects.bedrock_converse.usage import encode_usage
from offramp_providers.dialects.encoding import NOTHING, marked
from offramp_providers.dialects.shapes import count_of, is_object


class ConverseStreamEncoder:
    """Encodes one stream. Batches decoded from this dialect give their own wire event back."""

    __slots__ = ("_ctx", "_foreign", "_kept", "_own")

    def __init__(self) -> None:
        self._own: bool | None = None
        """Whether the stream is of this dialect; None until a batch says so."""
        self._ctx = response_encoding(None)
        self._kept: set[int | None] = set()
        """Indexes of blocks of which wire events that were kept whole have been written."""
        self._foreign = ForeignStream()

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._foreign.losses

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch."""
        if self._own is None:
            self._own = _is_own(batch)
        if self._own is False:
            return self._foreign.encode(batch)
        event = _own_event(batch)
        if event is None:
            return ()
        if isinstance(batch.events[0], KeepAlive) and is_object(event.data):
            self._kept.add(count_of(event.data, "contentBlockIndex"))
        return (*self._collected(batch), event)

    def _collected(self, batch: Batch) -> list[WireEvent]:
        """The events of a block that was given in one piece, where its own were not kept."""
        match batch.events:
            case (ResponseStart(origin=origin), *_):
                self._ctx = response_encoding(origin)
            case (PartStart(index=index, synthetic=True, part=part), PartEnd()) if index not in self._kept:
                block = encode_part(self._ctx, part, self._ctx.target.origin, "assistant")
                return [WireEvent(data=data, event=name) for name, data in whole_of(block, index)]
            case _:
                pass
        return []

    def finish(self) -> tuple[WireEvent, ...]:
        """What ends the stream, where its batches did not."""
        return self._foreign.finish()


def _is_own(batch: Batch) -> bool | None:
    """Tell from a batch whose stream it is; None where it does not say."""
    start = next((event for event in batch.events if isinstance(event, ResponseStart)), None)
    if start is not None:
        return start.origin is not None and start.origin.dialect == NAME
    return None if batch.wire is None else batch.wire.dialect == NAME


def _own_event(batch: Batch) -> WireEvent | None:
    form = form_of(batch.wire)
    fields = batch.wire.fields if batch.wire is not None and batch.wire.dialect == NAME else NOTHING
    said = [event for event in batch.events if not (isinstance(event, (PartStart, PartEnd)) and event.synthetic)]
    if not said or isinstance(said[0], KeepAlive):
        if batch.wire is None:
            return None
        data: Any = fields.get("data") if "data=text" in form else dict(fields)
        return WireEvent(data=data, event=marked(form, WHOLE), id=marked(form, "id="))
    name, written = _written(said)
    return WireEvent(data=under(fields, written), event=name)


def _written(said: Sequence[Event]) -> tuple[str, JsonObject]:
    """The name of the wire event, and what it says. A batch of several ends a part whose last piece was put in."""
    match said[-1]:
        case ResponseStart():
            return "messageStart", {"role": "assistant"}
        case PartStart() as event:
            return "contentBlockStart", {"start": start_of(event.part), "contentBlockIndex": event.index}
        case PartEnd(index=index):
            return "contentBlockStop", {"contentBlockIndex": index}
        case ResponseEnd(outcome=outcome):
            return "messageStop", {"stopReason": word_of(outcome, own=True)}
        case UsageUpdate(usage=usage):
            return "metadata", {"usage": encode_usage(usage, own=True)}
        case ResponseFailed(error=error):
            return encode_stream_error(error)
        case event:
            return "contentBlockDelta", delta_of(event)
