"""What a drill is told: how much work, for how long, between whom, and what is to be broken in it."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from offramp.types import value

Sabotage: TypeAlias = Literal[
    "gate-off",
    "tool-twice",
    "foreign-signature",
    "splice",
    "invented-end",
    "silent-loss",
    "retry-after-stop",
    "refusal-failover",
    "late-cut",
    "log-off",
]
SABOTAGES: Final[tuple[Sabotage, ...]] = get_args(Sabotage)

BREAKS: Final[Mapping[Sabotage, str]] = {
    "gate-off": "silence-after-stop",
    "tool-twice": "tools-once",
    "foreign-signature": "no-foreign-state",
    "splice": "nothing-spliced",
    "invented-end": "no-invented-end",
    "silent-loss": "every-loss-named",
    "retry-after-stop": "silence-after-stop",
    "refusal-failover": "refusals-stay",
    "late-cut": "cut-latency",
    "log-off": "decided-before-send",
}
"""The promise that each fault must break, by its id. It may break others too."""

MISSION: Final = "drill"
"""The mission's name in the deployment that the drill writes."""


@value
class OwnConfig:
    """Two endpoints of the user's own, in place of emulated vendors."""

    config: Path
    _: KW_ONLY
    first: str
    second: str


@value
class DrillSettings:
    """One drill."""

    _: KW_ONLY
    conversations: int = 24
    """How many run at once, over all workers."""
    workers: int = 2
    """Application processes."""
    seed: int = 7
    """The same seed asks the same questions and gets the same answers; the moments differ."""
    sabotage: Sabotage | None = None
    """A fault that is built into the workers, to show that it is found."""
    own: OwnConfig | None = None
    """None: two emulated vendors on this machine."""
    pace_s: float = 0.02
    """Mean pause of an emulated vendor between two events of a stream, in seconds."""
    words: int = 60
    """Length of a streamed answer of an emulated vendor, more or less."""
    load_limit_s: float = 20.0
    """How long to wait for the load before the order is given in any case."""
    limit_s: float = 120.0
    """When a drill that does not end is ended, in seconds from its start."""
    cut_limit_s: float = 1.0
    """How late after the order's commit a byte may reach the first vendor, in seconds."""

    @property
    def first(self) -> str:
        """The endpoint that is lost."""
        return self.own.first if self.own else "a"

    @property
    def second(self) -> str:
        """The endpoint that takes over."""
        return self.own.second if self.own else "b"

    @property
    def selector(self) -> str:
        """What the order names. Of a user's own endpoints only the one, in a state of the drill's own."""
        return f"endpoint:{self.own.first}" if self.own else "developer:acme"
