"""Percentiles of a few measurements, and how sure one can be of them, whatever their distribution."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from offramp.types import value

_CONFIDENCE: Final = 0.95


@value
class Quantile:
    """A quantile and its interval. None: there are too few measurements to bound it on that side."""

    estimate: float
    low: float | None
    high: float | None


def quantile(measured: Sequence[float], share: float, confidence: float = _CONFIDENCE) -> Quantile:
    """A quantile with a distribution-free interval between two order statistics.

    Of n independent measurements the number below the quantile is binomial with n and `share`. The interval from the
    l-th to the u-th smallest covers it with a probability of at least F(u - 1) - F(l - 1); each tail is given half of
    what is left (W. J. Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2; G. J. Hahn and
    W. Q. Meeker, Statistical Intervals, 1991, section 5.2).

    Args:
        measured: at least one.
        share: such as 0.95 for the 95th percentile.
        confidence: of the interval.
    """
    from scipy.stats import binom

    ordered = sorted(measured)
    count, tail = len(ordered), (1 - confidence) / 2
    fewer = [float(binom.cdf(place, count, share)) for place in range(count)]
    low = max((place for place, chance in enumerate(fewer) if chance <= tail), default=None)
    high = min((place for place, chance in enumerate(fewer) if chance >= 1 - tail), default=None)
    nearest = ordered[max(0, ceil(share * count) - 1)]
    return Quantile(nearest, None if low is None else ordered[low], None if high is None else ordered[high])


def share_within(held: int, count: int, confidence: float = _CONFIDENCE) -> tuple[float, float]:
    """One-sided bounds of a share, below and above, each with this confidence, from so many that held.

    Exact, from the binomial (C. J. Clopper and E. S. Pearson, Biometrika 26, 1934, 404-413).
    """
    from scipy.stats import beta

    tail = 1 - confidence
    low = 0.0 if held == 0 else float(beta.ppf(tail, held, count - held + 1))
    high = 1.0 if held == count else float(beta.ppf(1 - tail, held + 1, count - held))
    return low, high


def calls_needed(share: float, confidence: float = _CONFIDENCE) -> int:
    """Of how many measurements all must hold so that at least this share is shown to.

    The smallest n with share ** n <= 1 - confidence (S. S. Wilks, Annals of Mathematical Statistics 12, 1941, 91-96).
    """
    count = 1
    while share**count > 1 - confidence:
        count += 1
    return count
