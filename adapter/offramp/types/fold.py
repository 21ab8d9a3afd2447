"""Fold the events of a streamed answer into the response that they amount to.

An outcome is never invented: what ended without one is told apart by `ended`, and by the message's status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias, assert_never

from offramp.errors import ProviderError
from offramp.types.events import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    KeepAlive,
    OpaqueDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    UsageUpdate,
)
from offramp.types.identity import Origin
from offramp.types.losses import Loss
from offramp.types.messages import Message, MessageStatus
from offramp.types.parts import Citation, Compaction, Part, Reasoning, Refusal, Text, ToolCall
from offramp.types.provenance import Opaque, Wire
from offramp.types.responses import Alternative, AnyResponse, Outcome, OutcomeKind, Response, Usage

_Delta: TypeAlias = TextDelta | ReasoningDelta | RefusalDelta | ArgumentsDelta

_TAKES: Final[Mapping[type[_Delta], tuple[type[Part], ...]]] = {
    TextDelta: (Text, Compaction),
    ReasoningDelta: (Reasoning,),
    RefusalDelta: (Refusal,),
    ArgumentsDelta: (ToolCall,),
}
"""Which parts each delta can complete."""

_STOPPED_EARLY: Final = (  # no set: to find a member of an enum by its hash takes longer than to compare six
    OutcomeKind.MAX_OUTPUT,
    OutcomeKind.CONTEXT_EXCEEDED,
    OutcomeKind.CONTENT_FILTER,
    OutcomeKind.PAUSED,
    OutcomeKind.CANCELLED,
    OutcomeKind.ERROR,
)


def status_of(outcome: Outcome) -> MessageStatus:
    """Whether a message with this outcome is whole, as far as the vendor says."""
    return "incomplete" if outcome.kind in _STOPPED_EARLY else "complete"


def merge_usage(earlier: Usage, later: Usage) -> Usage:
    """The later count where there is one, else the earlier; the vendors' own objects key by key."""
    raw = later.raw if earlier.raw is None or later.raw is None else {**earlier.raw, **later.raw}
    return Usage(
        input_tokens=_later(earlier.input_tokens, later.input_tokens),
        output_tokens=_later(earlier.output_tokens, later.output_tokens),
        cache_read_tokens=_later(earlier.cache_read_tokens, later.cache_read_tokens),
        cache_write_tokens=_later(earlier.cache_write_tokens, later.cache_write_tokens),
        reasoning_tokens=_later(earlier.reasoning_tokens, later.reasoning_tokens),
        raw=earlier.raw if raw is None else raw,
    )


def _later(earlier: int | None, later: int | None) -> int | None:
    return earlier if later is None else later


class _OpenPart:
    """A part while its deltas arrive."""

    __slots__ = ("citations", "first", "opaque", "pieces", "summary")

    def __init__(self, first: Part) -> None:
        self.first = first
        self.pieces: list[str] = []
        self.citations: list[Citation] = []
        self.opaque: list[Opaque] = []
        self.summary: list[list[str]] = []

    def add_summary(self, place: int, text: str) -> None:
        """More of one piece of a reasoning's summary."""
        while len(self.summary) <= place:
            self.summary.append([])
        self.summary[place].append(text)

    def part(self) -> Part:
        """The part as it stands."""
        first = self._with_pieces()
        if self.opaque:
            first = replace(first, opaque=_joined((*first.opaque, *self.opaque)))
        if self.citations and isinstance(first, Text):
            first = replace(first, citations=(*first.citations, *self.citations))
        if self.summary and isinstance(first, Reasoning):
            first = replace(first, summary=(*(first.summary or ()), *("".join(piece) for piece in self.summary)))
        return first

    def _with_pieces(self) -> Part:
        if not self.pieces:
            return self.first
        text = "".join(self.pieces)
        match self.first:
            case Text() | Refusal() as part:
                return replace(part, text=part.text + text)
            case Reasoning() | Compaction() as part:
                return replace(part, text=(part.text or "") + text)
            case ToolCall() as part:
                return replace(part, arguments_json=(part.arguments_json or "") + text)
            case part:
                return part


def _joined(pieces: Sequence[Opaque]) -> tuple[Opaque, ...]:
    """Pieces of one kind as one, in order of first appearance."""
    of_kind: dict[str, list[Opaque]] = {}
    for piece in pieces:
        of_kind.setdefault(piece.kind, []).append(piece)
    return tuple(replace(group[0], data="".join(piece.data for piece in group)) for group in of_kind.values())


class _Answer:
    """One candidate while it arrives."""

    __slots__ = ("by_index", "outcome", "parts")

    def __init__(self) -> None:
        self.parts: list[_OpenPart] = []
        self.by_index: dict[int, _OpenPart] = {}
        self.outcome: Outcome | None = None

    def open(self, index: int, part: Part) -> _OpenPart:
        """Begin a part; what stood under the same index is complete."""
        opened = self.by_index[index] = _OpenPart(part)
        self.parts.append(opened)
        return opened

    def message(self, origin: Origin | None, status: MessageStatus) -> Message:
        """The message as it stands."""
        return Message("assistant", tuple(opened.part() for opened in self.parts), origin=origin, status=status)


class Folder:
    """Collects a stream's events. What could not be folded is named in the response's `warnings`."""

    def __init__(self) -> None:
        self._first = _Answer()
        self._answers: dict[int, _Answer] = {0: self._first}
        self._origin: Origin | None = None
        self._usage = Usage()
        self._wire: Wire | None = None
        self._warnings: dict[str, None] = {}
        self.failure: ProviderError | None = None
        """Why the stream failed, where it did."""

    @property
    def ended(self) -> bool:
        """Whether the vendor said why it stopped, for every answer that it began."""
        return all(answer.outcome is not None for answer in self._answers.values())

    def add(self, item: Batch | Event) -> None:
        """Take in what one wire event meant, or a single event."""
        if not isinstance(item, Batch):
            self._add(item)
            return
        for event in item.events:
            if type(event) is KeepAlive and item.wire is not None and item.wire.fields:
                self._warn("a wire event that has no name here is not in the response")
            self._add(event)

    def response(self, losses: Sequence[Loss] = ()) -> AnyResponse:
        """The response so far; where the vendor gave no outcome, its kind is unknown and its message interrupted."""
        return self._response(tuple(losses), interrupted=False)

    def interrupted(self, losses: Sequence[Loss] = ()) -> AnyResponse:
        """What had arrived when the stream was cut off."""
        return self._response(tuple(losses), interrupted=True)

    def _add(self, event: Event) -> None:
        match event:
            case TextDelta() | ReasoningDelta() | RefusalDelta() | ArgumentsDelta():
                self._extend(event)
            case PartStart():
                self._answer(event.candidate).open(event.index, event.part)
            case OpaqueDelta():
                self._at(event, Reasoning()).opaque.append(event.opaque)
            case CitationDelta():
                self._at(event, Text("")).citations.append(event.citation)
            case UsageUpdate():
                self._usage = merge_usage(self._usage, event.usage)
            case ResponseStart():
                self._start(event)
            case ResponseEnd():
                self._answer(event.candidate).outcome = event.outcome
            case ResponseFailed():
                self.failure = event.error
            case PartEnd() | KeepAlive():
                pass
            case _:
                assert_never(event)

    def _start(self, event: ResponseStart) -> None:
        self._origin = event.origin or self._origin
        self._wire = event.wire or self._wire
        if event.usage is not None:
            self._usage = merge_usage(self._usage, event.usage)

    def _extend(self, event: _Delta) -> None:
        opened = self._at(event, _first_form(event))
        if not isinstance(opened.first, _TAKES[type(event)]):
            self._warn(f"a {event.type} for a part of type {opened.first.type} is not in the response")
        elif type(event) is ReasoningDelta and event.summary is not None:
            opened.add_summary(event.summary, event.text)
        else:
            opened.pieces.append(event.text)

    def _at(self, event: _Delta | OpaqueDelta | CitationDelta, otherwise: Part) -> _OpenPart:
        """The part that the event belongs to; one opens where the wire had opened none."""
        answer = self._first if event.candidate == 0 else self._answer(event.candidate)
        return answer.by_index.get(event.index) or answer.open(event.index, otherwise)

    def _answer(self, candidate: int) -> _Answer:
        answer = self._answers.get(candidate)
        if answer is None:
            answer = self._answers[candidate] = _Answer()
        return answer

    def _warn(self, text: str) -> None:
        self._warnings[text] = None

    def _response(self, losses: tuple[Loss, ...], *, interrupted: bool) -> AnyResponse:
        message, outcome = self._ending(self._first, interrupted=interrupted)
        others = [self._answers[candidate] for candidate in sorted(self._answers) if candidate != 0]
        return Response(
            message,
            outcome,
            usage=self._usage,
            origin=self._origin,
            alternatives=tuple(Alternative(*self._ending(each, interrupted=interrupted)) for each in others),
            losses=losses,
            warnings=tuple(self._warnings),
            wire=self._wire,
        )

    def _ending(self, answer: _Answer, *, interrupted: bool) -> tuple[Message, Outcome]:
        outcome = answer.outcome
        if outcome is not None and not interrupted:
            return answer.message(self._origin, status_of(outcome)), outcome
        kind = OutcomeKind.ERROR if self.failure is not None and self.failure.vendor_code else OutcomeKind.UNKNOWN
        return answer.message(self._origin, "interrupted"), outcome or Outcome(kind)


def _first_form(event: _Delta) -> Part:
    """The empty part that a delta implies."""
    match event:
        case TextDelta():
            return Text("")
        case ReasoningDelta():
            return Reasoning()
        case RefusalDelta():
            return Refusal("")
        case ArgumentsDelta():
            return ToolCall("", "", None)


def fold(batches: Sequence[Batch | Event]) -> AnyResponse:
    """The response that a whole stream amounts to."""
    folder = Folder()
    for each in batches:
        folder.add(each)
    return folder.response()
