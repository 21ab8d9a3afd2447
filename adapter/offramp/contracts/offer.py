"""What an endpoint offers in figures and terms: sizes, prices, speed, and what becomes of the data."""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from decimal import Decimal
from typing import Literal, TypeAlias

from offramp.contracts.evidence import Evidence
from offramp.types import value

Authorisation: TypeAlias = Literal[
    "fedramp-low",
    "fedramp-moderate",
    "fedramp-high",
    "fedramp-20x-low",
    "fedramp-20x-moderate",
    "il2",
    "il4",
    "il5",
    "il6",
    "cjis",
    "itar",
    "hipaa",
    "irs-1075",
    "soc2-type2",
    "iso-27001",
    "iso-42001",
    "pci-dss",
    "c5",
    "secnumcloud",
    "ens-high",
    "irap",
]
"""Closed vocabulary. None implies another: an offer lists each that holds."""


@value
class Price:
    """US dollars for a million tokens. None is unknown, and never free."""

    _: KW_ONLY
    input_usd: Decimal | None = None
    """Of input that is neither read from a cache nor written to one."""
    output_usd: Decimal | None = None
    """Of output, reasoning included."""
    cache_read_usd: Decimal | None = None
    cache_write_usd: Decimal | None = None
    up_to_input_tokens: int | None = None
    """The most input of a request that these prices hold for; a larger one costs what a later offer says. None: any."""

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        if self.up_to_input_tokens is not None and self.up_to_input_tokens < 1:
            raise ValueError("up_to_input_tokens must be above 0")
        for price in (self.input_usd, self.output_usd, self.cache_read_usd, self.cache_write_usd):
            if price is not None and not (price.is_finite() and price >= 0):
                raise ValueError("a price must be a number from 0 on")

    def holds_for(self, input_tokens: int) -> bool:
        """Whether a request with so much input costs this."""
        return self.up_to_input_tokens is None or input_tokens <= self.up_to_input_tokens


@value
class Offer:
    """Statements about an endpoint that rest on one source. None: this source does not say."""

    _: KW_ONLY
    evidence: Evidence
    context_tokens: int | None = None
    """Input and output together, as the vendor counts them."""
    max_output_tokens: int | None = None
    price: Price | None = None
    first_output_s: float | None = None
    """Seconds to the first output, of 95 in 100 requests."""
    output_tokens_per_s: float | None = None
    """Tokens a second after the first output, of 95 in 100 requests."""
    residency: tuple[str, ...] | None = None
    """All the places where data is processed or kept: `us`, `us-gov`, `eu`, `de`, …"""
    retention_days: int | None = None
    """How long the vendor keeps a request or an answer at most. 0: it keeps none."""
    trains_on_data: bool | None = None
    """Whether the vendor trains on requests or answers."""
    authorisations: tuple[Authorisation, ...] | None = None


def price_of(prices: Iterable[tuple[Price, Evidence]], input_tokens: int) -> tuple[Price, Evidence] | None:
    """The first price that holds for a request with so much input. None: nobody states one."""
    return next((each for each in prices if each[0].holds_for(input_tokens)), None)
