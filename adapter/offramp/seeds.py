"""What is known of a model in figures: what the profile states, and what installed tables say where it states nothing.

A table of somebody else's is a seed: it is shown with its source, and no decision reads it.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final, cast

from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer
from offramp.contracts.profile import ModelFacts
from offramp.contracts.seed import ModelSeed, ModelTable
from offramp.types import value

_TABLES: Final = "offramp.model_tables"

FIGURES: Final[Mapping[str, str]] = {
    "context_tokens": "{} tokens of context",
    "max_output_tokens": "at most {} out",
    "input_usd": "{} USD a million in",
    "output_usd": "{} USD a million out",
    "retires": "retires {}",
}
"""The figures that tables give, and how each is said."""


@value
class Figure:
    """One figure of a model, on its evidence."""

    name: str
    stated: Any
    evidence: Evidence

    @property
    def says(self) -> str:
        """The figure in words."""
        stated = f"{self.stated:f}" if isinstance(self.stated, Decimal) else self.stated  # never 1E+1
        return FIGURES[self.name].format(stated)


def seeds_of(vendor: str, model: str) -> tuple[ModelSeed, ...]:
    """What every installed table says of a vendor's model, in the tables' alphabetical order."""
    found = (table(vendor, model) for table in _tables())
    return tuple(seed for seed in found if seed is not None)


def figures_of(facts: ModelFacts | None, seeds: Iterable[ModelSeed]) -> tuple[Figure, ...]:
    """Each figure that is known, on the best evidence: the profile's own, else the first seed that has it."""
    best: dict[str, Figure] = {}
    own: tuple[Offer | ModelFacts, ...] = (*facts.offers, facts) if facts else ()
    sources: list[Offer | ModelFacts | ModelSeed] = [*own, *seeds]
    for source in sources:
        for name in FIGURES:
            stated = _stated(source, name)
            if stated is not None:
                best.setdefault(name, Figure(name, stated, source.evidence))
    return tuple(best[name] for name in FIGURES if name in best)


def _stated(source: Offer | ModelFacts | ModelSeed, name: str) -> Any:
    price = source.price if isinstance(source, Offer) else None
    return getattr(source, name, None) or getattr(price, name, None)


@cache
def _tables() -> tuple[ModelTable, ...]:
    found = sorted(entry_points(group=_TABLES), key=lambda entry: entry.name)
    return tuple(cast("ModelTable", entry.load()) for entry in found)
