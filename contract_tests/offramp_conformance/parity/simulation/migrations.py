"""Draws migrations whose truth is known, many at a time.

Within a cluster the outcomes of the cases are drawn from shares that are themselves drawn, from a Dirichlet
distribution: each outcome keeps its probability exactly, and any two cases of a cluster correlate as stated (Mosimann
1962, *Biometrika* 49:65-82).
"""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY

import numpy as np

from offramp.types import value
from offramp_conformance.parity.statistics.totals import Floats, Totals


@value
class Truth:
    """What is true of a migration. Of a case, one of these things happens; the rest is that both do the same."""

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
    flaky: float = 0.0
    """Either one passes in half of its answers, each time anew."""
    repeats_old: int = 1
    repeats_new: int = 1


@value
class Migrations:
    """Sums over the cases of a cluster: simulation, cluster."""

    size: Floats
    gain: Floats
    loss: Floats
    new_refuses: Floats
    old_refuses: Floats
    pairs_a_case: float

    def first(self, clusters: int) -> "Migrations":
        """What the first clusters amount to."""
        return Migrations(
            self.size[:, :clusters],
            self.gain[:, :clusters],
            self.loss[:, :clusters],
            self.new_refuses[:, :clusters],
            self.old_refuses[:, :clusters],
            pairs_a_case=self.pairs_a_case,
        )


def drawn(truth: Truth, simulations: int, seed: int) -> Migrations:
    """Migrations of this truth."""
    random = np.random.default_rng(seed)
    named = np.array([truth.gain, truth.loss, truth.new_refuses, truth.old_refuses, truth.flaky])
    probabilities = np.append(named, 1 - named.sum())
    sizes = np.array(truth.cluster_sizes)
    shares = _shares(random, probabilities, truth.clustering, (simulations, len(sizes)))
    counts = random.multinomial(sizes[None, :], shares)
    gain, loss, new_refuses, old_refuses, flaky, _ = np.moveaxis(counts.astype(np.float64), -1, 0)
    noise = _noise(random, flaky, truth)
    return Migrations(
        np.broadcast_to(sizes.astype(np.float64), gain.shape),
        gain + noise[0],
        loss + noise[1],
        new_refuses,
        old_refuses,
        pairs_a_case=2 * truth.repeats_old * truth.repeats_new / (truth.repeats_old + truth.repeats_new),
    )


def _shares(random: np.random.Generator, probabilities: Floats, clustering: float, shape: tuple[int, int]) -> Floats:
    if clustering == 0:
        return np.broadcast_to(probabilities, (*shape, len(probabilities)))
    strength = probabilities * (1 - clustering) / clustering
    weights = random.standard_gamma(strength, size=(*shape, len(probabilities)))
    whole = weights.sum(axis=-1, keepdims=True)
    lost = whole[..., 0] == 0  # all gammas underflowed: the limit is one outcome for the whole cluster
    weights[lost] = np.eye(len(probabilities))[random.choice(len(probabilities), p=probabilities, size=lost.sum())]
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True), dtype=np.float64)


def _noise(random: np.random.Generator, flaky: Floats, truth: Truth) -> tuple[Floats, Floats]:
    """Gains and losses of the flaky cases: how often each pair of shares that pass comes, times what it is."""
    old, new = np.arange(truth.repeats_old + 1), np.arange(truth.repeats_new + 1)
    likely = np.outer(_halves(truth.repeats_old), _halves(truth.repeats_new)).ravel()
    came = random.multinomial(flaky.astype(np.int64), likely)
    old_share = np.repeat(old / truth.repeats_old, len(new))
    new_share = np.tile(new / truth.repeats_new, len(old))
    return came @ (new_share * (1 - old_share)), came @ (old_share * (1 - new_share))


def _halves(repeats: int) -> Floats:
    return np.array([math.comb(repeats, passed) / 2**repeats for passed in range(repeats + 1)])


def by_measure(migrations: Migrations) -> Mapping[str, Totals]:
    """The comparisons that they amount to."""
    size, new_refuses, old_refuses = migrations.size, migrations.new_refuses, migrations.old_refuses
    single = bool(np.all(size == 1)) and migrations.pairs_a_case == 1.0
    compared = {
        "quality": (size - new_refuses - old_refuses, migrations.gain, migrations.loss),
        "carried": (size - old_refuses, migrations.gain, migrations.loss + new_refuses),
        "refusals": (size, old_refuses, new_refuses),
    }
    return {
        name: Totals(
            weight=weight,
            squares=weight,
            gain=better,
            loss=worse,
            simple=single,
            pairs_a_case=migrations.pairs_a_case,
        )
        for name, (weight, better, worse) in compared.items()
    }
