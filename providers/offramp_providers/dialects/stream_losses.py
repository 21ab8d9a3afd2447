"""Collects what a stream could not say, each loss once, by the path that it has in the answer as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from offramp.types import Batch, Event, Loss, Outcome, Part, Refusal, Text, Usage, Wire
from offramp_providers.dialects.losses import loss_at

_PARTS: Final[Mapping[str, str]] = {
    "reasoning": "reasoning.foreign",
    "redacted_reasoning": "reasoning.foreign",
    "tool_call": "vendor_tool",
    "tool_result": "vendor_tool",
    "media": "media.unsupported",
    "compaction": "compaction",
    "unknown": "unknown_part",
}
"""The loss of each part type that another dialect's answer may hold and a stream cannot."""


def part_path(index: int, candidate: int = 0) -> str:
    """Where a part stands in the response that the stream amounts to."""
    message = f"alternatives[{candidate - 1}].message" if candidate else "message"
    return f"{message}.parts[{index}]"


class StreamLosses:
    """The losses of one stream so far."""

    __slots__ = ("_losses",)

    def __init__(self) -> None:
        self._losses: dict[tuple[str, str], Loss] = {}

    def all(self) -> tuple[Loss, ...]:
        """In the order in which they were met."""
        return tuple(self._losses.values())

    def lose(self, code: str, path: str, *, node: object = None) -> None:
        """Note a loss: a key of `LOSSES`, where it stands in the answer, and what it was."""
        self._losses.setdefault((code, path), loss_at(code, path, node=node))

    def lose_wire(self, path: str, wire: Wire | None) -> None:
        """Note every key of residue that is not replayed. An explicit null is none."""
        for key, content in (wire.fields if wire is not None else {}).items():
            if content is not None:
                self.lose("vendor_field", f"{path}.fields.{key}")

    def lose_within(self, path: str, losses: Iterable[Loss]) -> None:
        """Note losses whose paths begin at a value that stands at this path."""
        for loss in losses:
            whole = f"{path}.{loss.path}" if loss.path else path
            self._losses.setdefault((loss.code, whole), replace(loss, path=whole))

    # What another dialect's stream holds.

    def first_answer(self, batch: Batch) -> Iterator[Event]:
        """The events of the batch, where one answer is all that the dialect carries; what else there is is named."""
        self.lose_wire("wire", batch.wire)
        for event in batch.events:
            if getattr(event, "candidate", 0) != 0:
                self.lose("alternatives", "alternatives")
            else:
                yield event

    def lose_part(self, part: Part, path: str) -> None:
        """Note a part that the dialect's streams cannot hold."""
        self.lose(_PARTS[part.type], path, node=part)

    def lose_marks(self, part: Part, path: str, *, replayed: str = "") -> None:
        """Note what a part carries besides its content. The residue of a dialect that is `replayed` is not lost."""
        if part.wire is not None and part.wire.dialect != replayed:
            self.lose_wire(f"{path}.wire", part.wire)
        if part.opaque:
            self.lose("opaque.foreign", f"{path}.opaque")
        if part.cache is not None:
            self.lose("cache", f"{path}.cache")

    def lose_ending(self, outcome: Outcome | None, usage: Usage) -> None:
        """Note what was known of the ending where an error is the last word, with no place behind it."""
        if outcome is not None:
            self.lose("outcome.rewritten", "outcome.kind")
        if usage != Usage():
            self.lose("usage", "usage")

    def lose_citations(self, part: Part, path: str) -> None:
        """Note a text's citations."""
        if isinstance(part, Text) and part.citations:
            self.lose("citations", f"{path}.citations")

    def lose_refusal(self, part: Part, path: str) -> None:
        """Note that a refusal is said as text, which has no category."""
        if isinstance(part, Refusal):
            self.lose("refusal.rewritten", path)
            self.lose_category(part, path)

    def lose_category(self, part: Part, path: str) -> None:
        """Note the category of a refusal."""
        if isinstance(part, Refusal) and part.category is not None:
            self.lose("refusal.category", f"{path}.category")
