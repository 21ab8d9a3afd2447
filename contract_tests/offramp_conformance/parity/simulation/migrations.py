"""Draws migrations whose truth is known, many at a time.

Within a cluster the outcomes of the cases are drawn from shares that are themselves drawn, from a Dirichlet
distribution: each outcome keeps its probability exactly, and any two cases of a cluster correlate as stated (Mosimann
1962, *Biometrika* 49:65-82).
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import TypeAlias

import numpy as np

from offramp.types import value
from offramp_conformance.parity.statistics.totals import Floats, Totals


@value
class Truth:
    """What is true of a migration. Of a case, one of five things happens; the rest is that both do the same."""

    _: KW_ONLY
    cluster_sizes: tuple[int, ...]
    clustering: float
    """Correlation of what happens within a cluster."""
    gain: float
    """Both answer, and only the new one passes."""
    loss: float
    """Both answer, and only the old one passes."""
    new_refuses: float = 0.0
    """Only the new one refuses, where the old one passes."""
    old_refuses: float = 0.0
    """Only the old one refuses."""


Counts: TypeAlias = Floats
"""How many cases of a cluster have each outcome: simulation, cluster, outcome in the order gain, loss, new_refuses,
old_refuses, rest."""


def drawn(truth: Truth, simulations: int, seed: int) -> Counts:
    """Migrations of this truth."""
    random = np.random.default_rng(seed)
    named = np.array([truth.gain, truth.loss, truth.new_refuses, truth.old_refuses])
    probabilities = np.append(named, 1 - named.sum())
    sizes = np.array(truth.cluster_sizes)
    shares = _shares(random, probabilities, truth.clustering, (simulations, len(sizes)))
    return random.multinomial(sizes[None, :], shares).astype(np.float64)


def _shares(random: np.random.Generator, probabilities: Floats, clustering: float, shape: tuple[int, int]) -> Floats:
    if clustering == 0:
        return np.broadcast_to(probabilities, (*shape, len(probabilities)))
    strength = probabilities * (1 - clustering) / clustering
    weights = random.standard_gamma(strength, size=(*shape, len(probabilities)))
    whole = weights.sum(axis=-1, keepdims=True)
    lost = whole[..., 0] == 0  # all gammas underflowed: the limit is one outcome for the whole cluster
    weights[lost] = np.eye(len(probabilities))[random.choice(len(probabilities), p=probabilities, size=lost.sum())]
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True), dtype=np.float64)


def by_measure(counts: Counts, *, clusters: int) -> Mapping[str, Totals]:
    """The comparisons that the first clusters amount to."""
    gain, loss, new_refuses, old_refuses, _ = np.moveaxis(counts[:, :clusters], -1, 0)
    size = counts[:, :clusters].sum(axis=-1)
    none = np.zeros_like(size)
    single = bool(np.all(size == 1))
    compared = {
        "quality": (size - new_refuses - old_refuses, gain, loss),
        "carried": (size - old_refuses, gain, loss + new_refuses),
        "refusals": (size, none + old_refuses, none + new_refuses),
    }
    return {
        name: Totals(weight=weight, squares=weight, gain=better, loss=worse, simple=single)
        for name, (weight, better, worse) in compared.items()
    }
