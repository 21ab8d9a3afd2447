"""A paired comparison summed by cluster: all that the intervals and tests need to know of the cases."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from offramp.types import value

Floats: TypeAlias = npt.NDArray[np.float64]


@value
class Pair:
    """What one case says of new against old."""

    cluster: str
    """Cases of one cluster, such as a conversation, may go wrong together."""
    weight: float
    gain: float
    """How much the new one does better; of pass and fail, the share of its answers where only the new one passes."""
    loss: float
    """How much the old one does better."""


@value
class Totals:
    """Sums by cluster. The last axis runs over the clusters; axes before it, over simulated comparisons."""

    _: KW_ONLY
    weight: Floats
    squares: Floats
    """Of the cases' weights."""
    gain: Floats
    """Of weight times gain."""
    loss: Floats
    pairs_a_case: float = 1.0
    """How many independent pairs of answers a case is worth at most: 2km/(k+m) for k old and m new answers."""
    simple: bool = False
    """Whether each case is a cluster by itself, has one pair of answers and weighs as much as any other."""

    @property
    def clusters(self) -> int:
        """How many."""
        return int(self.weight.shape[-1])

    @property
    def weight_in_all(self) -> Floats:
        """Of all cases."""
        return _sum(self.weight)

    @property
    def gain_share(self) -> Floats:
        """Weighted mean of the gains: of pass and fail, the proportion where only the new one passes."""
        return _sum(self.gain) / self.weight_in_all

    @property
    def loss_share(self) -> Floats:
        """Weighted mean of the losses."""
        return _sum(self.loss) / self.weight_in_all

    @property
    def difference(self) -> Floats:
        """New minus old."""
        return self.gain_share - self.loss_share

    @property
    def kish_cases(self) -> Floats:
        """As many cases of equal weight tell as much: (Σw)²/Σw² (Kish 1965, *Survey Sampling*, section 11.7)."""
        return self.weight_in_all**2 / _sum(self.squares)

    @property
    def kish_cluster_size(self) -> Floats:
        """Cases in a cluster, as they count for the variance: Σm²/Σm where all weigh the same (Kish 1965)."""
        return _sum(self.weight**2) / _sum(self.squares)

    @property
    def robust_variance(self) -> Floats:
        """Of the difference, whatever ties the cases of a cluster together.

        With D the cluster's difference, W its weight and G clusters: G/(G-1) Σ(D - δW)² / (ΣW)². It is Obuchowski's
        (1998, *Statistics in Medicine* 17:1495-1507) variance of paired proportions, as a linearised ratio.
        """
        centred = self.gain - self.loss - self.difference[..., None] * self.weight
        return self.clusters / max(self.clusters - 1, 1) * _sum(centred**2) / self.weight_in_all**2


def totals(pairs: Sequence[Pair], *, pairs_a_case: float = 1.0) -> Totals:
    """Sum by cluster."""
    names, places = np.unique([pair.cluster for pair in pairs], return_inverse=True)
    weight = np.array([pair.weight for pair in pairs], dtype=np.float64)

    def by_cluster(each: Floats) -> Floats:
        return np.bincount(places, weights=each, minlength=len(names)).astype(np.float64)

    return Totals(
        weight=by_cluster(weight),
        squares=by_cluster(weight**2),
        gain=by_cluster(weight * np.array([pair.gain for pair in pairs], dtype=np.float64)),
        loss=by_cluster(weight * np.array([pair.loss for pair in pairs], dtype=np.float64)),
        pairs_a_case=pairs_a_case,
        simple=pairs_a_case == 1.0 and len(names) == len(pairs) and bool(np.all(weight == weight[:1])),
    )


def _sum(by_cluster: Floats) -> Floats:
    return np.asarray(by_cluster.sum(axis=-1), dtype=np.float64)
