"""What is known while the drill runs, from the workers' lines and the vendors' counters: for the view and the order."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from offramp.types import JsonObject
from offramp_conformance.drill.evidence import SeenOrder

State: TypeAlias = Literal[
    "waiting", "tools", "stream", "speaking", "structured", "refuse", "filter", "cut", "finished", "failed"
]
"""What a conversation is about: the kind of its turn, and of a stream whether text has come."""


@dataclass(slots=True)
class Progress:
    """The drill so far. It grows as lines and counters come in."""

    conversations: int
    turns: int
    phase: str = "starting"
    states: dict[str, State] = field(default_factory=dict[str, State])
    kinds: dict[tuple[str, int], State] = field(default_factory=dict[tuple[str, int], State])
    """What each turn is about, by conversation and number."""
    finished_turns: Counter[str] = field(default_factory=Counter[str])
    by_endpoint: Counter[str] = field(default_factory=Counter[str])
    """Turns that were answered, by endpoint."""
    cuts: int = 0
    tool_starts: int = 0
    first: JsonObject | None = None
    """The first vendor's sums; None where nobody counts."""
    second: JsonObject | None = None
    order: SeenOrder | None = None
    streaming_when_told: int | None = None

    def take(self, event: JsonObject) -> None:
        """Take in a worker's event."""
        name = event["conversation"]
        match event["kind"]:
            case "turn_start":
                self.states[name] = self.kinds.get((name, event["turn"]), "waiting")
            case "cut":
                self.states[name] = "cut"
                self.cuts += 1
            case "first_text" | "first_output":
                self.states[name] = "speaking"
            case "turn_end":
                self.finished_turns[name] += 1
                self.by_endpoint[event["endpoint"] or "unknown"] += 1
            case "finished" | "failed" as state:
                self.states[name] = state
            case _:
                self.states.setdefault(name, "waiting")

    @property
    def streaming(self) -> int:
        """Conversations with an open stream: by the vendors' counters, or by the workers' lines without these."""
        if self.first is None or self.second is None:
            return sum(state in ("stream", "speaking") for state in self.states.values())
        return int(self.first["streams_open"]) + int(self.second["streams_open"])

    @property
    def streaming_at_first(self) -> int:
        """As `streaming`, at the first vendor alone."""
        return self.streaming if self.first is None else int(self.first["streams_open"])

    @property
    def is_loaded(self) -> bool:
        """Whether everyone has a turn behind, and half of all stream at the first vendor, half of these in mid-text."""
        speaking = sum(state == "speaking" for state in self.states.values())
        return (
            self.has_history
            and 2 * self.streaming_at_first >= self.conversations
            and 4 * speaking >= self.conversations
        )

    @property
    def has_history(self) -> bool:
        """Whether every conversation has a turn behind it."""
        return len(self.finished_turns) >= self.conversations

    @property
    def over(self) -> bool:
        """Whether no conversation is left that could still go on."""
        ended = sum(state in ("finished", "failed") for state in self.states.values())
        return ended >= self.conversations
