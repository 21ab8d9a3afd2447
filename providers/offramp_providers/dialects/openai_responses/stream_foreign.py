"""A stream of another dialect as this one: items as their parts arrive, closed in the end and told again whole."""

from collections.abc import Mapping
from typing import Any, Final, assert_never

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
from offramp_providers.dialects.openai_responses.errors import encode_stream_error
from offramp_providers.dialects.openai_responses.items import decode_items
from offramp_providers.dialects.openai_responses.outcomes import encode_outcome, encode_usage
from offramp_providers.dialects.openai_responses.response import ENVELOPE, NOBODY, answering
from offramp_providers.dialects.openai_responses.stream_open import OpenItem
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.stream_losses import StreamLosses, part_path

_FIRST: Final[Mapping[type[Event], Part]] = {
    TextDelta: Text(""),
    RefusalDelta: Refusal(""),
    ReasoningDelta: Reasoning(),
}
"""What a delta begins."""


class ForeignStream:
    """Writes an item as it begins and grows. Neighbouring texts are one message."""

    def __init__(self) -> None:
        self._losses = StreamLosses()
        self._items: list[OpenItem] = []
        self._places: dict[int, tuple[OpenItem, int]] = {}
        """Where each part stands: its item, and its place in the item's content."""
        self._unsaid: set[int] = set()
        """Indexes of parts that this stream cannot hold."""
        self._silent: dict[int, tuple[str, str]] = {}
        """Parts that have had nothing so far of what they began with: the loss, if it stays so, and its field."""
        self._envelope: JsonObject = dict(ENVELOPE)
        self._sequence = -1
        self._usage = Usage()
        self._outcome: Outcome | None = None
        self._stopped = False

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        return self._losses.all()

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: any number."""
        out: list[JsonObject] = []
        for event in self._losses.first_answer(batch):
            if not self._stopped:
                self._encode(event, out)
        return self._numbered(out)

    def finish(self) -> tuple[WireEvent, ...]:
        """What is still open, the outcome and the counts. Without an outcome: nothing, for nothing was said."""
        if self._outcome is None or self._stopped:
            return ()
        self._stopped = True
        out: list[JsonObject] = []
        for item in self._items:
            item.close(out)
        items = [item.whole() for item in self._items]
        encoding = answering(None, native=False)
        ended = encode_outcome(encoding, self._outcome, decode_items(items, NOBODY), ())
        self._losses.lose_within("outcome", encoding.log.resolve(self._outcome))
        usage = encode_usage(self._usage, native=False)
        response = {**self._envelope, "output": items, **ended, "usage": usage}
        word = "completed" if ended["status"] == "completed" else "incomplete"
        out.append({"type": f"response.{word}", "response": response})
        return self._numbered(out)

    def _numbered(self, out: list[JsonObject]) -> tuple[WireEvent, ...]:
        events: list[WireEvent] = []
        for data in out:
            self._sequence += 1
            events.append(WireEvent(data={**data, "sequence_number": self._sequence}, event=data["type"]))
        return tuple(events)

    def _encode(self, event: Event, out: list[JsonObject]) -> None:  # one arm an event
        match event:
            case ResponseStart():
                self._start(event, out)
            case PartStart():
                self._open(event, out)
            case TextDelta() | RefusalDelta() | ArgumentsDelta() | ReasoningDelta():
                self._extend(event, out)
            case PartEnd():
                self._end(event.index, out)
            case CitationDelta() | OpaqueDelta():
                self._lose_detail(event)
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseEnd():
                self._outcome = event.outcome
            case ResponseFailed():
                self._fail(event, out)
            case KeepAlive():
                pass
            case _:
                assert_never(event)

    def _end(self, index: int, out: list[JsonObject]) -> None:
        if index in self._places:
            item, place = self._places[index]
            item.end(place, out)
        if index in self._silent:
            code, name = self._silent.pop(index)
            self._losses.lose(code, f"{part_path(index)}.{name}")

    def _fail(self, event: ResponseFailed, out: list[JsonObject]) -> None:
        self._stopped = True
        self._losses.lose_ending(self._outcome, self._usage)
        out.append(encode_stream_error(event.error))

    def _lose_detail(self, event: CitationDelta | OpaqueDelta) -> None:
        if event.index in self._places:
            code, name = (
                ("citations", "citations") if isinstance(event, CitationDelta) else ("opaque.foreign", "opaque")
            )
            self._losses.lose(code, f"{part_path(event.index)}.{name}")

    def _start(self, event: ResponseStart, out: list[JsonObject]) -> None:
        self._losses.lose_wire("wire", event.wire)
        self._usage = merge_usage(self._usage, event.usage or Usage())
        origin = event.origin
        response_id, model = (origin.response_id, origin.model) if origin is not None else (None, None)
        if response_id is None:
            self._losses.lose("response_id.injected", "origin.response_id")
        if model is None:
            self._losses.lose("envelope.injected", "origin.model")
        self._losses.lose("envelope.injected", "wire.fields.created_at")
        self._envelope |= {"id": response_id or "resp_unknown", "model": model or "unknown", "output": []}
        response = {**self._envelope, "status": "in_progress"}
        out += [{"type": f"response.{word}", "response": response} for word in ("created", "in_progress")]

    def _open(self, event: PartStart, out: list[JsonObject]) -> None:
        part, path = event.part, part_path(event.index)
        if not (isinstance(part, (Text, Refusal, Reasoning)) or is_call(part)):
            self._losses.lose_part(part, path)
            self._unsaid.add(event.index)
            return
        self._losses.lose_marks(part, path)
        self._losses.lose_citations(part, path)
        self._losses.lose_category(part, path)
        last = self._items[-1] if self._items else None
        if last is None or last.kind != "message" or not isinstance(part, (Text, Refusal)):
            if last is not None and last.kind == "message":
                last.close(out)
            last = OpenItem.of(part, len(self._items))
            self._losses.lose("envelope.injected", f"{path}.opaque")  # its id
            self._items.append(last)
            out.append(last.announced())
        self._places[event.index] = last, last.open(part, out)
        if isinstance(part, ToolCall) and part.arguments_json is None:
            self._silent[event.index] = "arguments.injected", "arguments_json"
        elif isinstance(part, Reasoning) and part.text == "":
            self._silent[event.index] = "text.empty", "text"
        self._begin(event.index, part, out)

    def _begin(self, index: int, part: Part, out: list[JsonObject]) -> None:
        """What the part begins with."""
        item, place = self._places[index]
        first: Any = part.arguments_json if isinstance(part, ToolCall) else getattr(part, "text", None)
        if first:
            item.extend(place, first, out)
        for piece, text in enumerate(part.summary or () if isinstance(part, Reasoning) else ()):
            item.extend(place, text, out, summary=piece)

    def _extend(self, event: TextDelta | RefusalDelta | ArgumentsDelta | ReasoningDelta, out: list[JsonObject]) -> None:
        first = _FIRST.get(type(event))
        if first is not None and event.index not in self._unsaid:
            known = self._places.get(event.index)
            if known is None or known[0].has_ended(known[1]):
                # It goes on after another part, or nobody had opened it: a part of its own.
                self._open(PartStart(event.index, first), out)
        if event.index not in self._places:
            return
        item, place = self._places[event.index]
        summary = event.summary if isinstance(event, ReasoningDelta) else None
        if summary is None:
            self._silent.pop(event.index, None)
        item.extend(place, event.text, out, summary=summary)
