"""A stream of another dialect as this one: parts as they arrive, the outcome and the counts at the end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    JsonObject,
    KeepAlive,
    Loss,
    OpaqueDelta,
    Outcome,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
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
from offramp_providers.dialects.cohere_v2.encoding import NOBODY
from offramp_providers.dialects.cohere_v2.errors import encode_error_body
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.outcomes import encode_outcome, encode_usage
from offramp_providers.dialects.cohere_v2.response import UNKNOWN_ID, answering
from offramp_providers.dialects.cohere_v2.stream_events import DONE, NUMBER, Places, spelled
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.stream_losses import StreamLosses, part_path

_FIRST: Final[Mapping[type[Event], Text | Reasoning]] = {
    TextDelta: Text(""),
    RefusalDelta: Text(""),
    ReasoningDelta: Reasoning(""),
}
"""What a delta begins, where nothing has."""


class ForeignStream:
    """Writes a part when it says its first word, and a call at once. Parts keep their numbers, so they may mingle."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._places = Places()
        self._waiting: dict[int, Text | Reasoning] = {}
        """Texts that have begun, and have not said a word."""
        self._open: dict[int, bool] = {}
        """Parts on the wire, each with whether it is still open."""
        self._silent: set[int] = set()
        """Calls that have had no arguments so far."""
        self._unsaid: set[int] = set()
        """Parts that this stream cannot hold."""
        self._citations = 0
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
        return tuple(out)

    def finish(self) -> tuple[WireEvent, ...]:
        """What is still open, the outcome and the counts. Without an outcome: nothing, for nothing was said."""
        out: list[WireEvent] = []
        if self._stopped or not self._write_ending(out):
            return ()
        self._stopped = True
        return (*out, WireEvent(data=DONE))

    def _write_ending(self, out: list[WireEvent]) -> bool:
        """What is still open, the outcome and the counts, if there is an outcome."""
        if self._outcome is None:
            return False
        for index in list(self._open):
            self._close(index, out)
        for index, part in self._waiting.items():
            self._losses.lose("reasoning.foreign" if isinstance(part, Reasoning) else "text.empty", part_path(index))
        if self._usage.cache_write_tokens is not None:
            self._losses.lose("usage", "usage.cache_write_tokens")
        usage = encode_usage(self._usage, native=False)
        delta: JsonObject = {} if usage is None else {"usage": usage}
        word = self._word(self._outcome)
        if word is not None:
            delta["finish_reason"] = word
        out.append(WireEvent(data={"type": "message-end", "delta": delta}, event="message-end"))
        return True

    def _word(self, outcome: Outcome) -> str | None:
        encoding = answering(None, native=False)
        word = encode_outcome(encoding, outcome, [self._places.parts[index] for index in self._open])
        self._losses.lose_within("outcome", encoding.log.resolve(outcome))
        return word

    def _encode(self, event: Event, out: list[WireEvent]) -> None:  # noqa: C901  # one arm an event
        match event:
            case ResponseStart():
                self._start(event, out)
            case PartStart():
                self._begin(event.index, event.part, out)
            case TextDelta() | RefusalDelta() | ReasoningDelta() | ArgumentsDelta():
                self._extend(event, out)
            case PartEnd():
                self._close(event.index, out)
            case CitationDelta():
                self._cite(event, out)
            case OpaqueDelta():
                if event.index not in self._unsaid:
                    self._losses.lose("opaque.foreign", f"{part_path(event.index)}.opaque")
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._outcome = event.outcome
            case ResponseFailed():
                self._write_ending(out)
                self._stopped = True
                out.append(WireEvent(data=encode_error_body(event.error)))
            case KeepAlive():
                pass
            case _:
                assert_never(event)

    def _say(self, event: Event, out: list[WireEvent], *form: str) -> None:
        data = spelled(self._places, (event,), form)
        out.append(WireEvent(data=data, event=data["type"]))

    def _start(self, event: ResponseStart, out: list[WireEvent]) -> None:
        self._losses.lose_wire("wire", event.wire)
        self._usage = merge_usage(self._usage, event.usage or Usage())
        origin = event.origin or NOBODY
        if origin.model is not None:
            self._losses.lose("served_model", "origin.model")
        if origin.response_id is None:
            self._losses.lose("response_id.injected", "origin.response_id")
            origin = replace(origin, response_id=UNKNOWN_ID)
        self._say(ResponseStart(origin=origin), out)

    def _begin(self, index: int, part: Part, out: list[WireEvent]) -> None:
        path = part_path(index)
        if not (isinstance(part, Text | Refusal | Reasoning) or is_call(part)):
            self._losses.lose_part(part, path)
            self._unsaid.add(index)
            return
        self._losses.lose_marks(part, path)
        self._losses.lose_refusal(part, path)
        if isinstance(part, ToolCall):
            self._open_call(index, part, out)
        elif isinstance(part, Reasoning):
            if part.summary is not None:
                self._losses.lose("reasoning.foreign", f"{path}.summary")
            self._wait(index, Reasoning(""), part.text, out)
        else:
            self._wait(index, Text(""), part.text, out)
            for citation in part.citations if isinstance(part, Text) else ():
                self._cite(CitationDelta(index, citation), out)

    def _open_call(self, index: int, part: ToolCall, out: list[WireEvent]) -> None:
        call = ToolCall(part.call_id, part.name, "")
        self._places.open(index, call)
        self._open[index] = True
        self._silent.add(index)
        self._say(PartStart(index, call), out)
        if part.arguments_json:
            self._extend(ArgumentsDelta(index, part.arguments_json), out)

    def _wait(self, index: int, part: Text | Reasoning, first: str | None, out: list[WireEvent]) -> None:
        self._waiting[index] = part
        if first:
            self._extend(ReasoningDelta(index, first) if isinstance(part, Reasoning) else TextDelta(index, first), out)

    def _extend(self, event: TextDelta | RefusalDelta | ReasoningDelta | ArgumentsDelta, out: list[WireEvent]) -> None:
        if event.index in self._unsaid or not event.text:
            return
        if isinstance(event, ReasoningDelta) and event.summary is not None:
            self._losses.lose("reasoning.foreign", f"{part_path(event.index)}.summary")
            return
        if event.index not in self._open:
            first = self._waiting.pop(event.index, None) or _FIRST.get(type(event))
            if first is None:
                return
            self._places.open(event.index, first)
            self._open[event.index] = True
            self._say(PartStart(event.index, first), out)
        self._silent.discard(event.index)
        self._say(TextDelta(event.index, event.text) if isinstance(event, RefusalDelta) else event, out)

    def _cite(self, event: CitationDelta, out: list[WireEvent]) -> None:
        """The answerer's own citation, which another of its texts may hold as well; another dialect's is lost."""
        if event.index in self._unsaid:
            return
        if event.citation.dialect != NAME or event.index not in self._open:
            self._losses.lose("citations", f"{part_path(event.index)}.citations")
            return
        number, self._citations = self._citations, self._citations + 1
        self._say(event, out, f"{NUMBER}{number}")
        end: JsonObject = {"type": "citation-end", "index": number}
        out.append(WireEvent(data=end, event="citation-end"))

    def _close(self, index: int, out: list[WireEvent]) -> None:
        if not self._open.get(index):
            return
        if index in self._silent:
            self._losses.lose("arguments.injected", f"{part_path(index)}.arguments_json")
            self._extend(ArgumentsDelta(index, "{}"), out)
        self._open[index] = False
        self._say(PartEnd(index), out)
