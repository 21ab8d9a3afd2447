"""Decides a hand-off: it discloses a conversation's whole history, so every declaration behind it must allow it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from offramp.contracts.policy import Decision, Reason
from offramp.policy.decide import CompiledPolicy
from offramp.types import Identity

_NO_OTHERS: Final[Mapping[str, CompiledPolicy]] = {}


def decide_history(
    policy: CompiledPolicy,
    labels: Collection[str],
    identity: Identity,
    at: datetime,
    *,
    others: Mapping[str, CompiledPolicy] = _NO_OTHERS,
) -> Decision:
    """Whether a conversation may go to this endpoint, as a whole.

    Args:
        policy: of the mission that acts now. It is decided too, whatever the labels are.
        labels: of the history's turns (`CompiledPolicy.label` at the time), in any order.
        identity: the destination.
        at: now, with a time zone.
        others: the policies of other missions whose turns may be in the history, by mission.
    """
    decision = policy.decide(identity, at)
    for label in sorted(set(labels) - {policy.label}):
        decision = _both(decision, _decide_label(policy, label, identity, at, others=others))
    return decision


def _decide_label(
    policy: CompiledPolicy, label: str, identity: Identity, at: datetime, *, others: Mapping[str, CompiledPolicy]
) -> Decision:
    mission = label.rpartition("@")[0]
    owner = policy if mission == policy.mission else others.get(mission)
    if owner is not None and label == owner.label:
        return owner.decide(identity, at)
    if owner is not None and label in owner.former:
        return owner.former[label].decide(identity, at)
    return Decision(
        allowed=False,
        mission=policy.mission,
        endpoint=identity.endpoint,
        at=at,
        reasons=(
            Reason(
                layer="declaration",
                effect="missing",
                clause=None,
                text="Turns of this conversation were made under a declaration that is not known here.",
                mend="list the earlier declaration with the mission, or begin a new conversation",
            ),
        ),
    )


def _both(one: Decision, other: Decision) -> Decision:
    """Allowed where both are. The grounds are those of whichever denies, of both where both or none do."""
    reasons = [
        reason for part in (one, other) if part.allowed == (one.allowed and other.allowed) for reason in part.reasons
    ]
    return replace(
        one,
        allowed=one.allowed and other.allowed,
        reasons=tuple(reasons),
        digests=tuple(dict.fromkeys((*one.digests, *other.digests))),
        unreviewed=one.unreviewed or other.unreviewed,
        unsigned=one.unsigned or other.unsigned,
        oversight=(*one.oversight, *(need for need in other.oversight if need not in one.oversight)),
    )
