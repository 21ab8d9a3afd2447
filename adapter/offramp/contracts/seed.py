"""What tables of somebody else's say of a model: shown where nobody has stated it, and nothing is decided on it."""

from dataclasses import KW_ONLY
from datetime import date
from decimal import Decimal
from typing import Protocol

from offramp.contracts.evidence import Evidence
from offramp.types import value


@value
class ModelSeed:
    """One table's line on one model. None: it does not say."""

    _: KW_ONLY
    evidence: Evidence
    """Always `unverified`, and names the table."""
    context_tokens: int | None = None
    """The table's bound of input."""
    max_output_tokens: int | None = None
    input_usd: Decimal | None = None
    """US dollars for a million tokens of input. Never 0: such tables write 0 for what they do not know."""
    output_usd: Decimal | None = None
    """US dollars for a million tokens of output."""
    retires: date | None = None

    def __post_init__(self) -> None:
        """Refuse a seed that claims more than a table of somebody else's can."""
        if self.evidence.level != "unverified":
            raise ValueError("a seed is unverified")


class ModelTable(Protocol):
    """A table that is installed. Found in the entry-point group `offramp.model_tables`."""

    def __call__(self, vendor: str, model: str) -> ModelSeed | None:
        """Its line on a vendor's model. None: it has none, or is not there."""
        ...
