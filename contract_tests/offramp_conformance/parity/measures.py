"""Turns what was seen into comparisons of new against old, one a measure.

| measure | a case is in it where | new against old |
|---|---|---|
| quality | both answered | score of the new one - score of the old one |
| carried | the old one answered | the same, a refusal by the new one being a score of 0 |
| refusals | neither call failed | refused by the old one - refused by the new one |
| preference | both answered, and a judge told | 1 where the new one is preferred, -1 where the old one is |
| carried_preference | the old one answered, and a judge is asked | the same, a refusal by the new one being -1 |

Refusals stand beside quality. Where the new one refuses, it loses in `refusals` and in what is carried. Where only
the old one refused, there is nothing to compare the new one's answer with: that it refuses less helps it nowhere but
within the rate of refusals, which it must hold in any case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY
from statistics import fmean
from typing import Final, Literal, TypeAlias

from offramp.types import value
from offramp_conformance.parity.results import AnswerResult, CaseResult
from offramp_conformance.parity.statistics.totals import Pair

MeasureName: TypeAlias = Literal["quality", "carried", "refusals", "preference", "carried_preference"]
Change: TypeAlias = tuple[float, float]
"""Gain and loss of a case."""


@value
class Measured:
    """One measure over the cases."""

    measure: MeasureName
    _: KW_ONLY
    pairs: tuple[Pair, ...]
    old_mean: float | None
    new_mean: float | None
    graded: bool
    """Whether some score is neither 0 nor 1."""


def measured(name: MeasureName, cases: Sequence[CaseResult]) -> Measured:
    """The cases that are in it."""
    change = _CHANGES[name]
    held = [(case, found) for case in cases if (found := change(case)) is not None]
    levels = [_LEVELS[name](case) for case, _ in held if name in _LEVELS]
    weights = [case.weight for case, _ in held]
    return Measured(
        name,
        pairs=tuple(Pair(case.cluster, case.weight, *found) for case, found in held),
        old_mean=fmean([old for old, _ in levels], weights) if levels else None,
        new_mean=fmean([new for _, new in levels], weights) if levels else None,
        graded=name in ("quality", "carried") and any(_is_graded(case) for case in cases),
    )


def names_of(cases: Sequence[CaseResult]) -> tuple[MeasureName, ...]:
    """The measures that the graders of these cases allow."""
    scored = any(each.score is not None for case in cases for each in (*case.old, *case.new))
    judged = any(case.preference is not None for case in cases)
    return (
        *(("quality", "carried") if scored or not judged else ()),
        *(("preference", "carried_preference") if judged else ()),
        "refusals",
    )


def is_missing(case: CaseResult) -> bool:
    """Whether a failure, and no refusal, keeps the case out of what it was to be compared by."""
    silent = any(all(each.outcome == "not_tried" for each in side) for side in (case.old, case.new))
    return silent or (case.preference is not None and case.preference.winner == "not_tried" and _both_answered(case))


def between_repeats(cases: Sequence[CaseResult]) -> Measured:
    """The old vendor's later answers (as new) against its earlier ones (as old)."""
    halves = [_halves(case) for case in cases if len(case.old) > 1]
    return measured(names_of(halves)[0], halves) if halves else measured("quality", ())


def _halves(case: CaseResult) -> CaseResult:
    middle = len(case.old) // 2
    return CaseResult(
        case.id,
        cluster=case.cluster,
        slices=case.slices,
        weight=case.weight,
        old=case.old[:middle],
        new=case.old[middle:],
        preference=case.own_preference,
    )


def _scores(side: Sequence[AnswerResult]) -> list[float]:
    return [each.score for each in side if each.outcome == "answered" and each.score is not None]


def _carried_scores(side: Sequence[AnswerResult]) -> list[float]:
    """With a refusal as 0."""
    refused = [0.0 for each in side if each.outcome == "refused"]
    return _scores(side) + refused


def _refused(side: Sequence[AnswerResult]) -> list[float]:
    return [float(each.outcome == "refused") for each in side if each.outcome != "not_tried"]


def _both_answered(case: CaseResult) -> bool:
    return all(any(each.outcome == "answered" for each in side) for side in (case.old, case.new))


def _quality(case: CaseResult) -> Change | None:
    return _change(_scores(case.old), _scores(case.new))


def _carried(case: CaseResult) -> Change | None:
    return _change(_scores(case.old), _carried_scores(case.new))


def _refusals(case: CaseResult) -> Change | None:
    old, new = _refused(case.old), _refused(case.new)
    return _change([1 - each for each in old], [1 - each for each in new])


def _change(old: Sequence[float], new: Sequence[float]) -> Change | None:
    """Of pass and fail, the shares of the pairs of answers where only one passes; of graded scores, the difference."""
    if not old or not new:
        return None
    before, after = fmean(old), fmean(new)
    if {0.0, 1.0}.issuperset((*old, *new)):
        return after * (1 - before), before * (1 - after)
    return max(after - before, 0.0), max(before - after, 0.0)


def _preference(case: CaseResult) -> Change | None:
    return None if case.preference is None else _PREFERENCES.get(case.preference.winner)


def _carried_preference(case: CaseResult) -> Change | None:
    if case.preference is None or not any(each.outcome == "answered" for each in case.old):
        return None
    if case.new and all(each.outcome == "refused" for each in case.new):
        return 0.0, 1.0
    return _preference(case)


_PREFERENCES: Final[Mapping[str, Change]] = {"new": (1.0, 0.0), "tie": (0.0, 0.0), "old": (0.0, 1.0)}

_CHANGES: Final[Mapping[MeasureName, Callable[[CaseResult], Change | None]]] = {
    "quality": _quality,
    "carried": _carried,
    "refusals": _refusals,
    "preference": _preference,
    "carried_preference": _carried_preference,
}

_LEVELS: Final[Mapping[MeasureName, Callable[[CaseResult], tuple[float, float]]]] = {
    "quality": lambda case: (fmean(_scores(case.old)), fmean(_scores(case.new))),
    "carried": lambda case: (fmean(_scores(case.old)), fmean(_carried_scores(case.new))),
    "refusals": lambda case: (fmean(_refused(case.old)), fmean(_refused(case.new))),
}
"""Old and new by themselves; a preference has no such."""


def _is_graded(case: CaseResult) -> bool:
    return any(each.score not in (None, 0.0, 1.0) for each in (*case.old, *case.new))
