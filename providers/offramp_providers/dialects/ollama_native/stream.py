"""Streams, each way: a line is a piece of the answer, and one line is one batch. The last says `done`."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import (
    Batch,
    Event,
    JsonObject,
    KeepAlive,
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
    UsageUpdate,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.ollama_native.calls import take_calls
from offramp_providers.dialects.ollama_native.content import take_content
from offramp_providers.dialects.ollama_native.encoding import residual
from offramp_providers.dialects.ollama_native.errors import decode_stream_error, is_error
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.outcomes import decode_outcome, take_word
from offramp_providers.dialects.ollama_native.reasoning import take_thinking
from offramp_providers.dialects.ollama_native.response import NO_MESSAGE, seed_of, served_origin, take_role
from offramp_providers.dialects.ollama_native.usage import take_usage
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_object, is_text

RAW_LINE: Final = "line=raw"
"""Marks a line that is no piece of the answer, kept whole under `data`."""
NO_MODEL: Final = "model=residue"
NO_FALSE: Final = "done=residue"
"""Marks a line before the last that does not say so."""


class OllamaStreamDecoder:
    """Decodes one stream."""

    __slots__ = ("_called", "_count", "_ended", "_failed", "_ids", "_issuer", "_model", "_open", "_spoken", "_started")

    def __init__(self, headers: Mapping[str, str], issuer: Origin) -> None:
        del headers  # None of them says anything about the answer itself.
        self._issuer = issuer
        self._ids = CallIds("")
        self._model: str | None = None
        self._open: type[Text] | type[Reasoning] | None = None
        """What the last part is, if more may be added to it."""
        self._count = 0
        self._started = self._spoken = self._called = self._ended = self._failed = False

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        data: Any = event.data
        if not is_object(data):
            return _kept(data, KeepAlive())
        if is_error(data):
            self._failed = True
            phase: Phase = "mid_stream" if self._spoken else "before_first_output"
            return _kept(data, ResponseFailed(decode_stream_error(data, phase)))
        left, marks = dict(data), list[str]()
        events: list[Event] = []
        self._read_model(left, data, events, marks)
        self._read_message(left, events, marks)
        usage = take_usage(left)
        if usage is not None:
            events.append(UsageUpdate(usage))
        self._read_end(left, events, marks)
        return Batch(tuple(events), wire=residual(left, marks))

    def finish(self) -> Batch:
        """Holds `ResponseFailed(stream_interrupted)` where no line said `done`; else nothing."""
        if self._failed or self._ended:
            return Batch(())
        self._failed = True
        error = ProviderError(
            "the stream ended without an outcome",
            kind=ProviderErrorKind.STREAM_INTERRUPTED,
            phase="mid_stream" if self._spoken else "before_first_output",
        )
        return Batch((ResponseFailed(error),))

    def _read_model(self, left: JsonObject, data: JsonObject, events: list[Event], marks: list[str]) -> None:
        model: Any = left.get("model")
        if is_text(model):
            del left["model"]
        else:
            marks.append(NO_MODEL)
            model = self._model
        if not self._started:
            self._ids.begin_turn(seed_of(data))
        if not self._started or model != self._model:
            # Also where another model takes over in mid-stream: who answered is checked.
            self._started, self._model = True, model
            events.append(ResponseStart(origin=served_origin(self._issuer, model, left), wire=Wire(dialect=NAME)))

    def _read_message(self, left: JsonObject, events: list[Event], marks: list[str]) -> None:
        message = take_object(left, "message")
        if message is None:
            marks.append(NO_MESSAGE)
            return
        take_role(message, marks)
        parts = [*take_thinking(message, marks), *take_content(message, marks)]
        for part in (*parts, *take_calls(message, self._ids, marks)):
            self._add(part, events)
        keep_rest(left, "message", message)

    def _add(self, part: Part, events: list[Event]) -> None:
        self._spoken = True
        self._called = self._called or is_call(part)
        if isinstance(part, Text):
            self._begin(Text, events)
            events.append(TextDelta(self._count - 1, part.text))
        elif isinstance(part, Reasoning):
            self._begin(Reasoning, events)
            events.append(ReasoningDelta(self._count - 1, part.text or ""))
        else:
            self._close(events)
            events += [PartStart(self._count, part), PartEnd(self._count)]
            self._count += 1

    def _begin(self, kind: type[Text] | type[Reasoning], events: list[Event]) -> None:
        """Open a part, unless the last one goes on."""
        if self._open is kind:
            return
        self._close(events)
        events.append(PartStart(self._count, kind(""), synthetic=True))
        self._open = kind
        self._count += 1

    def _close(self, events: list[Event]) -> None:
        if self._open is not None:
            events.append(PartEnd(self._count - 1, synthetic=True))
            self._open = None

    def _read_end(self, left: JsonObject, events: list[Event], marks: list[str]) -> None:
        if left.get("done") is not True:
            if left.get("done") is False:
                del left["done"]
            else:
                marks.append(NO_FALSE)
            return
        del left["done"]
        self._close(events)
        self._ended = True
        outcome = decode_outcome(take_word(left), empty=not self._spoken, called=self._called)
        events.append(ResponseEnd(outcome))


def _kept(data: Any, said: Event) -> Batch:
    """A line that is no piece of the answer, kept whole."""
    return Batch((said,), wire=Wire(dialect=NAME, fields={"data": data}, form=(RAW_LINE,)))
