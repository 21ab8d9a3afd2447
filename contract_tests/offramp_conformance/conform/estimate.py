"""About how much a run will ask, before it asks anything."""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from decimal import Decimal
from typing import Final

from offramp.contracts.offer import Price
from offramp.types import value
from offramp_conformance.suite.check import Check

_INPUT_TOKENS: Final = 400
_OUTPUT_TOKENS: Final = 250
"""Of a usual call of a check, for the estimate only."""


@value
class Estimate:
    """Before the run."""

    _: KW_ONLY
    calls: int
    cost_usd: Decimal | None
    """None: no price is known."""

    def __str__(self) -> str:
        cost = "a cost that is not known" if self.cost_usd is None else f"about ${self.cost_usd:.2f}"
        return f"about {self.calls} calls, {cost}"


def estimated(checks: Iterable[Check], tries: int, price: Price | None) -> Estimate:
    """About how many calls a run takes, and what they cost."""
    calls = sum(each.calls * (each.tries or tries) for each in checks)
    if price is None or price.input_usd is None or price.output_usd is None:
        return Estimate(calls=calls, cost_usd=None)
    one = (_INPUT_TOKENS * price.input_usd + _OUTPUT_TOKENS * price.output_usd) / 1_000_000
    return Estimate(calls=calls, cost_usd=calls * one)
