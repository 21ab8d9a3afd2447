"""From what a vendor is refuted in to the lies that it may have told, the likeliest first."""

from collections import Counter
from collections.abc import Collection
from functools import cache

from offramp.types import value
from offramp_conformance.checks import catalogue
from offramp_conformance.liars.lies import lies
from offramp_conformance.liars.trying import names


@value
class Candidate:
    """A lie that would explain some of it."""

    lie: str
    weight: float
    """From 0 to 1: how much of what names this lie is refuted. What names few lies weighs more."""


def diagnosis(refuted: Collection[str]) -> tuple[Candidate, ...]:
    """The lies that are named by what is refuted, the likeliest first. Empty: nothing that we know of was told."""
    found = [Candidate(lie, _weight(named, refuted)) for lie, named in _named().items()]
    return tuple(sorted((each for each in found if each.weight > 0), key=lambda each: (-each.weight, each.lie)))


def _weight(named: Collection[str], refuted: Collection[str]) -> float:
    shares = {check: 1 / _named_by()[check] for check in named}
    return sum(share for check, share in shares.items() if check in refuted) / (sum(shares.values()) or 1.0)


@cache
def _named() -> dict[str, tuple[str, ...]]:
    """The checks that name each lie."""
    ids = [each.id for each in catalogue()]
    return {lie.id: tuple(each for each in ids if names(lie, each)) for lie in lies()}


@cache
def _named_by() -> Counter[str]:
    """How many lies each check names."""
    return Counter(check for named in _named().values() for check in named)
