"""Changes of a contract's clauses, one word at a time: each flipped, dropped, widened, narrowed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

from offramp.contracts.policy import Clause, ClauseException, Conditions, EvidenceNeed, NotIn
from offramp.contracts.uses import FACETS, UNSTATED, USE_CODES
from offramp.policy.table import codes_of


def mutants_of(clause: Clause) -> Iterator[tuple[str, Clause]]:
    """What was changed, and the changed clause. To drop it is to turn its effect round."""
    flipped: Any = "permit" if clause.effect == "forbid" else "forbid"
    yield f"as a {flipped}", replace(clause, effect=flipped)
    for what, uses in _uses(clause.uses, USE_CODES):
        yield what, replace(clause, uses=uses)
    for what, when in _conditions(clause.when):
        yield what, replace(clause, when=when)
    for what, needs in _needs(clause.needs) if clause.effect == "permit" else ():
        yield what, replace(clause, needs=needs)
    for what, exceptions in _exceptions(clause.exceptions, _meant(clause.uses)):
        yield what, replace(clause, exceptions=exceptions)


def _meant(patterns: tuple[str, ...]) -> list[str]:
    return [code for pattern in patterns for code in codes_of(pattern)]


def _uses(patterns: tuple[str, ...], codes: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    meant = _meant(patterns)
    for code in codes:
        if code in meant:
            yield f"without {code}", tuple(other for other in meant if other != code)
        else:
            yield f"with {code}", (*patterns, code)
    if "*" not in patterns:
        yield "for any use", ("*",)
    for pattern in patterns:
        if len(codes_of(pattern)) > 1:
            yield f"without {pattern}", tuple(other for other in patterns if other != pattern)


def _conditions(when: Conditions) -> Iterator[tuple[str, Conditions]]:
    for facet, names in FACETS.items():
        condition = when.get(facet)
        if condition is not None:
            yield f"whatever the {facet}", {other: each for other, each in when.items() if other != facet}
            listed = condition.not_in if isinstance(condition, NotIn) else condition
            turned = listed if isinstance(condition, NotIn) else NotIn(not_in=listed)
            yield f"with {facet} turned round", {**when, facet: turned}
        for name in names:
            if name != UNSTATED:  # which meets every forbid, and no permit, whether it is named or not
                yield f"with {facet} {name} changed", {**when, facet: _toggled(condition, name)}


def _toggled(condition: tuple[str, ...] | NotIn | None, name: str) -> tuple[str, ...] | NotIn:
    if condition is None:
        return NotIn(not_in=(name,))
    listed = condition.not_in if isinstance(condition, NotIn) else condition
    changed = tuple(other for other in listed if other != name) if name in listed else (*listed, name)
    return NotIn(not_in=changed) if isinstance(condition, NotIn) else changed


def _needs(needs: tuple[EvidenceNeed, ...]) -> Iterator[tuple[str, tuple[EvidenceNeed, ...]]]:
    for need in get_args(EvidenceNeed):
        if need in needs:
            yield f"without the need of {need}", tuple(other for other in needs if other != need)
        else:
            yield f"with the need of {need}", (*needs, need)


def _exceptions(
    exceptions: tuple[ClauseException, ...], codes: Iterable[str]
) -> Iterator[tuple[str, tuple[ClauseException, ...]]]:
    """An exception for a use of which the clause does not speak would change nothing."""
    for need in get_args(EvidenceNeed):
        yield f"but for {need}", (*exceptions, ClauseException(needs=(need,)))
    for place, one in enumerate(exceptions):
        before, after = exceptions[:place], exceptions[place + 1 :]
        yield f"without exception {place}", (*before, *after)
        for what, uses in _uses(one.uses, codes):
            yield f"exception {place} {what}", (*before, replace(one, uses=uses), *after)
        for what, when in _conditions(one.when):
            yield f"exception {place} {what}", (*before, replace(one, when=when), *after)
        for what, needs in _needs(one.needs):
            yield f"exception {place} {what}", (*before, replace(one, needs=needs), *after)
