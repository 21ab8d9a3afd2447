"""The verdict: one of three, with its reasons.

*Non-inferior* needs every measure to be shown (an intersection-union test: Berger 1982, *Technometrics* 24:295-300;
each may be held against alpha as it is). *Inferior* is one measure or one slice that is shown to be worse,
corrected for how many there are. What else there is, is *inconclusive*.
"""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY

from offramp.types import value
from offramp_conformance.parity.estimates import Estimate, Standing
from offramp_conformance.parity.measures import MeasureName
from offramp_conformance.parity.noise import Noise
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.slices import Slice
from offramp_conformance.parity.statistics.holm import holm


@value
class Verdict:
    """What the comparison shows."""

    kind: Standing
    _: KW_ONLY
    reasons: tuple[str, ...]
    """One sentence each. Empty where it is non-inferior."""
    further_cases: int | None
    """Of an inconclusive one: how many more it takes. None: more cases are not what it lacks, or no number would do."""
    equivalent: bool | None
    """Whether the two are also equivalent within the margin. None: it was not asked."""


@value
class Findings:
    """What a verdict rests on."""

    _: KW_ONLY
    measures: Sequence[MeasureName]
    """That are to be shown."""
    estimates: Sequence[Estimate]
    """Of those that some case is in."""
    slices: Sequence[Slice]
    noise: Noise | None
    missing: float
    """Share of the cases, by weight."""
    clusters: int
    cases: int


def verdict(found: Findings, plan: ParityPlan) -> Verdict:
    """Obstacles first: what cannot be trusted shows nothing, neither good nor bad."""
    equivalent = _equivalent(found, plan) if plan.equivalence else None
    obstacles = tuple(_obstacles(found, plan))
    if obstacles:
        return Verdict(
            "inconclusive", reasons=obstacles, further_cases=_clusters_short(found, plan), equivalent=equivalent
        )
    worse = tuple(_worse(found, plan))
    if worse:
        return Verdict("inferior", reasons=worse, further_cases=None, equivalent=equivalent)
    open_ = tuple(_unshown(found, plan, equivalent=equivalent))
    if not open_:
        return Verdict("non_inferior", reasons=(), further_cases=None, equivalent=equivalent)
    return Verdict("inconclusive", reasons=open_, further_cases=_further(found), equivalent=equivalent)


def _obstacles(found: Findings, plan: ParityPlan) -> Iterator[str]:
    if found.missing > plan.missing_max:
        yield f"{found.missing:.1%} of the cases could not be compared; at most {plan.missing_max:.1%} may stay out"
    if found.clusters < plan.min_clusters:
        yield f"{found.clusters} clusters are in; fewer than {plan.min_clusters} show nothing"
    if found.noise is not None and found.noise.drifted:
        yield "the old vendor's later answers differ from its own earlier ones: it changed under way"


def _worse(found: Findings, plan: ParityPlan) -> Iterator[str]:
    for each in _shown_worse(found, plan):
        yield f"{each.measure}: {_seen(each)}, worse by more than {each.margin:g}"
    for part in found.slices:
        if part.standing == "inferior":
            yield f"slice {part.label}: {_seen(part.estimate)}, worse by more than {part.estimate.margin:g}"


def _shown_worse(found: Findings, plan: ParityPlan) -> list[Estimate]:
    """A correction only raises: where none is shown by itself, none is."""
    single = [each.p_non_inferior_refuted for each in found.estimates]
    if min(single, default=1.0) > plan.alpha:
        return []
    return [each for each, p in zip(found.estimates, holm(single), strict=True) if p <= plan.alpha]


def _unshown(found: Findings, plan: ParityPlan, *, equivalent: bool | None) -> Iterator[str]:
    estimates = {each.measure: each for each in found.estimates}
    for name in found.measures:
        if name not in estimates:
            yield f"{name}: no case could be compared"
        elif estimates[name].clusters < plan.min_clusters:
            yield f"{name}: {estimates[name].clusters} clusters are in it; fewer than {plan.min_clusters} show nothing"
    for each in found.estimates:
        if each.standing != "non_inferior":
            yield f"{each.measure}: {_seen(each)}, worse by {each.margin:g} or more is not excluded"
    if equivalent is False:
        yield "not shown to be equivalent: the new one may be better by more than the margin"


def _seen(each: Estimate) -> str:
    levels = "" if each.old is None or each.new is None else f"{each.old:.3f} before and {each.new:.3f} now, "
    return f"{levels}{each.difference:+.3f} ({each.lower:+.3f} to {each.upper:+.3f})"


def _equivalent(found: Findings, plan: ParityPlan) -> bool:
    """Two one-sided tests each (Schuirmann 1987, *J. Pharmacokinetics and Biopharmaceutics* 15:657-680)."""
    asked = [each for each in found.estimates if each.measure in ("quality", "preference")]
    return bool(asked) and all(max(each.p_inferior_refuted, each.p_better_refuted) <= plan.alpha for each in asked)


def _further(found: Findings) -> int | None:
    open_ = [each.further_cases for each in found.estimates if each.standing == "inconclusive"]
    known = [each for each in open_ if each is not None]
    return max(known) if known and len(known) == len(open_) else None


def _clusters_short(found: Findings, plan: ParityPlan) -> int | None:
    short = plan.min_clusters - found.clusters
    if short <= 0 or not found.clusters:
        return None
    return -(-short * found.cases // found.clusters)
