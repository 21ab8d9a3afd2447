"""The old vendor against itself: how much of a difference is no difference (A/A)."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, replace

from offramp.types import value
from offramp_conformance.parity.estimates import Estimate, estimated, needed_at
from offramp_conformance.parity.measures import between_repeats
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.results import CaseResult

_DRIFT_ALPHA = 0.01
"""Two-sided. A vendor that holds still is suspected once in a hundred comparisons."""


@value
class Noise:
    """What the old vendor's repeats say."""

    repeats: int
    _: KW_ONLY
    estimate: Estimate
    """Its later answers against its earlier ones, at one look."""
    disagreement: float
    """Share of the cases, by weight, of which a repeat makes something else."""
    drifted: bool
    """Whether its later answers are better or worse than chance allows: then it has changed under way."""
    cases_needed: int | None
    """For the plan's power, were the new one as good and as noisy as the old one."""


def noise_of(cases: Sequence[CaseResult], plan: ParityPlan) -> Noise | None:
    """None where the old vendor was asked once."""
    found = between_repeats(cases)
    estimate = estimated(found, _one_look(plan), fraction=None)
    if estimate is None:
        return None
    return Noise(
        plan.repeats_old,
        estimate=estimate,
        disagreement=estimate.gains + estimate.losses,
        drifted=_drifted(cases, plan),
        cases_needed=needed_at(plan.effect, estimate, plan),
    )


def _one_look(plan: ParityPlan) -> ParityPlan:
    """Half of the old vendor's answers against the other half."""
    half = max(plan.repeats_old // 2, 1)
    return replace(plan, repeats_old=half, repeats_new=plan.repeats_old - half or 1)


def _drifted(cases: Sequence[CaseResult], plan: ParityPlan) -> bool:
    strict = replace(_one_look(plan), alpha=_DRIFT_ALPHA / 2)
    found = estimated(between_repeats(cases), strict, fraction=None)
    return found is not None and (found.lower > 0 or found.upper < 0)
