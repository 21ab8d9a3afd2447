"""Beside the verdict, and no part of it: what answers took, in seconds and tokens."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from statistics import median, quantiles
from typing import Final, Literal, TypeAlias

from offramp.types import value
from offramp_conformance.parity.results import AnswerResult, CaseResult

Quantity: TypeAlias = Literal["total_s", "first_output_s", "input_tokens", "output_tokens"]
_QUANTITIES: Final[tuple[Quantity, ...]] = ("total_s", "first_output_s", "input_tokens", "output_tokens")


@value
class Expense:
    """One quantity over the cases where both sides answered and told it."""

    quantity: Quantity
    _: KW_ONLY
    cases: int
    old_median: float
    new_median: float
    old_p95: float
    new_p95: float
    median_difference: float
    """Of new minus old, case by case."""


def expenses(cases: Sequence[CaseResult]) -> tuple[Expense, ...]:
    """Each quantity that is known of at least one case on both sides."""
    return tuple(made for each in _QUANTITIES if (made := _expense(each, cases)) is not None)


def _expense(quantity: Quantity, cases: Sequence[CaseResult]) -> Expense | None:
    pairs = [
        (median(old), median(new))
        for case in cases
        if (old := _known(quantity, case.old)) and (new := _known(quantity, case.new))
    ]
    if not pairs:
        return None
    old, new = [each for each, _ in pairs], [each for _, each in pairs]
    return Expense(
        quantity,
        cases=len(pairs),
        old_median=median(old),
        new_median=median(new),
        old_p95=_p95(old),
        new_p95=_p95(new),
        median_difference=median(after - before for before, after in pairs),
    )


def _known(quantity: Quantity, side: Sequence[AnswerResult]) -> list[float]:
    told = (getattr(each, quantity) for each in side if each.outcome == "answered")
    return [float(each) for each in told if each is not None]


def _p95(held: list[float]) -> float:
    return held[0] if len(held) == 1 else quantiles(held, n=20, method="inclusive")[-1]
