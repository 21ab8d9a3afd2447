"""How often simulated migrations pass."""

from collections.abc import Iterator
from dataclasses import KW_ONLY

import numpy as np
import numpy.typing as npt
from scipy import stats

from offramp.types import value
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.simulation.migrations import Migrations, Truth, by_measure, drawn
from offramp_conformance.parity.statistics.clusters import worth_of
from offramp_conformance.parity.statistics.looks import Look

_CONFIDENCE = 0.999
"""Of the binomial tolerance: a sound rate leaves it once in a thousand."""


@value
class Rate:
    """Of so many simulated migrations, how many pass, and how many clusters that takes."""

    passed: float
    _: KW_ONLY
    simulations: int
    clusters_asked: float
    """Mean share of them, until it is decided."""

    def at_most(self, bound: float) -> bool:
        """Whether it is no more than the bound, within the binomial tolerance."""
        return self.passed <= float(stats.binom.ppf(_CONFIDENCE, self.simulations, bound)) / self.simulations

    def at_least(self, bound: float) -> bool:
        """Whether it is no less."""
        return self.passed >= float(stats.binom.ppf(1 - _CONFIDENCE, self.simulations, bound)) / self.simulations


def pass_rate(truth: Truth, plan: ParityPlan, *, simulations: int, seed: int) -> Rate:
    """Every look that the plan allows is taken, and the first that shows it ends the migration."""
    migrations = drawn(truth, simulations, seed)
    decided = np.zeros(simulations, dtype=bool)
    asked = np.full(simulations, len(truth.cluster_sizes), dtype=np.float64)
    for clusters in _looks(len(truth.cluster_sizes), plan):
        now = passing(migrations, plan, clusters=clusters) & ~decided
        asked[now] = clusters
        decided |= now
    return Rate(
        float(decided.mean()), simulations=simulations, clusters_asked=float(asked.mean()) / len(truth.cluster_sizes)
    )


def passing(migrations: Migrations, plan: ParityPlan, *, clusters: int) -> npt.NDArray[np.bool_]:
    """Which of the migrations are shown to be non-inferior in every measure, by the first clusters."""
    sizes, count = migrations.size[0], len(migrations.size)
    fraction = float(sizes[:clusters].sum() / sizes.sum()) if plan.is_sequential else None
    passed = np.ones(count, dtype=bool)
    for name, sample in by_measure(migrations.first(clusters)).items():
        look = Look(fraction=fraction, clusters=None if sample.simple else clusters)
        margin = np.full(count, -plan.margin_of(name))
        score = worth_of(sample, assumed_clustering=plan.assumed_clustering).score(margin)
        passed &= look.p_value(score) <= plan.alpha
    return passed


def _looks(clusters: int, plan: ParityPlan) -> Iterator[int]:
    if plan.is_sequential:
        yield from range(plan.min_clusters, clusters, plan.look_every_clusters or max(1, -(-clusters // 20)))
    yield clusters
