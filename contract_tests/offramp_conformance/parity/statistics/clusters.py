"""How many independent cases a clustered sample is worth."""

from dataclasses import KW_ONLY

import numpy as np

from offramp.types import value
from offramp_conformance.parity.statistics.tango import limits, score
from offramp_conformance.parity.statistics.totals import Floats, Totals


@value
class Worth:
    """A clustered sample, for Tango's statistic."""

    _: KW_ONLY
    gain: Floats
    loss: Floats
    kish_cases: Floats
    observed: Floats
    """Design effect: the robust variance over that of as many independent cases."""
    assumed: Floats
    """Design effect of what is not seen."""
    floor: float
    """What repeats of a case can earn at best."""

    def cases(self, theta: Floats) -> Floats:
        """As many independent ones: all counts over the design effect (Rao & Scott 1992, *Biometrics* 48:577-585)."""
        missing = np.abs(self.gain - self.loss - theta)
        effect = blended(self.gain + self.loss, missing, observed=self.observed, assumed=self.assumed, floor=self.floor)
        return self.kish_cases / effect

    def score(self, theta: Floats) -> Floats:
        """Tango's statistic of as many cases as the sample is worth."""
        return score(self.gain, self.loss, self.cases(theta), theta)

    def limits(self, quantile: Floats) -> tuple[Floats, Floats]:
        """The interval of differences that the statistic does not tell from what was seen."""
        return limits(self.score, self.gain - self.loss, quantile)


def worth_of(sample: Totals, *, assumed_clustering: float) -> Worth:
    """The design effect of clusters of size m that correlate by r is 1 + (m - 1)r (Kish 1965, section 5.4)."""
    gain, loss = sample.gain_share, sample.loss_share
    if sample.simple:
        one = np.ones_like(gain)
        return Worth(gain=gain, loss=loss, kish_cases=sample.kish_cases, observed=one, assumed=one, floor=1.0)
    independent = (gain + loss - (gain - loss) ** 2) / sample.kish_cases
    floor = 1 / sample.pairs_a_case
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.where(independent > 0, sample.robust_variance / independent, floor)
    return Worth(
        gain=gain,
        loss=loss,
        kish_cases=sample.kish_cases,
        observed=observed,
        assumed=1 + (sample.kish_cluster_size - 1) * assumed_clustering,
        floor=floor,
    )


def blended(discordant: Floats, missing: Floats, *, observed: Floats, assumed: Floats, floor: float) -> Floats:
    """The observed design effect of what is there with the assumed one of what is missing.

    A sample that is better than the margin by luck lacks losses, and it lacks the clumps in which they come. What is
    missing of them, |difference - theta|, counts as assumed; what is there counts as observed. The result is never less
    than observed, nor than what repeats of a case can earn.
    """
    known = discordant + missing
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = np.where(known > 0, (discordant * observed + missing * assumed) / known, assumed)
    return np.maximum(np.maximum(mixed, observed), floor)
