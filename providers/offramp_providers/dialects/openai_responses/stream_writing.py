"""The server's side of a stream: batches as wire events."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import (
    ArgumentsDelta,
    Batch,
    Event,
    JsonMapping,
    Loss,
    ReasoningDelta,
    RefusalDelta,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    WireEvent,
)
from offramp_providers.dialects.encoding import NOTHING, marked
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.stream_foreign import ForeignStream
from offramp_providers.dialects.openai_responses.stream_mirror import UNNAMED, Mirror
from offramp_providers.dialects.openai_responses.stream_spelling import predict, restore

_USUAL: Final[Mapping[type[Event], str]] = {
    TextDelta: "response.output_text.delta",
    RefusalDelta: "response.refusal.delta",
    ReasoningDelta: "response.reasoning_text.delta",
    ArgumentsDelta: "response.function_call_arguments.delta",
    ResponseFailed: "error",
}
"""The wire's event where the batch does not name one."""


class ResponsesStreamEncoder:
    """Encodes one stream. Batches decoded from this dialect give their own wire event back."""

    __slots__ = ("_foreign", "_mirror", "_own")

    def __init__(self) -> None:
        self._mirror = Mirror()
        self._foreign: ForeignStream | None = None
        self._own = False
        """Whether the stream is known to be of this dialect."""

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return () if self._foreign is None else self._foreign.losses

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch."""
        if not self._own and self._foreign is None:
            self._choose(batch)
        if self._foreign is not None:
            return self._foreign.encode(batch)
        wire = batch.wire
        fields, form = (wire.fields, wire.form) if wire is not None and wire.dialect == NAME else (NOTHING, ())
        if "data=raw" in form:
            return (_event(fields["data"], None, form),)
        kind = marked(form, "type=")
        if kind is None:
            kind = next((_USUAL[type(each)] for each in batch.events if type(each) in _USUAL), None)
        return () if kind is None else (self._written(kind, batch, fields, form),)

    def _choose(self, batch: Batch) -> None:
        """Tell from the first batches whose stream it is."""
        start = next((event for event in batch.events if isinstance(event, ResponseStart)), None)
        wire = batch.wire if start is None else start.wire
        if wire is not None and wire.dialect == NAME:
            self._own = True
        elif start is not None or wire is not None:
            self._foreign = ForeignStream()

    def _written(self, kind: str, batch: Batch, fields: JsonMapping, form: tuple[str, ...]) -> WireEvent:
        mirror = self._mirror
        if fields:
            mirror.go(fields)
        data = restore(predict(mirror, kind, batch.events), fields, form)
        mirror.observe(kind, data)
        return _event(data, kind, form)

    def finish(self) -> tuple[WireEvent, ...]:
        """What ends the stream of another dialect. One of this dialect has said it all."""
        return () if self._foreign is None else self._foreign.finish()


def _event(data: Any, kind: str | None, form: tuple[str, ...]) -> WireEvent:
    """The wire event, under the name that it had."""
    name = marked(form, "event=")
    if name is None and UNNAMED not in form:
        name = kind
    return WireEvent(data=data, event=name, id=marked(form, "id="))
