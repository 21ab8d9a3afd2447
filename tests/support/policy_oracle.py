"""The floor once more, as plain predicates. It imports nothing of Offramp's policy code, on purpose."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

WEAPON_AUTONOMY = ("not-weapon", "decision-support", "semi", "supervised", "full", "unstated")
OVERSIGHT = ("approve", "supervise", "none", "advisory", "unstated")
POPULATION = ("none", "consenting", "own-staff", "foreign", "domestic", "mixed", "unstated")
SCALE = ("individual", "enumerated", "mass", "none", "unstated")
DATA_SOURCE = ("own-system", "public", "purchased", "intercepted", "biometric", "none", "unstated")
LEGAL_BASIS = ("consent", "judicial", "statute", "none-needed", "unstated")
EFFECT = ("none", "administrative", "legal", "physical", "kinetic", "lethal", "unstated")


class Point(NamedTuple):
    """One declaration of the grid."""

    weapon_autonomy: str
    oversight: str
    population: str
    scale: str
    data_source: str
    legal_basis: str
    effect: str


def grid() -> Iterator[Point]:
    """Every combination of the facets on which the floor rests."""
    axes = (WEAPON_AUTONOMY, OVERSIGHT, POPULATION, SCALE, DATA_SOURCE, LEGAL_BASIS, EFFECT)
    return (Point(*values) for values in product(*axes))


def forbidden(use: str, point: Point) -> bool:
    """Whether the floor forbids this use as declared."""
    return use_free(point) or (watches(use) and watching(point)) or (use.startswith("force.") and arming(use, point))


def use_free(point: Point) -> bool:
    """The clauses that hold whatever the use is called."""
    at_home = point.population in ("domestic", "mixed", "unstated")
    in_bulk = point.scale not in ("individual", "enumerated")
    touchy = point.data_source in ("purchased", "intercepted", "biometric", "unstated")
    harm = point.effect in ("kinetic", "lethal", "unstated")
    return (at_home and in_bulk and touchy) or (harm and not a_person_can_stop_it(point))


def watches(use: str) -> bool:
    """Surveillance or intelligence."""
    return use.startswith(("surv.", "intel."))


def watching(point: Point) -> bool:
    """The clauses about surveillance at home: mass, no scale given, or a list with no basis in law or consent."""
    if point.population in ("none", "consenting", "own-staff", "foreign"):
        return False
    if point.scale == "individual":
        return False
    if point.scale == "enumerated":
        return point.legal_basis in ("none-needed", "unstated")
    return True


def arming(use: str, point: Point) -> bool:
    """The clauses about armed force."""
    alone = point.weapon_autonomy in ("full", "unstated")
    if use in ("force.target.select", "force.engage"):
        return alone or point.weapon_autonomy == "not-weapon" or not a_person_can_stop_it(point)
    if use == "force.autonomy.research" and point.effect == "none":
        return False
    return alone and not a_person_can_stop_it(point)


def a_person_can_stop_it(point: Point) -> bool:
    """In or on the loop."""
    return point.oversight in ("approve", "supervise")
