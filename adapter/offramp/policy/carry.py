"""The carry-over layer: what the terms of an endpoint forbid, as contracts that bind wherever the work goes next.

What they are silent about is not carried over: a permit is each vendor's own to give.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from offramp.contracts.policy import Clause, ClauseException, Conditions, NotIn, PolicyContract
from offramp.contracts.uses import UNSTATED, Channel
from offramp.policy.position import Position
from offramp.policy.terms import Hit

_AUTHORITY: Final = "The organisation, by a waiver that names an authority, a reason and an end"
_LOOK_AGAIN: Final = timedelta(days=30)


def carry_over(position: Position, day: date) -> tuple[PolicyContract, ...]:
    """One contract for each document of the endpoint's own that forbids anything there. The floor binds anyway.

    Args:
        position: the endpoint that is left.
        day: from which on it binds, UTC.
    """
    documents = {(hit.terms.contract.name, hit.terms.contract.version): hit.terms.contract for hit in _own(position)}
    made = (_carried(contract, position, day) for contract in documents.values())
    return tuple(contract for contract in made if contract.clauses)


def _carried(contract: PolicyContract, position: Position, day: date) -> PolicyContract:
    clauses = (hit.row.clause for hit in _own(position) if hit.terms.contract is contract)
    here = (_at(clause, position.channel) for clause in clauses)
    return replace(
        contract,
        layer="carry-over",
        kind="carry-over",
        authority=_AUTHORITY,
        applies_to=(),
        effective=day,
        review_by=max(contract.review_by, day + _LOOK_AGAIN),
        valid_until=None,
        silence="deny",
        supersedes=(),
        carried_from=(f"endpoint:{position.name}",),
        clauses=tuple(clause for clause in here if clause is not None),
    )


def _own(position: Position) -> Iterator[Hit]:
    return (hit for hit in position.forbids if hit.terms.contract.layer not in ("floor", "carry-over"))


def _at(clause: Clause, channel: Channel | None) -> Clause | None:
    """The clause as it held where the endpoint was reached by this channel; None where it did not hold there.

    The next endpoint has a channel of its own, by which what held at the old one must not be judged.
    """
    if not _holds(clause.when.get("channel"), channel, unstated_meets=True):
        return None
    exceptions: list[ClauseException] = []
    for one in clause.exceptions:
        here = replace(one, when=_without_channel(one.when))
        if _holds(one.when.get("channel"), channel, unstated_meets=False) and here not in exceptions:
            exceptions.append(here)
    if any(not one.when and not one.needs and "*" in one.uses for one in exceptions):
        return None
    return replace(clause, when=_without_channel(clause.when), exceptions=tuple(exceptions))


def _holds(condition: tuple[str, ...] | NotIn | None, channel: Channel | None, *, unstated_meets: bool) -> bool:
    if condition is None:
        return True
    if channel in (None, UNSTATED):
        return unstated_meets
    return channel not in condition.not_in if isinstance(condition, NotIn) else channel in condition


def _without_channel(when: Conditions) -> Conditions:
    return {facet: one for facet, one in when.items() if facet != "channel"}
