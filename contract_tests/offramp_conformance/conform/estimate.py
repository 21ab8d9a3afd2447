"""How much a run will ask, before it asks anything: what it takes where nothing breaks, and what it never exceeds.

Calls are bounded: by the checks, by how often each may be tried, and by how often a try may be put off. Dollars are
not, since nobody knows how long an answer will be; so they are told for calls of a usual size, and said to be.
"""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from decimal import Decimal

from offramp.contracts.offer import Price
from offramp.types import value
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.runner import RunSettings
from offramp_conformance.suite.spending import USUAL, cost_of
from offramp_conformance.suite.trying import MOST_ATTEMPTS


@value
class Estimate:
    """Before the run, of one endpoint."""

    _: KW_ONLY
    calls: int
    """Where each check that can be asked is tried as often as usual, and nothing is put off."""
    most_calls: int
    """No run makes more: where it would, it ends."""
    call_usd: Decimal | None
    """Of a call of usual size. None: no price is known."""

    def __str__(self) -> str:
        return f"about {self.calls:,} calls where nothing breaks, at most {self.most_calls:,}; {self._cost()}"

    def _cost(self) -> str:
        if self.call_usd is None:
            return "a cost that is not known"
        usual, most = (count * self.call_usd for count in (self.calls, self.most_calls))
        size = f"{USUAL.input_tokens} tokens in and {USUAL.output_tokens} out a call"
        return f"about ${usual:.2f} to ${most:.2f} at {size}"


def estimated(checks: Iterable[Check], settings: RunSettings, price: Price | None) -> Estimate:
    """How many calls a run takes at one endpoint, and about what they cost."""
    asked = tuple(checks)
    return Estimate(
        calls=sum(each.calls * settings.tries_of(each) for each in asked),
        most_calls=sum(each.most_calls * settings.most_tries_of(each) * MOST_ATTEMPTS for each in asked),
        call_usd=cost_of(USUAL, price),
    )
