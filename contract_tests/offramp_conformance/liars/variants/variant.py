"""What a variant is."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, field

from offramp.types import value
from offramp_conformance.liars.apt import Means
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.config import DIALECTS, Dialect


@value
class Variant:
    """One honest but unusual vendor."""

    id: str
    what: str
    """What is unusual, and why it is allowed."""
    twist: Twist = field(default_factory=Twist)
    _: KW_ONLY
    dialects: tuple[Dialect, ...] = DIALECTS
    """Where it makes sense."""
    means: Means = field(default_factory=Means)
    offers: Mapping[str, int] = field(default_factory=dict[str, int])
    """What is stated of it, where that differs."""
    first_s: float = 0.0
    """Pause before each answer, in seconds."""
