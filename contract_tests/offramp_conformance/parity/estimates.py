"""One measure's estimate, its interval, and what it shows."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

import numpy as np

from offramp.types import filled, value
from offramp_conformance.parity.measures import Measured, MeasureName
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.statistics.bootstrap import Bootstrapped, bootstrap
from offramp_conformance.parity.statistics.clusters import Worth, worth_of
from offramp_conformance.parity.statistics.looks import Look
from offramp_conformance.parity.statistics.sizes import Design, cases_needed
from offramp_conformance.parity.statistics.totals import Totals, totals

Standing: TypeAlias = Literal["non_inferior", "inferior", "inconclusive"]
Method: TypeAlias = Literal["score", "cluster_bootstrap_t"]

_DIFFERING_CLUSTERS = 10
"""From so many on there is something to resample; below, the score interval stands, which takes each difference as a
whole one and is the wider."""

_TOO_MANY = 100
"""Times as many cases as there are: then the truth is too near the margin to be told from it."""


@value
class Estimate:
    """New minus old. Above 0 the new one is better."""

    measure: MeasureName
    _: KW_ONLY
    method: Method
    """`score`: Tango's, with the cases that the clusters are worth. `cluster_bootstrap_t`: of graded scores."""
    margin: float
    cases: int
    clusters: int
    effective_cases: float
    """As many independent cases of equal weight tell as much, at the margin."""
    old: float | None
    """Mean score, or rate of refusals, of the old one by itself. None of a preference."""
    new: float | None
    difference: float
    lower: float
    upper: float
    """Two-sided at 1 - 2 alpha; of a sequential plan, however often one looks."""
    gains: float
    """Share of the cases, by weight, where only the new one does well."""
    losses: float
    p_inferior_refuted: float
    """Of the hypothesis that the new one is worse by the margin or more."""
    p_non_inferior_refuted: float
    """Of the hypothesis that it is not."""
    p_better_refuted: float
    """Of the hypothesis that it is better by the margin or more: with the first, TOST (Schuirmann 1987)."""
    cluster_size: float
    """As it counts for the variance."""
    clustering: float
    """Correlation of the differences within a cluster, as the design effect has it."""
    standing: Standing = "inconclusive"
    """By itself, uncorrected."""
    further_cases: int | None = None
    """How many it still takes to decide. None: it is decided, or no number would do."""


@value
class _Held:
    """A sample held against differences."""

    worth: Worth
    look: Look
    alpha: float
    resampled: Bootstrapped | None

    def limits(self) -> tuple[float, float]:
        if self.resampled is not None:
            return self.resampled.limits(self.look.level(self.alpha))
        lower, upper = self.worth.limits(np.asarray(self.look.quantile(self.alpha)))
        return float(lower), float(upper)

    def above(self, theta: float) -> float:
        """p-value of the hypothesis that the difference is theta or less."""
        if self.resampled is not None:
            return float(self.look.spent(np.asarray(self.resampled.tail(theta))))
        return float(self.look.p_value(self.worth.score(np.asarray(theta))))

    def below(self, theta: float) -> float:
        """p-value of the hypothesis that the difference is theta or more."""
        if self.resampled is not None:
            return float(self.look.spent(np.asarray(self.resampled.mirrored().tail(-theta))))
        return float(self.look.p_value(-self.worth.score(np.asarray(theta))))


def estimated(found: Measured, plan: ParityPlan, *, fraction: float | None) -> Estimate | None:
    """The estimate at a look. None where no case is in the measure.

    Args:
        found: the measure.
        plan: as stated.
        fraction: share of the cases that are in, of a sequential plan; None: of a fixed one.
    """
    if not found.pairs:
        return None
    margin = plan.margin_of(found.measure)
    sample = totals(found.pairs, pairs_a_case=plan.pairs_a_case)
    look = Look(fraction=fraction, clusters=None if sample.simple else sample.clusters)
    worth = worth_of(sample, assumed_clustering=plan.assumed_clustering)
    held = _Held(worth, look, plan.alpha, _resampled(found, sample, plan))
    lower, upper = held.limits()
    made = Estimate(
        found.measure,
        method="score" if held.resampled is None else "cluster_bootstrap_t",
        margin=margin,
        cases=len(found.pairs),
        clusters=sample.clusters,
        effective_cases=float(worth.cases(np.asarray(-margin))),
        old=found.old_mean,
        new=found.new_mean,
        difference=float(sample.difference),
        lower=lower,
        upper=upper,
        gains=float(sample.gain_share),
        losses=float(sample.loss_share),
        p_inferior_refuted=held.above(-margin),
        p_non_inferior_refuted=held.below(-margin),
        p_better_refuted=held.below(margin),
        cluster_size=float(sample.kish_cluster_size),
        clustering=_clustering(sample),
    )
    standing = _standing(made, plan.alpha)
    return filled(made, standing=standing, further_cases=_further(made, plan) if standing == "inconclusive" else None)


def _standing(made: Estimate, alpha: float) -> Standing:
    if made.p_inferior_refuted <= alpha:
        return "non_inferior"
    return "inferior" if made.p_non_inferior_refuted <= alpha else "inconclusive"


def _resampled(found: Measured, sample: Totals, plan: ParityPlan) -> Bootstrapped | None:
    differing = int(np.count_nonzero(sample.gain - sample.loss))
    if not found.graded or differing < _DIFFERING_CLUSTERS:
        return None
    return bootstrap(sample, resamples=plan.resamples, seed=plan.seed)


def _clustering(sample: Totals) -> float:
    size = float(sample.kish_cluster_size)
    discordant = float(sample.gain_share + sample.loss_share)
    independent = (discordant - float(sample.difference) ** 2) / float(sample.kish_cases)
    if size <= 1 or independent <= 0:
        return 0.0
    return min(max((float(sample.robust_variance) / independent - 1) / (size - 1), 0.0), 1.0)


def needed_at(difference: float, made: Estimate, plan: ParityPlan) -> int | None:
    """The cases it takes where the truth is this difference and the spread is as seen. None: no number would do."""
    return cases_needed(
        Design(
            margin=made.margin,
            difference=difference,
            discordant=max(made.gains + made.losses, 1 / made.cases),
            cluster_size=made.cluster_size,
            clustering=made.clustering,
            assumed_clustering=plan.assumed_clustering,
            pairs_a_case=plan.pairs_a_case,
            alpha=plan.alpha,
            power=plan.power,
            sequential=plan.is_sequential,
        )
    )


def _further(made: Estimate, plan: ParityPlan) -> int | None:
    """At the planned effect, or at the difference seen where that is worse."""
    needed = needed_at(min(plan.effect, made.difference), made, plan)
    if needed is None or needed > _TOO_MANY * made.cases:
        return None
    return max(needed - made.cases, 1)
