"""What a run may spend, and what it has spent: no call begins beyond the limit."""

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from offramp.contracts.offer import Price
from offramp.types import Usage, value
from offramp_conformance.suite.observations import Withheld

USUAL: Final = Usage(input_tokens=400, output_tokens=250)
"""Of a usual call of a check: for the estimate, and in the place of what an answer does not tell."""

Told: TypeAlias = Callable[["CallNote"], None]
"""Told of each call as it begins and ends."""


@value
class CallNote:
    """A call begins or ends."""

    kind: Literal["begun", "ended"]
    who: str
    """The check and the try."""
    call: int
    """Its number within the run."""
    _: KW_ONLY
    answered: bool = False
    cost_usd: Decimal | None = None
    """Of an answer; None: it is not known."""


@value
class Limits:
    """Of one run. None: none."""

    _: KW_ONLY
    max_calls: int | None = None
    max_cost_usd: Decimal | None = None


class Meter:
    """Counts calls and their cost."""

    def __init__(self, limits: Limits, *, price: Price | None = None, told: Told | None = None) -> None:
        self.calls = 0
        self.cost_usd = Decimal(0)
        """Of the calls whose tokens and price are known."""
        self.unpriced_calls = 0
        """Answers whose cost nobody knows."""
        self._limits = limits
        self._price = price
        self._told = told

    @property
    def is_priced(self) -> bool:
        """Whether the endpoint's price is known."""
        return self._price is not None

    @property
    def is_used_up(self) -> bool:
        """Whether no further call may begin. An answer that does not tell what it cost counts as a usual one."""
        most, ceiling = self._limits.max_calls, self._limits.max_cost_usd
        reckoned_usd = self.cost_usd + self.unpriced_calls * (cost_of(USUAL, self._price) or 0)
        return (most is not None and self.calls >= most) or (ceiling is not None and reckoned_usd >= ceiling)

    def begin(self, who: str) -> int:
        """Count a call that is about to begin.

        Raises:
            Withheld: the limit is reached.
        """
        if self.is_used_up:
            raise Withheld("the spending limit of this run is reached")
        self.calls += 1
        self._tell(CallNote("begun", who, self.calls))
        return self.calls

    def end(self, who: str, call: int, usage: Usage | None) -> None:
        """Note that a call has ended, and what its answer has cost. None: there was no answer."""
        cost = cost_of(usage, self._price) if usage else None
        note = CallNote("ended", who, call, answered=usage is not None, cost_usd=cost)
        self.add(note)
        self._tell(note)

    def go_on_from(self, before: "Meter") -> None:
        """Count what another meter has counted at the same endpoint."""
        self.calls += before.calls
        self.cost_usd += before.cost_usd
        self.unpriced_calls += before.unpriced_calls

    def take_up(self, earlier: Iterable[CallNote]) -> None:
        """Go on where an interrupted run had come to."""
        for note in earlier:
            self.calls += note.kind == "begun"
            self.add(note)

    def add(self, note: CallNote) -> None:
        """Add what an answer has cost, of this run or of an earlier one."""
        if note.cost_usd is not None:
            self.cost_usd += note.cost_usd
        elif note.answered:
            self.unpriced_calls += 1

    def _tell(self, note: CallNote) -> None:
        if self._told:
            self._told(note)


def cost_of(usage: Usage, price: Price | None) -> Decimal | None:
    """In US dollars. None: a count or a price is unknown."""
    if price is None or price.input_usd is None or price.output_usd is None:
        return None
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    if not price.holds_for(usage.input_tokens):
        return None
    return (usage.input_tokens * price.input_usd + usage.output_tokens * price.output_usd) / 1_000_000
