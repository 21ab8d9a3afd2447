"""The shipped floor: both sides of every line, the ways around it, and the whole grid against an independent oracle."""

from functools import cache
from typing import Any, get_args

import pytest

from offramp.contracts.policy import Clause
from offramp.contracts.uses import FACETS, USE_CODES, Facets
from offramp.policy import shipped_floor
from offramp.policy.table import Row, facet_bits, reached, row_of, use_bits
from support.floor_samples import every_point, sample
from support.floor_tables import HARMLESS, LEAKS, OVERLAPS, SURVEILLANCE, WEAPONS
from support.policy_oracle import EFFECT, OVERSIGHT, Point, forbidden

# One of each family that the floor tells apart, and one of each that it does not.
REPRESENTATIVES = (
    "surv.profile.bulk",
    "intel.foreign",
    "force.target.select",
    "force.autonomy.research",
    "force.battle.manage",
    "gen.analysis",
)


def rows_of(clauses: tuple[Clause, ...]) -> list[Row]:
    return [row_of(clause) for clause in clauses]


FLOOR = rows_of(shipped_floor().content.clauses)


def ids_against(use: str, **facets: Any) -> set[str]:
    """The ids of the floor's clauses that forbid it. What is not named is harmless."""
    stated: dict[str, Any] = {**HARMLESS, **facets}
    bits = facet_bits(Facets(**stated))
    return {row.clause.id for row in FLOOR if reached(row, use_bits([use]), bits)}


@cache
def points() -> list[tuple[Point, int]]:
    """The grid with each point's bits."""
    return [(point, facet_bits(Facets(**point._asdict()))) for point in every_point()]  # type: ignore[arg-type]  # words of the vocabulary


@pytest.mark.parametrize(("use", "facets", "ids"), SURVEILLANCE)
def test_surveillance_at_home_is_forbidden_on_one_side_of_each_line(use: str, facets: dict[str, str], ids: set[str]):
    assert ids_against(use, **facets) == ids


@pytest.mark.parametrize(("use", "facets", "ids"), WEAPONS)
def test_weapons_without_a_person_are_forbidden_on_one_side_of_each_line(
    use: str, facets: dict[str, str], ids: set[str]
):
    assert ids_against(use, **facets) == ids


@pytest.mark.parametrize(("use", "facets", "ids"), LEAKS)
def test_what_leaked_through_the_two_exclusions_alone_is_forbidden(use: str, facets: dict[str, str], ids: set[str]):
    by_floor = ids_against(use, **facets)

    assert by_floor == ids
    assert not by_floor & {"E1", "E2.autonomy", "E2.oversight"}


@pytest.mark.parametrize(("use", "facets", "ids"), OVERLAPS)
def test_where_clauses_overlap_each_forbids_by_itself(use: str, facets: dict[str, str], ids: set[str]):
    assert ids_against(use, **facets) == ids


@pytest.mark.parametrize("use", [code for code in USE_CODES if code.startswith("gen.")])
def test_office_work_about_nobody_is_untouched(use: str):
    untouched = [
        ids_against(use, oversight=oversight, effect=effect)
        for oversight in OVERSIGHT
        for effect in ("none", "administrative")
    ]

    assert untouched == [set()] * 10


def test_an_exception_for_one_use_does_not_cover_another_declared_beside_it():
    facets = facet_bits(Facets(weapon_autonomy="full", oversight="none", effect="none", population="none"))
    uses = use_bits(["force.autonomy.research", "force.battle.manage"])

    found = {row.clause.id: reached(row, uses, facets) for row in FLOOR if reached(row, uses, facets)}

    assert found == {"E2+.autonomous-force": use_bits(["force.battle.manage"])}


@pytest.mark.parametrize("use", REPRESENTATIVES)
def test_the_whole_grid_agrees_with_the_oracle(use: str):
    bit = use_bits([use])

    mismatches = [
        point for point, bits in points() if any(reached(row, bit, bits) for row in FLOOR) != forbidden(use, point)
    ]

    assert mismatches == []


@pytest.mark.parametrize("use", USE_CODES)
def test_every_use_agrees_with_the_oracle_on_a_sample_whatever_is_shown_or_else_declared(use: str):
    bit = use_bits([use])

    mismatches = [
        one for one in sample(use) if any(reached(row, bit, one.facets, one.evidence) for row in FLOOR) != one.forbidden
    ]

    assert mismatches == []


def test_the_oracle_knows_the_same_words():
    ours = {name: FACETS[name] for name in Point._fields}  # type: ignore[index]  # each field is a facet's name

    theirs = {name: tuple(sorted({getattr(point, name) for point, _ in points()})) for name in Point._fields}

    assert theirs == {name: tuple(sorted(words)) for name, words in ours.items()}
    assert get_args(Facets.__annotations__["effect"]) == EFFECT


def test_the_floor_cannot_permit():
    assert {clause.effect for clause in shipped_floor().content.clauses} == {"forbid"}
