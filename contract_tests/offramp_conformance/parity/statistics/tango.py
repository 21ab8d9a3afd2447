"""Tango's score statistic for the difference of paired proportions.

Tango T (1998), *Equivalence test and confidence interval for the difference in proportions for the paired-sample
design*, Statistics in Medicine 17:891-908. McNemar's test asks whether there is a difference; this one, whether it is
worse than a margin, and it holds where one of the discordant cells is empty.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from offramp_conformance.parity.statistics.totals import Floats

_HALVINGS: Final = 44


def null_variance(gain: Floats, loss: Floats, theta: Floats) -> Floats:
    """Of one pair's difference, where the difference is `theta` and all else is as likely as can be.

    With p̃ the restricted estimate of the loss's probability, 2p̃ + θ(1-θ); p̃ is the root of
    2p² + (-g - l + (2 - g + l)θ)p - lθ(1-θ) = 0, for the shares g of gains and l of losses.
    """
    half = -gain - loss + (2 - gain + loss) * theta
    product = -loss * theta * (1 - theta)
    restricted = (np.sqrt(np.maximum(half**2 - 8 * product, 0.0)) - half) / 4
    return np.maximum(2 * restricted + theta * (1 - theta), 0.0)


def score(gain: Floats, loss: Floats, cases: Floats, theta: Floats) -> Floats:
    """(g - l - θ) / √((2p̃ + θ(1-θ))/n), for shares of n cases; n need not be whole."""
    distance = gain - loss - theta
    spread = np.sqrt(null_variance(gain, loss, theta) / cases)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = distance / spread
    return np.where(spread > 0, found, np.where(distance == 0, 0.0, np.copysign(np.inf, distance)))


def limits(statistic: Callable[[Floats], Floats], estimate: Floats, quantile: Floats) -> tuple[Floats, Floats]:
    """The two values at which the statistic, which falls with theta, is as far from 0 as the quantile."""
    low, high = np.full_like(estimate, -1.0), np.full_like(estimate, 1.0)
    lower = _crossing(statistic, low, estimate, quantile)
    upper = _crossing(statistic, estimate, high, -quantile)
    return lower, upper


def _crossing(statistic: Callable[[Floats], Floats], low: Floats, high: Floats, level: Floats) -> Floats:
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = statistic(middle) > level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2
