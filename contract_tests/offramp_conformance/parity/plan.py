"""What is to be shown, how surely, and at what expense."""

from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Literal

from offramp.errors import ConfigurationError
from offramp.types import value


@value
class ParityPlan:
    """Stated before the first question is asked: a plan that is changed after a look shows nothing."""

    _: KW_ONLY
    margin: float = 0.05
    """How much lower the new vendor's pass rate or mean score may be."""
    preference_margin: float = 0.10
    """How many more of the judged cases may be lost than won, as a share."""
    refusal_margin: float = 0.05
    """How much higher the new vendor's rate of refusals may be."""
    alpha: float = 0.05
    """Bound of the probability that a vendor exactly at the margin passes. Intervals are two-sided at 1 - 2 alpha."""
    power: float = 0.8
    """At which the number of further cases is counted."""
    effect: float = 0.0
    """The difference, new minus old, at which it is counted."""
    equivalence: bool = False
    """Whether it must also be shown that the new one is not better by more than the margin (TOST)."""
    repeats_old: int = 2
    """How often the old vendor is asked each case. From 2 on it is measured against itself."""
    repeats_new: int = 1
    stop: Literal["sequential", "fixed"] = "sequential"
    """`sequential`: looks at the results cost nothing, and it stops once decided. `fixed`: one look, when all is in."""
    look_every_clusters: int | None = None
    """None: a twentieth of them."""
    horizon_cases: int | None = None
    """To how many cases the golden set may grow in later runs that count as the same one. None: it does not."""
    missing_max: float = 0.02
    """Share of the cases that may stay without a comparison because a call or a grader failed."""
    min_clusters: int = 20
    """Fewer show nothing: the spread between clusters is not known."""
    assumed_clustering: float = 0.5
    """Correlation within a cluster that losses which were not seen are taken to have, from 0 to 1."""
    resamples: int = 4000
    """Of the bootstrap, where scores are graded."""
    parallel: int = 4
    """Questions under way at once, at each endpoint."""
    seed: int = 0
    """Of the order of the clusters and of the bootstrap."""

    def __post_init__(self) -> None:
        """Raises ConfigurationError: a value is out of its range."""
        for key, sound, mend in self._ranges():
            if not sound:
                raise ConfigurationError(f"{key} = {getattr(self, key)!r}", where="parity plan", mend=mend)

    def _ranges(self) -> Iterator[tuple[str, bool, str]]:
        for key in ("margin", "preference_margin", "refusal_margin"):
            yield key, 0 < getattr(self, key) < 1, "a margin lies between 0 and 1"
        yield "alpha", 0 < self.alpha <= 0.25, "use at most 0.25"
        yield "power", 0.5 <= self.power < 1, "use 0.5 or more, below 1"
        yield "effect", -self.margin < self.effect < 1, "it lies above minus the margin"
        yield "missing_max", 0 <= self.missing_max < 1, "it is a share"
        yield "assumed_clustering", 0 <= self.assumed_clustering <= 1, "it is a correlation from 0 to 1"
        yield "min_clusters", self.min_clusters >= 5, "use 5 or more"
        yield "resamples", self.resamples >= 500, "use 500 or more"
        for key in ("repeats_old", "repeats_new", "parallel"):
            yield key, getattr(self, key) >= 1, "use 1 or more"
        for key in ("look_every_clusters", "horizon_cases"):
            yield key, getattr(self, key) is None or getattr(self, key) >= 1, "use 1 or more"

    def margin_of(self, measure: str) -> float:
        """Of one measure."""
        if measure == "refusals":
            return self.refusal_margin
        return self.preference_margin if "preference" in measure else self.margin

    @property
    def is_sequential(self) -> bool:
        """Whether there may be more than one look."""
        return self.stop == "sequential"

    @property
    def pairs_a_case(self) -> float:
        """What the repeats of a case are worth at most, in pairs of answers."""
        return 2 * self.repeats_old * self.repeats_new / (self.repeats_old + self.repeats_new)
