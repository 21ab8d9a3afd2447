"""The seam of the decision log: what is recorded, and the one method that records it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, Protocol, TypeAlias

from offramp.contracts.oversight import OversightNeed
from offramp.contracts.policy import Decision, Reason
from offramp.contracts.remembered import Remembered
from offramp.types import Identity, Loss, Severity, value

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
    "policy",
    "approval",
    "ruling",
    "supervision",
    "alarm",
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

    def append(self, *entries: Entry) -> None:
        """Record them, behind all that was deferred. When this returns, all of it has left the process; else none has.

        Raises:
            StateError: it could not be recorded. What it stands for must not be done.
            ConfigurationError: it holds what does not belong into the log.
        """
        ...

    def defer(self, entry: Entry) -> None:
        """Record it with the next entry, and at the latest when the next turn of the event loop ends.

        For what an `append` will follow before anything is done on its strength, and for what has already happened.

        Raises:
            StateError, ConfigurationError: as `append`.
        """
        ...


def _codes_of(reasons: Sequence[Reason]) -> tuple[str, ...]:
    return tuple(f"{one.layer}:{'_'.join((one.clause or '-').split())}:{one.effect}" for one in reasons)


_codes: Final = Remembered(_codes_of)


def reason_codes(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """The grounds of a decision in one word each: layer, clause, effect. The same object for the same grounds."""
    return _codes.of(reasons)


def decision_entry(
    decision: Decision, *, identity: Identity, call_id: str | None, epoch: int | None, losses: Sequence[Loss] = ()
) -> Entry:
    """A policy decision, what the call would lose, and what must stand in the log before the send."""
    detail = loss_counts(losses)
    if decision.unreviewed or decision.unsigned or decision.oversight:
        detail = _with_provisos.of(detail, decision.unreviewed, decision.unsigned, decision.oversight)
    return Entry(
        "decision",
        mission=decision.mission,
        endpoint=identity.endpoint,
        identity=identity,
        allowed=decision.allowed,
        reasons=reason_codes(decision.reasons),
        digests=decision.digests,
        epoch=epoch,
        call_id=call_id,
        detail=detail,
    )


def _and_provisos(
    detail: Mapping[str, Detail],
    unreviewed: bool,  # noqa: FBT001  # what is remembered is found by position
    unsigned: bool,  # noqa: FBT001  # as above
    oversight: Sequence[OversightNeed],
) -> Mapping[str, Detail]:
    """And under what a decision stands: nobody's review or signature, so many approvals, somebody who supervises."""
    provisos: dict[str, Detail] = {
        "unreviewed": unreviewed,
        "unsigned": unsigned,
        "approvals": len({need.role for need in oversight if need.level == "approve"}),
        "supervisors": sum(need.level == "supervise" for need in oversight),
    }
    return MappingProxyType({**detail, **{name: held for name, held in provisos.items() if held}})


_with_provisos: Final = Remembered(_and_provisos)


def loss_counts(losses: Sequence[Loss]) -> Mapping[str, Detail]:
    """Losses by code and severity. The same object for the same losses: most calls lose the same as the call before."""
    return _counted(tuple([(loss.code, int(loss.severity)) for loss in losses])) if losses else _NOTHING


@lru_cache(maxsize=1024)
def _counted(losses: tuple[tuple[str, int], ...]) -> Mapping[str, Detail]:
    counts = Counter(f"loss:{code}:{Severity(severity).word}" for code, severity in losses)
    return MappingProxyType(dict[str, Detail](counts))


_NOTHING: Final[Mapping[str, Detail]] = MappingProxyType({})
