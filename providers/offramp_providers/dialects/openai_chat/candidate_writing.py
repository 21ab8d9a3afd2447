"""One candidate of a stream while it is written: what stands in the delta of the next chunk."""

from typing import Any

from offramp.types import (
    ArgumentsDelta,
    Citation,
    CitationDelta,
    JsonObject,
    OpaqueDelta,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Text,
    TextDelta,
    ToolCall,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chunk_candidates import CandidateWriting, PartEvent
from offramp_providers.dialects.openai_chat.calls import CUSTOM, FUNCTION_CALL, UNTYPED
from offramp_providers.dialects.openai_chat.candidate_reading import TEMPLATE
from offramp_providers.dialects.openai_chat.draft import REASONING_FIELDS
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.stream_losses import StreamLosses


class ChatCandidateWriting(CandidateWriting):
    """What one answer of a stream has been given to say."""

    dialect = NAME
    __slots__ = ()

    def __init__(self, number: int, losses: StreamLosses) -> None:
        super().__init__(number, TEMPLATE, losses)

    def add(self, event: PartEvent, *, native: bool) -> None:
        if event.index in self.lost:
            return
        match event:
            case TextDelta() | ReasoningDelta() | RefusalDelta():
                self._add_text(event)
            case ArgumentsDelta(text=text):
                self._add_arguments(event.index, text)
            case PartStart():
                self._start(event, native=native)
            case PartEnd():
                self._end(event, native=native)
            case CitationDelta(citation=citation):
                self._add_citation(event.index, citation)
            case OpaqueDelta():
                self.lose("opaque.foreign", event.index, ".opaque")

    def _add_text(self, event: TextDelta | ReasoningDelta | RefusalDelta) -> None:
        if isinstance(event, ReasoningDelta) and event.summary is not None:
            self.lose("reasoning.foreign", event.index, ".summary")
            return
        if event.text:
            self.spoken.add(event.index)
        match event:
            case TextDelta():
                self._append("content", event.text)
            case ReasoningDelta():
                self._append(self._reasoning_field(self.parts.get(event.index)), event.text)
            case RefusalDelta():
                self._append("refusal", event.text)

    def _add_citation(self, index: int, citation: Citation) -> None:
        if citation.dialect == NAME:
            self.delta.setdefault("annotations", []).append(citation.raw)
        else:
            self.lose("citations", index, ".citations")

    def _append(self, field: str, text: str) -> None:
        self.delta[field] = self.delta[field] + text if field in self.delta else text

    def _reasoning_field(self, part: Part | None) -> str:
        form = part.wire.form if part is not None and part.wire is not None and part.wire.dialect == NAME else ()
        return next((mark[10:] for mark in form if mark.startswith("reasoning=")), REASONING_FIELDS[0])

    def _start(self, event: PartStart, *, native: bool) -> None:
        part, index = event.part, event.index
        self.parts[index] = part
        self.lose_marks(index, part)
        match part:
            case ToolCall(executor="client"):
                self._start_call(index, part, native=native)
            case Text(text=text):
                self._begin("content", text, index)
            case Reasoning(text=text):
                self._begin(self._reasoning_field(part), text or "", index)
            case Refusal(text=text):
                self._begin("refusal", text, index)
            case _:
                self.lose_part(index, part)

    def _begin(self, field: str, text: str, index: int) -> None:
        """Write into a field of the message, which another part of the kind may have begun."""
        if self.told.get(field, index) in self.spoken - {index}:
            self.lose("text.joined", index)
        else:
            self.told[field] = index
        if text:
            self.spoken.add(index)
            self._append(field, text)

    def _start_call(self, index: int, call: ToolCall, *, native: bool) -> None:
        own = call.wire if call.wire is not None and call.wire.dialect == NAME else None
        fields, form = (own.fields, own.form) if own is not None else ({}, ())
        self.calls[index] = number = fields.get("index", len(self.calls))
        self.current = index
        if FUNCTION_CALL in form:
            self.delta["function_call"] = {"name": call.name, "arguments": call.arguments_json or ""}
            return
        arguments = call.arguments_json
        if not native and not arguments:
            self.silent.add(index)
            arguments = ""
        place, field = ("custom", "input") if CUSTOM in form else ("function", "arguments")
        inner: JsonObject = {"name": call.name} if arguments is None else {"name": call.name, field: arguments}
        item: JsonObject = {"index": number, "id": call.call_id, place: inner}
        if UNTYPED not in form:
            item["type"] = place
        self.delta.setdefault("tool_calls", []).append(under(fields, item))

    def _add_arguments(self, index: int, text: str) -> None:
        call = self.parts.get(index)
        form = call.wire.form if call is not None and call.wire is not None else ()
        if text:
            self.silent.discard(index)
        if FUNCTION_CALL in form:
            held = self.delta.setdefault("function_call", {})
            held["arguments"] = held.get("arguments", "") + text
            return
        place, field = ("custom", "input") if CUSTOM in form else ("function", "arguments")
        items: list[Any] = self.delta.setdefault("tool_calls", [])
        if self.current == index:
            inner = items[-1][place]
            inner[field] = inner.get(field, "") + text
        else:
            items.append({"index": self.calls.get(index, index), place: {field: text}})
            self.current = index

    def _end(self, event: PartEnd, *, native: bool) -> None:
        """Another dialect's call that is over without arguments gets the empty object, which this one requires.

        A part that is over without a word leaves no trace on this wire.
        """
        if event.index in self.silent and not event.synthetic:
            self.lose("arguments.injected", event.index, ".arguments_json")
            self._add_arguments(event.index, "{}")
        elif not native and event.index not in self.spoken and event.index not in self.calls:
            self.lose("text.empty", event.index)
