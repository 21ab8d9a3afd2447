"""What documents say of every declaration, one by one, in arrays over the whole grid. It imports no policy code."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from offramp.contracts.policy import Clause, Conditions, NotIn, PolicyContract
from offramp.contracts.uses import FACETS

Marks: TypeAlias = npt.NDArray[np.bool_]
SHAPE = tuple(len(names) for names in FACETS.values())
EVERY = np.ones(SHAPE, bool)


def allowed(contract: PolicyContract, use: str) -> Marks:
    """For which declarations of one use, all evidence lacking, a text permits it and does not forbid it."""
    forbidden, permitted = ~EVERY, ~EVERY
    for clause in contract.clauses:
        if clause.effect == "forbid":
            forbidden |= reached(clause, use)
        elif not clause.needs:
            permitted |= reached(clause, use)
    return permitted & ~forbidden


def reached(clause: Clause, use: str) -> Marks:
    """For which declarations the clause bears on the use."""
    forbids = clause.effect == "forbid"
    if not _means(clause.uses, use):
        return ~EVERY
    found = _met(clause.when, unstated=forbids)
    for one in clause.exceptions:
        if _means(one.uses, use) and not one.needs:
            found &= ~_met(one.when, unstated=not forbids)
    return found


def _met(when: Conditions, *, unstated: bool) -> Marks:
    found = EVERY.copy()
    for axis, (facet, names) in enumerate(FACETS.items()):
        if facet in when:
            condition = when[facet]
            marks = [unstated if name == "unstated" else _is_named(condition, name) for name in names]
            found &= np.array(marks).reshape([-1 if place == axis else 1 for place in range(len(SHAPE))])
    return found


def _is_named(condition: NotIn | Sequence[str], name: str) -> bool:
    return name not in condition.not_in if isinstance(condition, NotIn) else name in condition


def _means(patterns: Iterable[str], use: str) -> bool:
    return any(one in ("*", use) or (one.endswith("*") and use.startswith(one[:-1])) for one in patterns)
