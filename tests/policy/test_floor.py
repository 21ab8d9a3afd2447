"""The shipped floor: both sides of every line, the ways around it, and the whole grid against an independent oracle."""

import random
from dataclasses import replace
from functools import cache
from typing import Any, get_args

import pytest

from offramp.contracts.policy import Clause, PolicyContract
from offramp.contracts.uses import FACETS, USE_CODES, Facets
from offramp.policy import shipped_floor
from offramp.policy.table import Row, facet_bits, reached, row_of, use_bits
from support.policy_oracle import EFFECT, OVERSIGHT, Point, forbidden, grid

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
    harmless: dict[str, Any] = {
        "weapon_autonomy": "not-weapon",
        "oversight": "advisory",
        "population": "none",
        "scale": "none",
        "data_source": "own-system",
        "legal_basis": "none-needed",
        "effect": "none",
    }
    bits = facet_bits(Facets(**{**harmless, **facets}))
    return {row.clause.id for row in FLOOR if reached(row, use_bits([use]), bits)}


@cache
def points() -> list[tuple[Point, int]]:
    """The grid with each point's bits."""
    return [(point, facet_bits(Facets(**point._asdict()))) for point in grid()]  # type: ignore[arg-type]  # words of the vocabulary


SURVEILLANCE = [
    # use, facets, the clauses that must forbid it
    ("surv.profile.bulk", {"population": "domestic", "scale": "mass"}, {"E1"}),
    ("surv.profile.bulk", {"population": "mixed", "scale": "mass"}, {"E1"}),
    ("surv.profile.bulk", {"population": "foreign", "scale": "mass"}, set()),
    ("intel.foreign", {"population": "foreign", "scale": "mass", "data_source": "intercepted"}, set()),
    ("intel.osint.read", {"population": "domestic", "scale": "mass", "data_source": "public"}, {"E1"}),
    ("gen.analysis", {"population": "domestic", "scale": "mass", "data_source": "public"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "enumerated", "legal_basis": "judicial"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "enumerated", "legal_basis": "statute"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "enumerated", "legal_basis": "consent"}, set()),
    (
        "surv.track.person",
        {"population": "domestic", "scale": "enumerated", "legal_basis": "none-needed"},
        {"E1+.no-basis"},
    ),
    ("surv.track.person", {"population": "foreign", "scale": "enumerated", "legal_basis": "none-needed"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "individual"}, set()),
    ("surv.track.person", {"population": "consenting", "scale": "mass", "data_source": "biometric"}, set()),
    ("surv.track.person", {"population": "domestic", "scale": "none"}, {"E1+.no-scale"}),
    ("surv.track.person", {"population": "own-staff", "scale": "none"}, set()),
    ("gen.search", {"population": "domestic", "scale": "mass", "data_source": "purchased"}, {"E1+.bulk-data"}),
    ("gen.search", {"population": "domestic", "scale": "mass", "data_source": "own-system"}, set()),
    ("gen.search", {"population": "foreign", "scale": "mass", "data_source": "purchased"}, set()),
    ("gen.search", {"population": "domestic", "scale": "individual", "data_source": "purchased"}, set()),
    ("gen.search", {"population": "domestic", "scale": "enumerated", "data_source": "purchased"}, set()),
    ("gen.search", {"population": "domestic", "scale": "none", "data_source": "intercepted"}, {"E1+.bulk-data"}),
    ("gen.search", {"population": "mixed", "scale": "mass", "data_source": "biometric"}, {"E1+.bulk-data"}),
]

WEAPONS = [
    ("force.engage", {"weapon_autonomy": "full", "oversight": "approve"}, {"E2.autonomy"}),
    ("force.engage", {"weapon_autonomy": "supervised", "oversight": "approve"}, set()),
    ("force.engage", {"weapon_autonomy": "supervised", "oversight": "supervise"}, set()),
    ("force.engage", {"weapon_autonomy": "semi", "oversight": "supervise"}, set()),
    ("force.engage", {"weapon_autonomy": "semi", "oversight": "none"}, {"E2.oversight"}),
    ("force.engage", {"weapon_autonomy": "semi", "oversight": "advisory"}, {"E2+.only-advice"}),
    ("force.target.select", {"weapon_autonomy": "not-weapon", "oversight": "approve"}, {"E2+.not-a-weapon"}),
    ("force.target.select", {"weapon_autonomy": "decision-support", "oversight": "approve"}, set()),
    ("force.plan", {"weapon_autonomy": "not-weapon", "oversight": "advisory"}, set()),
    ("force.battle.manage", {"weapon_autonomy": "full", "oversight": "supervise"}, set()),
    ("force.battle.manage", {"weapon_autonomy": "supervised", "oversight": "none"}, set()),
    ("force.battle.manage", {"weapon_autonomy": "full", "oversight": "none"}, {"E2+.autonomous-force"}),
    ("force.autonomy.research", {"weapon_autonomy": "full", "oversight": "none", "effect": "none"}, set()),
    (
        "force.autonomy.research",
        {"weapon_autonomy": "full", "oversight": "none", "effect": "physical"},
        {"E2+.autonomous-force"},
    ),
    ("gen.code", {"effect": "lethal", "oversight": "advisory"}, {"E2+.unwatched-effect"}),
    ("gen.code", {"effect": "kinetic", "oversight": "none"}, {"E2+.unwatched-effect"}),
    ("gen.code", {"effect": "lethal", "oversight": "supervise"}, set()),
    ("gen.code", {"effect": "physical", "oversight": "none"}, set()),
]

LEAKS = [
    (
        "force.autonomy.research",
        {"weapon_autonomy": "full", "oversight": "none", "effect": "lethal"},
        {"E2+.autonomous-force", "E2+.unwatched-effect"},
    ),
    ("force.battle.manage", {"weapon_autonomy": "full", "oversight": "none"}, {"E2+.autonomous-force"}),
    (
        "force.engage",
        {"weapon_autonomy": "not-weapon", "oversight": "advisory"},
        {"E2+.not-a-weapon", "E2+.only-advice"},
    ),
    ("gen.analysis", {"population": "domestic", "scale": "mass", "data_source": "purchased"}, {"E1+.bulk-data"}),
    ("surv.profile.bulk", {"population": "domestic", "scale": "none"}, {"E1+.no-scale"}),
]


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
def test_every_use_agrees_with_the_oracle_on_a_sample_of_the_grid(use: str):
    sample = random.Random(use).sample(points(), 3000)  # noqa: S311  # a reproducible sample, not a secret
    bit = use_bits([use])

    mismatches = [
        point for point, bits in sample if any(reached(row, bit, bits) for row in FLOOR) != forbidden(use, point)
    ]

    assert mismatches == []


def test_the_oracle_knows_the_same_words():
    ours = {name: FACETS[name] for name in Point._fields}  # type: ignore[index]  # each field is a facet's name

    theirs = {name: tuple(sorted({getattr(point, name) for point, _ in points()})) for name in Point._fields}

    assert theirs == {name: tuple(sorted(words)) for name, words in ours.items()}
    assert get_args(Facets.__annotations__["effect"]) == EFFECT


@cache
def shuffled() -> list[tuple[Point, int]]:
    """The grid in one reproducible disorder: neighbours are alike, so this finds a difference sooner."""
    return random.Random(7).sample(points(), len(points()))  # noqa: S311  # reproducible, not a secret


def mutants(contract: PolicyContract) -> dict[str, tuple[Clause, ...]]:
    """The floor with one clause turned into a permit, one condition or exception dropped, or one operator turned."""
    made: dict[str, tuple[Clause, ...]] = {}
    for place, clause in enumerate(contract.clauses):

        def with_clause(change: Clause, place: int = place) -> tuple[Clause, ...]:
            return (*contract.clauses[:place], change, *contract.clauses[place + 1 :])

        made[f"{clause.id} permits"] = (*contract.clauses[:place], *contract.clauses[place + 1 :])
        if clause.exceptions:
            made[f"{clause.id} without exception"] = with_clause(replace(clause, exceptions=()))
        if clause.uses != ("*",):
            made[f"{clause.id} for any use"] = with_clause(replace(clause, uses=("*",)))
        for facet in clause.when:
            rest = {other: condition for other, condition in clause.when.items() if other != facet}
            made[f"{clause.id} without {facet}"] = with_clause(replace(clause, when=rest))
    return made


MUTANTS = mutants(shipped_floor().content)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_changed_floor_is_caught_by_the_oracle(name: str):
    rows = rows_of(MUTANTS[name])

    caught = any(
        any(reached(row, use_bits([use]), bits) for row in rows) != forbidden(use, point)
        for point, bits in shuffled()
        for use in REPRESENTATIVES
    )

    assert caught


def test_the_floor_cannot_permit():
    assert {clause.effect for clause in shipped_floor().content.clauses} == {"forbid"}
