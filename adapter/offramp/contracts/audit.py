"""The seam of the decision log: what is recorded, and the one method that records it."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, field
from functools import lru_cache
from typing import Literal, Protocol, TypeAlias

from offramp.contracts.policy import Reason
from offramp.types import Identity, value

RecordKind: TypeAlias = Literal[
    "opened",
    "decision",
    "sent",
    "outcome",
    "losses",
    "failure",
    "order",
    "cut",
    "acknowledged",
    "fallback",
    "handoff",
    "tool_start",
    "tool_end",
    "waiver",
    "checkpoint",
    "closed",
]

Detail: TypeAlias = str | int | float | bool | None
"""A code, an id or a measurement. Text with white space in it is refused: the log holds no content."""


@value
class Entry:
    """One thing worth recording. Codes and ids only; never a prompt, an answer, a tool's text or a secret."""

    kind: RecordKind
    _: KW_ONLY
    mission: str | None = None
    endpoint: str | None = None
    identity: Identity | None = None
    allowed: bool | None = None
    """The decision; None where the entry is none."""
    reasons: tuple[str, ...] = ()
    """Codes of what it rests on, such as `floor:E1:forbid`."""
    digests: tuple[str, ...] = ()
    """SHA-256 of each contract that was read."""
    epoch: int | None = None
    """Epoch of permission at this instant."""
    call_id: str | None = None
    detail: Mapping[str, Detail] = field(default_factory=dict[str, Detail])


class DecisionRecorder(Protocol):
    """Whatever records entries, in order."""

    def append(self, entry: Entry) -> None:
        """Record it. When this returns, the entry has left the process.

        Raises:
            StateError: it could not be recorded. What it stands for must not be done.
            ConfigurationError: it holds what does not belong into the log.
        """
        ...


def reason_code(reason: Reason) -> str:
    """A ground of a decision in one word: layer, clause, effect."""
    return _code_of(reason.layer, reason.clause, reason.effect)


@lru_cache(maxsize=1024)
def _code_of(layer: str, clause: str | None, effect: str) -> str:
    return f"{layer}:{'_'.join((clause or '-').split())}:{effect}"
