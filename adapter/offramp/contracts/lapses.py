"""Lapses: how often a capability that works was seen to fail all the same."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.types import JsonObject, value

LapseStanding: TypeAlias = Literal["beyond", "within", "undecided"]
"""`beyond`: they come more often than is tolerated. `within`: they do not. `undecided`: too few tries were made."""


@value
class Lapses:
    """How often the contrary was seen."""

    broken: int
    """Tries that saw it."""
    of: int
    """Tries that could tell."""
    _: KW_ONLY
    low: float
    """Of the exact 95 % interval of the rate, by Clopper and Pearson, as for a number of tries fixed before."""
    high: float
    tolerated: float
    standing: LapseStanding

    @property
    def rate(self) -> float:
        """Share of the tries that could tell."""
        return self.broken / self.of

    def as_json(self) -> JsonObject:
        """For reports and programs."""
        return {
            "broken": self.broken,
            "of": self.of,
            "interval_95": [self.low, self.high],
            "tolerated": self.tolerated,
            "standing": self.standing,
        }

    def __str__(self) -> str:
        """In words."""
        verdict = {
            "beyond": f"more often than the {self.tolerated:.0%} that are tolerated",
            "within": f"no more often than the {self.tolerated:.0%} that are tolerated",
            "undecided": f"too few tries to tell whether more often than the {self.tolerated:.0%} that are tolerated",
        }[self.standing]
        return f"broken in {self.broken} of {self.of} tries ({self.low:.1%} to {self.high:.1%}), {verdict}"
