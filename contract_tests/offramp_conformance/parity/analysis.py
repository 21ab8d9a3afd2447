"""Everything that is computed from what was seen. Pure: the same cases and plan give the same findings."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY

from offramp.types import value
from offramp_conformance.parity.estimates import Estimate, estimated
from offramp_conformance.parity.golden_set import GoldenSet
from offramp_conformance.parity.measures import is_missing, measured, names_of
from offramp_conformance.parity.noise import Noise, noise_of
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.results import CaseResult
from offramp_conformance.parity.slices import Slice, slices_of
from offramp_conformance.parity.verdict import Findings, Verdict, verdict


@value
class Analysis:
    """What the cases show."""

    _: KW_ONLY
    verdict: Verdict
    estimates: tuple[Estimate, ...]
    slices: tuple[Slice, ...]
    noise: Noise | None
    missing: float
    """Share of the cases, by weight, that a failure keeps out of the comparison."""
    fraction: float | None


def analysed(cases: Sequence[CaseResult], golden_set: GoldenSet, plan: ParityPlan) -> Analysis:
    """At one look."""
    fraction = fraction_in(cases, golden_set, plan)
    names = names_of(cases)
    found = [estimated(measured(name, cases), plan, fraction=fraction) for name in names]
    estimates = tuple(each for each in found if each is not None)
    slices = slices_of(cases, plan, fractions=_fractions(cases, golden_set, plan))
    noise, missing = noise_of(cases, plan), _missing(cases)
    findings = Findings(
        measures=names,
        estimates=estimates,
        slices=slices,
        noise=noise,
        missing=missing,
        clusters=len({case.cluster for case in cases}),
        cases=len(cases),
    )
    return Analysis(
        verdict=verdict(findings, plan),
        estimates=estimates,
        slices=tuple(slices),
        noise=noise,
        missing=missing,
        fraction=fraction,
    )


def fraction_in(cases: Sequence[CaseResult], golden_set: GoldenSet, plan: ParityPlan) -> float | None:
    """Of all that may ever be asked, how much is in; None of a fixed plan."""
    if not plan.is_sequential:
        return None
    share = sum(case.weight for case in cases) / sum(case.weight for case in golden_set.cases)
    return min(share * _grown(golden_set, plan), 1.0)


def _grown(golden_set: GoldenSet, plan: ParityPlan) -> float:
    count = len(golden_set.cases)
    return count / max(plan.horizon_cases or count, count)


def _fractions(cases: Sequence[CaseResult], golden_set: GoldenSet, plan: ParityPlan) -> Mapping[str, float | None]:
    def share(label: str) -> float | None:
        if not plan.is_sequential:
            return None
        own = sum(case.weight for case in cases if label in case.slices)
        whole = sum(case.weight for case in golden_set.cases if label in case.slices)
        return min(own / whole * _grown(golden_set, plan), 1.0)

    present = {label for case in cases for label in case.slices}
    return {label: share(label) for label in present}


def _missing(cases: Sequence[CaseResult]) -> float:
    weight = sum(case.weight for case in cases)
    return sum(case.weight for case in cases if is_missing(case)) / weight if weight else 1.0
