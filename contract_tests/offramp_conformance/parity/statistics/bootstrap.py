"""A percentile-t bootstrap of whole clusters, for graded scores.

Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, section 12.5 (bootstrap-t), resampling clusters as in
Field & Welsh (2007, *JRSS B* 69:369-390).
"""

import numpy as np

from offramp.types import value
from offramp_conformance.parity.statistics.totals import Floats, Totals


@value
class Bootstrapped:
    """The studentised differences of resampled clusters, beside the sample's own."""

    difference: float
    error: float
    """Standard error, robust against clusters."""
    ordered: Floats
    """(δ* - δ)/se* of each resample, smallest first."""

    def limits(self, level: float) -> tuple[float, float]:
        """The difference less its error times an upper and a lower quantile; the widest where resamples are too few."""
        rank = int(np.floor(level * (len(self.ordered) + 1)))
        if rank < 1:
            return -1.0, 1.0
        lower = self.difference - float(self.ordered[-rank]) * self.error
        upper = self.difference - float(self.ordered[rank - 1]) * self.error
        return max(lower, -1.0), min(upper, 1.0)

    def tail(self, theta: float) -> float:
        """How often a resample exceeds the distance from theta, itself counted in, so that it is never 0."""
        if self.error == 0:
            return 1.0
        place = (self.difference - theta) / self.error
        reached = len(self.ordered) - int(np.searchsorted(self.ordered, place, side="left"))
        return (1 + reached) / (len(self.ordered) + 1)

    def mirrored(self) -> "Bootstrapped":
        """Old against new."""
        return Bootstrapped(-self.difference, self.error, -self.ordered[::-1])


def bootstrap(sample: Totals, *, resamples: int, seed: int) -> Bootstrapped:
    """Resample the clusters of one comparison."""
    random = np.random.default_rng(seed)
    count = sample.clusters
    drawn = random.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
    ordered = np.sort(_studentised(sample, drawn))
    return Bootstrapped(float(sample.difference), float(np.sqrt(sample.robust_variance)), ordered)


def _studentised(sample: Totals, drawn: Floats) -> Floats:
    """A resample that does not vary lies infinitely far out on its side: it can only widen the interval."""
    change, weight = sample.gain - sample.loss, sample.weight
    weight_in_all = drawn @ weight
    difference = (drawn @ change) / weight_in_all
    squares = drawn @ change**2 - 2 * difference * (drawn @ (change * weight)) + difference**2 * (drawn @ weight**2)
    scale = sample.clusters / max(sample.clusters - 1, 1)
    error = np.sqrt(scale * np.maximum(squares, 0.0)) / weight_in_all
    distance = difference - sample.difference
    distance = np.where(np.abs(distance) < 1e-12, 0.0, distance)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = distance / np.where(error > 1e-12, error, 0.0)
    return np.where(np.isnan(found), 0.0, found)
