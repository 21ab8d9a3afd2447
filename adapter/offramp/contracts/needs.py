"""What a mission needs of an endpoint: words, figures and terms, and what may stand in for what is missing."""

import re
from dataclasses import KW_ONLY, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, TypeAlias

from offramp.contracts.capability import Emulation, Requirement
from offramp.contracts.offer import Authorisation
from offramp.types import JsonObject, value

NeedName: TypeAlias = Literal[
    "context_tokens",
    "fits_context",
    "output_tokens",
    "tool_count",
    "tool_names",
    "stop_sequences",
    "candidates",
    "alternatives",
    "images",
    "documents",
    "audio",
    "video",
    "output_schema",
    "max_cost_usd",
    "residency",
    "retention_days",
    "no_training",
    "authorisations",
    "first_output_s",
    "output_tokens_per_s",
]
"""Closed vocabulary: the keys of `[missions.NAME.needs]`."""

_PLACE: Final = re.compile(r"[a-z]{2}(-[a-z0-9]+)*")
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@value
class MediaNeed:
    """Media of one kind that a mission sends."""

    _: KW_ONLY
    count: int | None = None
    """Most in one request."""
    largest_bytes: int | None = None
    """Size of the largest single one, before any encoding."""
    media_types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse figures that ask for nothing, and media types that are none."""
        _positive(self, "count", "largest_bytes")
        for each in self.media_types:
            if not _MEDIA_TYPE.fullmatch(each):
                raise ValueError('a media type is written in small letters, such as "image/png"')


@value
class Needs:
    """The needs of a mission that have a value. None and empty: nothing is asked. Every one that is given is hard."""

    _: KW_ONLY
    context_tokens: int | None = None
    """Input and output of its largest request together."""
    fits_context: bool | None = None
    """True: a request that may not fit the model's context, by a stated over-estimate or a count, is not sent."""
    output_tokens: int | None = None
    """Its longest answer, reasoning included."""
    tool_count: int | None = None
    """Functions offered in one request."""
    tool_names: tuple[str, ...] = ()
    """Names of functions that must reach the vendor as they are."""
    stop_sequences: int | None = None
    candidates: int | None = None
    alternatives: int | None = None
    """Log probabilities for so many alternatives of each token."""
    images: MediaNeed | None = None
    documents: MediaNeed | None = None
    audio: MediaNeed | None = None
    video: MediaNeed | None = None
    output_schema: Path | None = None
    """A file with the JSON Schema of its answers."""
    max_cost_usd: Decimal | None = None
    """Ceiling for one call, in US dollars, by an over-estimate of its tokens or a count. Unknown does not meet it."""
    residency: tuple[str, ...] = ()
    """The only places where data may be processed or kept."""
    retention_days: int | None = None
    """How long the vendor may keep data at most. 0: not at all."""
    no_training: bool | None = None
    """True: the vendor must not train on the data."""
    authorisations: tuple[Authorisation, ...] = ()
    """All of these must hold."""
    first_output_s: float | None = None
    """Seconds to the first output at most, for 95 in 100 requests."""
    output_tokens_per_s: float | None = None
    """Tokens a second at least, for 95 in 100 requests."""

    def __post_init__(self) -> None:
        """Refuse figures that ask for nothing, and words that name no place."""
        _positive(self, "context_tokens", "output_tokens", "tool_count", "stop_sequences", "candidates", "alternatives")
        _positive(self, "max_cost_usd", "first_output_s", "output_tokens_per_s")
        if self.retention_days is not None and self.retention_days < 0:
            raise ValueError("retention_days must not be negative; 0 means that nothing may be kept")
        for name in ("no_training", "fits_context"):
            if getattr(self, name) is False:
                raise ValueError(f"{name} = false asks for nothing; leave it out")
        for place in self.residency:
            if not _PLACE.fullmatch(place):
                raise ValueError('a place is written in small letters, such as "us", "us-gov", "eu" or "de"')

    @property
    def given(self) -> tuple[NeedName, ...]:
        """The names of those that ask for something, in the order above."""
        return tuple([name for name in _NAMES if getattr(self, name) not in (None, ())])


_NAMES: Final[tuple[NeedName, ...]] = tuple([each.name for each in fields(Needs)])  # type: ignore[misc]  # a test holds them equal


def _positive(needs: object, *names: str) -> None:
    for name in names:
        figure: Decimal | float | None = getattr(needs, name)
        if figure is not None and not 0 < figure < float("inf"):
            raise ValueError(f"{name} must be above 0")


Counter: TypeAlias = Literal["estimate", "endpoint"]
"""Who tells a request's tokens before it is sent, where a need rests on them. `endpoint`: where the over-estimate
refuses what may well fit, the endpoint is asked for its own count first: a send like any other, that costs one."""


@value
class Demand:
    """All that a mission demands of an endpoint."""

    _: KW_ONLY
    requires: frozenset[Requirement] = frozenset()
    needs: Needs = field(default_factory=Needs)
    schema: JsonObject | None = None
    """What stands in the file that `needs.output_schema` names."""
    emulations: tuple[Emulation, ...] = ()
    """What may stand in for what is missing, in order of preference."""
    counted_by: Counter = "estimate"
