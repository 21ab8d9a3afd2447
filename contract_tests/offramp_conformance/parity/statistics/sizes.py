"""How many cases it takes."""

import math
from dataclasses import KW_ONLY
from typing import Final

import numpy as np
from scipy import stats

from offramp.types import value
from offramp_conformance.parity.statistics.clusters import blended
from offramp_conformance.parity.statistics.looks import Look
from offramp_conformance.parity.statistics.tango import null_variance
from offramp_conformance.parity.statistics.totals import Floats

_ROUNDS: Final = 6


@value
class Design:
    """What is assumed of a comparison to come."""

    _: KW_ONLY
    margin: float
    difference: float
    """New minus old, in truth. Above the margin it is to be shown non-inferior; below, inferior."""
    discordant: float
    """Share of cases of which the two do not make the same."""
    cluster_size: float = 1.0
    clustering: float = 0.0
    """Correlation of the differences within a cluster."""
    assumed_clustering: float = 0.0
    """As the analysis assumes it of what it does not see."""
    pairs_a_case: float = 1.0
    alpha: float = 0.05
    power: float = 0.8
    sequential: bool = False


def cases_needed(design: Design) -> int | None:
    """For the stated power. None where the truth lies on the margin, so that no number is enough.

    n = deff·((q·s₀ + z_β·s₁)/(δ + margin))², where s₀ is the spread at the margin and s₁ that at the truth (for the
    score test of paired proportions: Nam 1997, *Biometrics* 53:1422-1430), and q is Student's for as many clusters.
    """
    distance = abs(design.difference + design.margin)
    if distance < 1e-9:
        return None
    discordant = max(design.discordant, abs(design.difference))
    gain, loss = (discordant + design.difference) / 2, (discordant - design.difference) / 2
    at_margin = math.sqrt(float(null_variance(_number(gain), _number(loss), _number(-design.margin))))
    at_truth = math.sqrt(max(discordant - design.difference**2, 0.0))
    effect = _design_effect(design, discordant, distance)
    needed = 0.0
    quantile = _quantile(design, None)
    for _ in range(_ROUNDS):
        reach = quantile * at_margin + float(stats.norm.isf(1 - design.power)) * at_truth
        needed = effect * (reach / distance) ** 2
        quantile = _quantile(design, needed / design.cluster_size)
    return math.ceil(needed)


def _design_effect(design: Design, discordant: float, distance: float) -> float:
    floor = 1 / design.pairs_a_case
    return float(
        blended(
            _number(discordant),
            _number(distance),
            observed=_number(max(1 + (design.cluster_size - 1) * design.clustering, floor)),
            assumed=_number(1 + (design.cluster_size - 1) * design.assumed_clustering),
            floor=floor,
        )
    )


def _number(single: float) -> Floats:
    return np.asarray(single, dtype=np.float64)


def _quantile(design: Design, clusters: float | None) -> float:
    fraction = 1.0 if design.sequential else None
    student = None if clusters is None or design.cluster_size == 1.0 else max(2, math.ceil(clusters))
    return Look(fraction=fraction, clusters=student).quantile(design.alpha)
