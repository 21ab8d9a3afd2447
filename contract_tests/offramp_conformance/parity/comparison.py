"""Asks both vendors the golden set and tells what it shows."""

import random
import secrets
from collections.abc import Iterator

from offramp.errors import ConfigurationError
from offramp_conformance.parity.analysis import analysed
from offramp_conformance.parity.asking import Asks, Book, NoBook
from offramp_conformance.parity.golden_set import Case, GoldenSet
from offramp_conformance.parity.graders.function import resolve
from offramp_conformance.parity.graders.specs import Function
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.report import LookAt, ParityReport, looked, report_of
from offramp_conformance.parity.results import CaseResult
from offramp_conformance.parity.trial import Trial


async def compare(  # three endpoints, and all but two are optional
    golden_set: GoldenSet,
    *,
    old: Asks,
    new: Asks,
    plan: ParityPlan | None = None,
    judge: Asks | None = None,
    salt: bytes | None = None,
    book: Book | None = None,
) -> ParityReport:
    """Measure the old vendor against itself, then the new one against the old one.

    Args:
        golden_set: as read by `load_golden_set`.
        old: asks the old vendor.
        new: asks the new vendor.
        plan: what is to be shown; None: the defaults.
        judge: asks the third endpoint. Needed where a case has a judge.
        salt: key of the digests; None: a new one, so that they can be compared within this report only.
        book: keeps the answers. None: nobody does.

    Raises:
        ConfigurationError: a judge is missing, or a function that grades cannot be had.
    """
    plan = plan or ParityPlan()
    refuse_unfit(golden_set, plan, judged=judge is not None)
    key = salt or secrets.token_bytes(32)
    trial = Trial(old=old, new=new, judge=judge, plan=plan, salt=key, book=book or NoBook())
    seen: list[CaseResult] = []
    looks: list[LookAt] = []
    for batch in batches(golden_set, plan):
        seen += await trial.results(batch)
        analysis = analysed(seen, golden_set, plan)
        looks += looked(analysis, len(seen))
        if analysis.verdict.kind != "inconclusive":
            break
    place = {case.id: at for at, case in enumerate(golden_set.cases)}
    cases = tuple(sorted(seen, key=lambda each: place[each.id]))
    return report_of(analysed(cases, golden_set, plan), golden_set, plan, cases=cases, looks=tuple(looks))


def questions_at_most(golden_set: GoldenSet, plan: ParityPlan) -> int:
    """How many exchanges it takes, judge and repeats included, if it does not stop early."""
    repeats = (plan.repeats_old + plan.repeats_new) * len(golden_set.cases)
    judged = sum(case.judge is not None for case in golden_set.cases)
    return repeats + judged * (4 if plan.repeats_old > 1 else 2)


def batches(golden_set: GoldenSet, plan: ParityPlan) -> Iterator[tuple[Case, ...]]:
    """Whole clusters in random order, so that those who are in stand for those who are not. One batch a look."""
    if not plan.is_sequential:
        yield golden_set.cases
        return
    clusters = list(golden_set.clusters)
    random.Random(plan.seed).shuffle(clusters)  # noqa: S311  # an order to be repeated, no secret
    step = plan.look_every_clusters or max(1, -(-len(clusters) // 20))
    first = max(plan.min_clusters, step)
    starts = [0, *range(first, len(clusters), step)]
    for start, end in zip(starts, [*starts[1:], len(clusters)], strict=True):
        own = set(clusters[start:end])
        yield tuple(case for case in golden_set.cases if case.cluster in own)


def refuse_unfit(golden_set: GoldenSet, plan: ParityPlan, *, judged: bool) -> None:
    """Before anything is asked.

    Raises:
        ConfigurationError: a judge is missing, the horizon is too near, or a function that grades cannot be had.
    """
    if not judged and (needing := next((case for case in golden_set.cases if case.judge), None)) is not None:
        mend = "name a third endpoint, or take the judge out of the golden set"
        raise ConfigurationError("its graders name a judge, and there is none", where=f"case {needing.id!r}", mend=mend)
    if plan.horizon_cases is not None and plan.horizon_cases < len(golden_set.cases):
        mend = f"use {len(golden_set.cases)} or more"
        raise ConfigurationError(f"horizon_cases = {plan.horizon_cases}", where="parity plan", mend=mend)
    for case in golden_set.cases:
        for each in case.graders:
            if isinstance(each, Function):
                resolve(each)
