"""One candidate of a stream of chunks: what it has said so far, while it is read and while it is written."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonObject,
    OpaqueDelta,
    Outcome,
    Part,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    TextDelta,
    ToolCall,
)
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.stream_losses import StreamLosses, part_path

RAW_CALLS = "calls=raw"
"""Marks a chunk's calls that our events cannot spell exactly: they stand raw beside their events."""

PartEvent = (
    PartStart | PartEnd | TextDelta | ReasoningDelta | RefusalDelta | ArgumentsDelta | CitationDelta | OpaqueDelta
)


class CandidateReading(ABC):
    """What one answer of a stream has said so far."""

    __slots__ = ("by_wire", "called", "count", "ended", "number", "open", "open_kind", "rest")

    def __init__(self, number: int, template: JsonObject) -> None:
        self.number = number
        self.rest = {"index": number, **template}
        """The choice as it last stood, without its delta."""
        self.open: int | None = None
        self.open_kind = ""
        self.count = 0
        """Parts so far."""
        self.by_wire: dict[int, tuple[int, str]] = {}
        """Calls by their index on the wire: index of the part, and the id."""
        self.called = False
        self.ended = False

    @abstractmethod
    def read(self, delta: JsonObject, events: list[Event], place: str, form: list[str]) -> JsonObject:
        """Turn a delta into events; returns what of it they do not say."""

    @abstractmethod
    def outcome(self, raw: str) -> Outcome:
        """Our kind beside the vendor's word."""

    @abstractmethod
    def read_call(self, call: JsonObject, index: Any, events: list[Event]) -> bool:
        """Turn one call of a delta into events; returns whether they spell it exactly."""

    def end(self, raw: str, events: list[Event]) -> None:
        """The vendor said why it stopped."""
        self.close(events)
        self.ended = True
        events.append(ResponseEnd(self.outcome(raw), candidate=self.number))

    def close(self, events: list[Event]) -> None:
        """The open part is over."""
        if self.open is not None:
            events.append(PartEnd(self.open, candidate=self.number, synthetic=True))
            self.open, self.open_kind = None, ""

    def opened(self, kind: str, part: Part, events: list[Event], *, synthetic: bool = True) -> None:
        """Open a part of this kind, unless it is the one that is open."""
        if self.open_kind == kind:
            return
        self.close(events)
        self.open, self.open_kind = self.count, kind
        self.count += 1
        events.append(PartStart(self.open, part, candidate=self.number, synthetic=synthetic))

    def read_calls(self, left: JsonObject, events: list[Event], place: str, form: list[str]) -> None:
        """Take the calls out of a delta; those that our events cannot spell stay, beside their events."""
        calls: Any = left["tool_calls"]
        if not is_list(calls) or not calls:
            return
        indices = [call.get("index") if is_object(call) else None for call in calls]
        exact = len(calls) == 1 or len(set(map(repr, indices))) == len(indices)
        for call, index in zip(calls, indices, strict=True):
            exact &= is_object(call) and self.read_call(call, index, events)
        if exact:
            del left["tool_calls"]
        else:
            form.append(f"{place}{RAW_CALLS}")

    def start_call(self, call: ToolCall, arguments: str | None, events: list[Event]) -> None:
        """A call begins, with what there is of its arguments."""
        self.called = True
        self.opened(f"call {self.count}", call, events, synthetic=False)
        if arguments:
            events.append(ArgumentsDelta(self.count - 1, arguments, candidate=self.number))


class CandidateWriting(ABC):
    """What one answer of a stream has been given to say."""

    dialect: ClassVar[str]
    """Its dialect, whose residue it replays."""

    __slots__ = ("calls", "current", "delta", "losses", "lost", "number", "parts", "rest", "silent", "spoken", "told")

    def __init__(self, number: int, template: JsonObject, losses: StreamLosses) -> None:
        self.number = number
        self.rest = {"index": number, **template}
        """The choice as it last stood, without its delta."""
        self.delta: JsonObject = {}
        """What the next chunk says."""
        self.parts: dict[int, Part] = {}
        self.calls: dict[int, int] = {}
        """Calls by the index of their part: their index on the wire."""
        self.told: dict[str, int] = {}
        """The part that each field of the message began with."""
        self.spoken: set[int] = set()
        """Parts that have said a word."""
        self.silent: set[int] = set()
        """Calls that have had no arguments so far."""
        self.lost: set[int] = set()
        """Parts that cannot be said, and are named as lost."""
        self.current: int | None = None
        """The part of the last call in the delta."""
        self.losses = losses

    @abstractmethod
    def add(self, event: PartEvent, *, native: bool) -> None:
        """Say what the event says, or name its loss; `native`: the stream was read in this dialect."""

    def take(self, form: tuple[str, ...], place: str) -> JsonObject:
        """The delta that has been collected, less what stands raw beside it; the next one begins."""
        delta, self.delta, self.current = self.delta, {}, None
        if f"{place}{RAW_CALLS}" in form:
            delta.pop("tool_calls", None)
        return delta

    def goes_on(self, index: int) -> bool:  # noqa: ARG002  # what a dialect may narrow
        """Whether more text of this part is a plain text in the next delta, and nothing else."""
        return True

    def said(self) -> list[Part]:
        """The parts that stand on the wire so far."""
        return [part for index, part in self.parts.items() if index in self.spoken or index in self.calls]

    def lose(self, code: str, index: int, field: str = "") -> None:
        """Name a loss once."""
        self.losses.lose(code, f"{part_path(index, self.number)}{field}")

    def lose_part(self, index: int, part: Part) -> None:
        """Name a part that the dialect cannot say."""
        self.lost.add(index)
        self.losses.lose_part(part, part_path(index, self.number))

    def lose_marks(self, index: int, part: Part) -> None:
        """Name what a part of another dialect carries besides its content."""
        path = part_path(index, self.number)
        self.losses.lose_marks(part, path, replayed=self.dialect)
        self.losses.lose_category(part, path)
