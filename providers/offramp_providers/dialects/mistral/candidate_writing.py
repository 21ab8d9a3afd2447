"""One candidate of a stream while it is written: what stands in the delta of the next chunk."""

from typing import Any

from offramp.types import (
    ArgumentsDelta,
    Citation,
    CitationDelta,
    JsonObject,
    OpaqueDelta,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Text,
    TextDelta,
    ToolCall,
    Unknown,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chunk_candidates import CandidateWriting, PartEvent
from offramp_providers.dialects.mistral.calls import UNTYPED, spelled_arguments
from offramp_providers.dialects.mistral.candidate_reading import LISTED, NO_INDEX, RAW_CONTENT, TEMPLATE
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.parts import is_reference
from offramp_providers.dialects.mistral.thinking import thinking_of
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.stream_losses import StreamLosses


class MistralCandidateWriting(CandidateWriting):
    """What one answer of a stream has been given to say."""

    dialect = NAME
    __slots__ = ("last",)

    def __init__(self, number: int, losses: StreamLosses) -> None:
        super().__init__(number, TEMPLATE, losses)
        self.last: tuple[str, int] = ("", -1)
        """What was said last: text, thinking or something else; and of which part."""

    def take(self, form: tuple[str, ...], place: str) -> JsonObject:
        """The delta, with its texts in one string where nothing else stands among them."""
        delta = super().take(form, place)
        chunks: Any = delta.get("content")
        if f"{place}{RAW_CONTENT}" in form:
            delta.pop("content", None)
        elif is_list(chunks) and f"{place}{LISTED}" not in form and all(_is_text(chunk) for chunk in chunks):
            delta["content"] = "".join(chunk["text"] for chunk in chunks)
        return delta

    def goes_on(self, index: int) -> bool:
        return self.last == ("text", index)

    def add(self, event: PartEvent, *, native: bool) -> None:
        if event.index in self.lost:
            return
        match event:
            case TextDelta() | ReasoningDelta() | RefusalDelta():
                self._add_text(event, native=native)
            case ArgumentsDelta(text=text):
                self._add_arguments(event.index, text)
            case PartStart():
                self._start(event, native=native)
            case PartEnd():
                self._end(event, native=native)
            case CitationDelta(citation=citation):
                self._add_citation(event.index, citation)
            case OpaqueDelta():
                if not native:
                    self.lose("opaque.foreign", event.index, ".opaque")

    def _add_text(self, event: TextDelta | ReasoningDelta | RefusalDelta, *, native: bool) -> None:
        if isinstance(event, ReasoningDelta) and event.summary is not None:
            self.lose("reasoning.foreign", event.index, ".summary")
        elif isinstance(event, ReasoningDelta):
            if event.text or native:
                self._think(event.index, event.text)
        else:
            self._say(event.index, event.text)

    def _say(self, index: int, text: str) -> None:
        if text:
            self._speak("text", index)
        self._append({"type": "text", "text": text})

    def _think(self, index: int, text: str) -> None:
        if text:
            self._speak("thinking", index)
        self._append({"type": "thinking", "thinking": thinking_of(text) if text else []})

    def _speak(self, kind: str, index: int) -> None:
        """Note that a part says something; next to another of its kind, a reader takes both for one."""
        if self.last[0] == kind and self.last[1] != index:
            self.lose("text.joined", index)
        self.last = kind, index
        self.spoken.add(index)

    def _append(self, chunk: JsonObject) -> None:
        held: Any = self.delta.get("content")
        self.delta["content"] = [*held, chunk] if is_list(held) else [chunk]

    def _add_citation(self, index: int, citation: Citation) -> None:
        if is_reference(citation):
            self.last = "reference", index
            self._append(citation.raw)
        else:
            self.lose("citations", index, ".citations")

    def _start(self, event: PartStart, *, native: bool) -> None:
        part, index = event.part, event.index
        self.parts[index] = part
        self.lose_marks(index, part)
        if isinstance(part, Reasoning) and part.summary is not None:
            self.lose("reasoning.foreign", index, ".summary")
        match part:
            case ToolCall(executor="client"):
                self._start_call(index, part, native=native)
            case Text(text=text):
                self._begin(index, text)
                for citation in part.citations:
                    self._add_citation(index, citation)
            case Refusal(text=text):
                self.lose("refusal.rewritten", index)
                self._begin(index, text)
            case Reasoning(text=text):
                if text:
                    self._think(index, text)
            case Unknown(raw=raw) if native and part.dialect == NAME:
                self.last = "part", index
                self.spoken.add(index)
                self._append(raw)
            case _ if native:
                self.lost.add(index)
            case _:
                self.lose_part(index, part)

    def _begin(self, index: int, text: str) -> None:
        if text:
            self._say(index, text)

    def _start_call(self, index: int, call: ToolCall, *, native: bool) -> None:
        own = call.wire if call.wire is not None and call.wire.dialect == NAME else None
        fields, form = (own.fields, own.form) if own is not None else ({}, ())
        self.calls[index] = number = fields.get("index", len(self.calls))
        self.current = index
        self.last = "call", index
        arguments = call.arguments_json
        if not native and not arguments:
            self.silent.add(index)
            arguments = ""
        function: JsonObject = {"name": call.name}
        if arguments is not None:
            function["arguments"] = spelled_arguments(arguments, form)
        item: JsonObject = {"id": call.call_id, "function": function}
        if UNTYPED not in form:
            item["type"] = "function"
        if NO_INDEX not in form:
            item["index"] = number
        self.delta.setdefault("tool_calls", []).append(under(fields, item))

    def _add_arguments(self, index: int, text: str) -> None:
        if text:
            self.silent.discard(index)
        items: list[Any] = self.delta.setdefault("tool_calls", [])
        if self.current == index:
            function = items[-1]["function"]
            function["arguments"] = function.get("arguments", "") + text
        else:
            items.append({"index": self.calls.get(index, index), "function": {"arguments": text}})
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


def _is_text(chunk: Any) -> bool:
    return is_object(chunk) and chunk.get("type") == "text" and len(chunk) == 2
