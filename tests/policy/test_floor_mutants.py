"""The shipped floor with one word changed, over a thousand times: tables or an oracle, written by hand, notice each."""

from collections.abc import Iterable
from datetime import date

import pytest

from offramp.contracts.policy import Clause
from offramp.contracts.uses import USE_CODES, Facets
from offramp.policy import shipped_floor
from offramp.policy.table import Row, facet_bits, reached, row_of, use_bits
from support.clause_mutants import mutants_of
from support.floor_samples import sample
from support.floor_tables import HARMLESS, LEAKS, OVERLAPS, SURVEILLANCE, WEAPONS

CLAUSES = shipped_floor().content.clauses
LINES = [
    (use_bits([use]), facet_bits(Facets(**{**HARMLESS, **facets})), ids)  # type: ignore[arg-type]  # words of the vocabulary
    for use, facets, ids in (*SURVEILLANCE, *WEAPONS, *LEAKS, *OVERLAPS)
]


def with_changed(changed: Clause) -> list[Row]:
    """The floor's forbids, one of them changed."""
    clauses = [changed if one.id == changed.id else one for one in CLAUSES]
    return [row_of(one) for one in clauses if one.effect == "forbid"]


def is_noticed(rows: list[Row], uses: Iterable[str]) -> bool:
    by_hand = any({row.clause.id for row in rows if reached(row, use, facets)} != ids for use, facets, ids in LINES)
    return by_hand or any(differs(rows, use) for use in uses)


def differs(rows: list[Row], use: str) -> bool:
    """Whether the oracle says otherwise somewhere."""
    bit = use_bits([use])
    return any(any(reached(row, bit, one.facets, one.evidence) for row in rows) != one.forbidden for one in sample(use))


def touched(clause: Clause, changed: Clause) -> list[str]:
    """The uses for which the change can matter: those on which only one of the two bears, else those of the clause."""
    before, after = use_bits(clause.uses), use_bits(changed.uses)
    return [use for use in USE_CODES if use_bits([use]) & ((before ^ after) or before)]


def test_the_unchanged_floor_is_what_tables_and_oracle_say():
    assert not is_noticed(with_changed(CLAUSES[0]), USE_CODES)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
def test_every_change_of_a_clause_is_noticed(clause: Clause):
    mutants = list(mutants_of(clause))

    unnoticed = [what for what, changed in mutants if not is_noticed(with_changed(changed), touched(clause, changed))]

    assert len(mutants) > 90
    assert unnoticed == []


def test_the_floor_binds_from_the_day_of_the_statement_without_end():
    floor = shipped_floor().content

    assert (floor.layer, floor.effective, floor.valid_until) == ("floor", date(2026, 2, 26), None)
    assert (floor.silence, floor.applies_to, floor.supersedes, floor.carried_from) == ("deny", (), (), ())
