"""Clauses as bit tables: whether one reaches a declaration is a few machine operations.

Each facet has one bit a value, and a declaration sets exactly one bit a facet. A clause keeps the bits at which it does
*not* hold; it holds where the two have none in common.
"""

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from offramp.contracts.declaration import MissionEvidence
from offramp.contracts.policy import Clause, Conditions, EvidenceNeed, NotIn
from offramp.contracts.uses import FACETS, UNSTATED, USE_CODES, Channel, Facet, Facets
from offramp.types import value

_FACET_VALUES: Final[tuple[tuple[Facet, str], ...]] = tuple((facet, name) for facet in FACETS for name in FACETS[facet])
_FACET_BITS: Final[Mapping[tuple[Facet, str], int]] = {pair: 1 << place for place, pair in enumerate(_FACET_VALUES)}
FACET_MASKS: Final[Mapping[Facet, int]] = {
    facet: sum(bit for (owner, _), bit in _FACET_BITS.items() if owner == facet) for facet in FACETS
}
"""All bits of each facet."""
_USE_BITS: Final[Mapping[str, int]] = {code: 1 << place for place, code in enumerate(USE_CODES)}
_EVIDENCE_BITS: Final[Mapping[EvidenceNeed, int]] = {
    need: 1 << place for place, need in enumerate(get_args(EvidenceNeed))
}


@value
class Exempt:
    """An exception, ready to be tested."""

    uses: int
    excluded: int
    needs: int


@value
class Row:
    """A clause, ready to be tested."""

    clause: Clause
    uses: int
    excluded: int
    """Facet bits at which the clause does not hold."""
    exempts: tuple[Exempt, ...]
    needs: int


def codes_of(pattern: str) -> tuple[str, ...]:
    """The use codes that a code or pattern means; empty where it means none."""
    if pattern == "*":
        return USE_CODES
    if pattern.endswith(".*"):
        return tuple(code for code in USE_CODES if code.startswith(pattern[:-1]))
    return (pattern,) if pattern in _USE_BITS else ()


def use_bits(patterns: Iterable[str]) -> int:
    """One bit a use code."""
    bits = 0
    for pattern in patterns:
        for code in codes_of(pattern):
            bits |= _USE_BITS[code]
    return bits


def use_codes(bits: int) -> tuple[str, ...]:
    """The use codes behind the bits."""
    return tuple(code for code, bit in _USE_BITS.items() if bits & bit)


def facet_bits(facets: Facets, channel: Channel | None = None) -> int:
    """One bit a facet. The endpoint's channel, where it is known, stands above the declaration's."""
    bits = 0
    for facet in FACETS:
        name = channel if facet == "channel" and channel is not None else getattr(facets, facet)
        bits |= _FACET_BITS[facet, name]
    return bits


def facet_bit(facet: Facet, name: str) -> int:
    """The bit of one value."""
    return _FACET_BITS[facet, name]


def facet_words(facet: Facet, bits: int) -> tuple[str, ...]:
    """The values of a facet behind the bits."""
    return tuple(name for name in FACETS[facet] if bits & _FACET_BITS[facet, name])


def evidence_bits(evidence: MissionEvidence, contract: str) -> int:
    """One bit for each reference given; a vendor's approval counts for the contract that it names."""
    bits = 0
    for need, bit in _EVIDENCE_BITS.items():
        given = evidence.vendor_approvals.get(contract) if need == "vendor_approval" else getattr(evidence, need)
        if given:
            bits |= bit
    return bits


def need_bits(needs: Iterable[EvidenceNeed]) -> int:
    """One bit for each reference asked for."""
    bits = 0
    for need in needs:
        bits |= _EVIDENCE_BITS[need]
    return bits


def needs_in(bits: int) -> tuple[EvidenceNeed, ...]:
    """The references behind the bits."""
    return tuple(need for need, bit in _EVIDENCE_BITS.items() if bits & bit)


def row_of(clause: Clause) -> Row:
    """Make a clause ready. What is unstated falls under a forbid, and under no permit and no exception to a forbid."""
    forbids = clause.effect == "forbid"
    return Row(
        clause,
        use_bits(clause.uses),
        _excluded(clause.when, unstated_meets=forbids),
        tuple(
            Exempt(use_bits(one.uses), _excluded(one.when, unstated_meets=not forbids), need_bits(one.needs))
            for one in clause.exceptions
        ),
        need_bits(clause.needs),
    )


def reached(row: Row, uses: int, facets: int, evidence: int = 0) -> int:
    """The uses, of those declared, on which the clause bears; 0 for none."""
    if facets & row.excluded:
        return 0
    bits = uses & row.uses
    for exempt in row.exempts:
        if not facets & exempt.excluded and exempt.needs & evidence == exempt.needs:
            bits &= ~exempt.uses
    return bits


def _excluded(when: Conditions, *, unstated_meets: bool) -> int:
    bits = 0
    for facet, condition in when.items():
        for name in FACETS[facet]:
            if name == UNSTATED:
                holds = unstated_meets
            elif isinstance(condition, NotIn):
                holds = name not in condition.not_in
            else:
                holds = name in condition
            if not holds:
                bits |= _FACET_BITS[facet, name]
    return bits
