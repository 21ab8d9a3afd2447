"""What the tests of all dialects, and of all pairs of them, need to know of one dialect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from offramp.contracts.dialect import Dialect
from offramp.contracts.profile import Option
from offramp.types import Origin
from offramp_providers.emulator.rules import Rejection, ValidatorState

Neutral = tuple[str, Any, Any]
"""A path (regular expression), what was there before, and what after."""
Refuses = Callable[[Any, Mapping[str, str], ValidatorState], Rejection | None]


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One dialect, with its official vendor and what was reviewed about it."""

    dialect: Dialect
    vendor: str
    """Developer and host of the official endpoint."""
    model: str
    rules: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """What this model takes and an unknown one may not."""
    account: str | None = None
    """The account that its opaque state is sealed to, where it is sealed to one."""

    recordings: str
    """API of the recorded requests and answers."""
    streams: str | None = None
    """API of the recorded streams, where it is another."""
    several_answers: frozenset[str] = frozenset()
    """Recordings of several answers in one list of events, which no vendor sends as one stream."""

    neutral: tuple[Neutral, ...] = ()
    """Reviewed: what may differ across this wire without a loss, since it asks for nothing but what happens anyway.
    Each row is a claim about a vendor's default."""
    required: tuple[Neutral, ...] = ()
    """Reviewed: what this wire must say where nothing was said, and which is what happens then anyway."""
    object_arguments: bool = False
    """Whether arguments are an object on this wire, so that their spelling is not kept for its own issuer either."""

    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    """Each option of a host that the dialect documents, with the values to try."""
    documented_options: frozenset[str] = frozenset()
    """The options as the dialect itself names them."""

    unsaid: Mapping[str, str] = field(default_factory=dict[str, str])
    """Rows of the must-keep table that this dialect cannot say, each with the reason."""
    admitted: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Losses that are admitted on this wire nevertheless, by row of the must-keep table: cosmetic, or additions that
    the vendor requires."""

    schema: tuple[str, str] | None = None
    """File of the vendor's published schemas, and the name of the API in it."""
    deviations: tuple[str, ...] = ()
    """Reviewed: accepted deviations from the schema: kind, place and the rule that is broken (regular expressions)."""

    refuses: Refuses | None = None
    """The rules of the strict emulated vendor, where there is one."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the emulated vendor wants beside what the codec writes: a credential."""

    @property
    def name(self) -> str:
        """The dialect's name."""
        return self.dialect.name

    @property
    def origin(self) -> Origin:
        """The official endpoint."""
        return Origin(
            developer=self.vendor, host=self.vendor, dialect=self.name, model=self.model, account=self.account
        )
