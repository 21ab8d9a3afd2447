"""What a statistic is held against: at the only look, or at any of as many looks as one likes."""

import math
from dataclasses import KW_ONLY

import numpy as np
from scipy import stats

from offramp.types import value
from offramp_conformance.parity.statistics.totals import Floats


@value
class Look:
    """A look at the results.

    The sum of what comes in is, at the margin, a Brownian motion B(t) on the share t of the information. By reflection
    it ever exceeds c before t = 1 with probability 2(1 - Φ(c)), so that z√t > c = Φ⁻¹(1 - alpha/2) at any look has at
    most probability alpha, however many looks there are and whatever they depend on. It is the O'Brien-Fleming boundary
    of Lan & DeMets (1983, *Biometrika* 70:659-663), and inverting it gives repeated confidence intervals (Jennison &
    Turnbull 1989, *JRSS B* 51:305-361).
    """

    _: KW_ONLY
    fraction: float | None = None
    """Share of the information that is in, above 0 and up to 1. None: there is no other look than this one."""
    clusters: int | None = None
    """How many the variance is estimated from: Student's t takes the place of the normal. None: it is not estimated."""

    def level(self, alpha: float) -> float:
        """What may be spent on one side at this look."""
        if self.fraction is None:
            return alpha
        return float(stats.norm.sf(stats.norm.isf(alpha / 2) / math.sqrt(self.fraction)))

    def quantile(self, alpha: float) -> float:
        """How far from 0 the statistic must be."""
        level = self.level(alpha)
        return float(stats.norm.isf(level) if self._degrees is None else stats.t.isf(level, self._degrees))

    def p_value(self, statistic: Floats) -> Floats:
        """Of one side: the smallest alpha at which this look decides."""
        tail = stats.norm.sf(statistic) if self._degrees is None else stats.t.sf(statistic, self._degrees)
        return self.spent(np.asarray(tail, dtype=np.float64))

    def spent(self, tail: Floats) -> Floats:
        """The alpha of which this look may spend as much as the tail: of any look, never less than the tail."""
        if self.fraction is None:
            return tail
        reached = np.asarray(stats.norm.isf(tail), dtype=np.float64) * math.sqrt(self.fraction)
        return np.minimum(1.0, 2 * np.asarray(stats.norm.sf(reached), dtype=np.float64))

    @property
    def _degrees(self) -> int | None:
        return None if self.clusters is None else max(self.clusters - 1, 1)
