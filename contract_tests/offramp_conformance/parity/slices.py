"""Slices: a mean over all cases may hide a group that is left behind."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY

from offramp.types import value
from offramp_conformance.parity.estimates import Estimate, Standing, estimated
from offramp_conformance.parity.measures import measured, names_of
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.results import CaseResult
from offramp_conformance.parity.statistics.holm import holm

_FEWEST_CLUSTERS = 10
"""Of a slice that can be called inferior."""


@value
class Slice:
    """What the cases of one label show."""

    label: str
    _: KW_ONLY
    estimate: Estimate
    p_inferior_refuted: float
    """Of all slices together, by Holm."""
    p_non_inferior_refuted: float
    standing: Standing


def slices_of(cases: Sequence[CaseResult], plan: ParityPlan, *, fractions: Mapping[str, float | None]) -> list[Slice]:
    """One a label; quality where something grades the answers by themselves, else preference.

    Args:
        cases: all that are in.
        plan: as stated.
        fractions: of each label, the share of its cases that are in; None: of a fixed plan.
    """
    found = [(label, _estimate(label, cases, plan, fraction)) for label, fraction in sorted(fractions.items())]
    held = [(label, estimate) for label, estimate in found if estimate is not None]
    refuted = holm([estimate.p_inferior_refuted for _, estimate in held])
    shown = holm([estimate.p_non_inferior_refuted for _, estimate in held])
    return [
        Slice(
            label,
            estimate=estimate,
            p_inferior_refuted=good,
            p_non_inferior_refuted=bad,
            standing=_standing(good, bad, estimate.clusters, plan.alpha),
        )
        for (label, estimate), good, bad in zip(held, refuted, shown, strict=True)
    ]


def _estimate(label: str, cases: Sequence[CaseResult], plan: ParityPlan, fraction: float | None) -> Estimate | None:
    own = [case for case in cases if label in case.slices]
    if not own:
        return None
    return estimated(measured(names_of(own)[0], own), plan, fraction=fraction)


def _standing(good: float, bad: float, clusters: int, alpha: float) -> Standing:
    if clusters < _FEWEST_CLUSTERS:
        return "inconclusive"
    if good <= alpha:
        return "non_inferior"
    return "inferior" if bad <= alpha else "inconclusive"
