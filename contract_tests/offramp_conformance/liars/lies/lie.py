"""What a lie is: one fault, seen at real gateways, resellers or quantised hosts, and the checks that name it."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, field

from offramp.types import value
from offramp_conformance.liars.apt import Means
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.config import DIALECTS, Dialect


@value
class Lie:
    """One fault."""

    id: str
    what: str
    """What the vendor does, in one sentence."""
    make: Callable[[], Twist]
    """A fresh twist: some remember what they have seen."""
    names: tuple[str, ...]
    """Ids of the checks that name this fault. One of them, at least, is refuted."""
    _: KW_ONLY
    dialects: tuple[Dialect, ...] = DIALECTS
    """Where it can be told; the first is tried by default."""
    means: Means = field(default_factory=Means)
    offers: Mapping[str, int] = field(default_factory=dict[str, int])
    first_s: float = 0.0
    """Pause before each answer, in seconds."""
    is_steady: bool = False
    """Whether it shows over several calls only, so that one that is told now and then is none."""
    timeout_s: float = 20.0
    """How long a trial waits for one exchange, in seconds."""


def everywhere_but(*dialects: Dialect) -> tuple[Dialect, ...]:
    """All dialects but these, in which a lie could not be told, or changes nothing."""
    return tuple(each for each in DIALECTS if each not in dialects)


def lie(
    id: str,  # noqa: A002  # the field's own name
    what: str,
    twist: Twist | Callable[[], Twist],
    *names: str,
    dialects: tuple[Dialect, ...] = DIALECTS,
    first_s: float = 0.0,
    is_steady: bool = False,
) -> Lie:
    """A lie of a twist. Arguments as the fields of `Lie`."""
    make = (lambda: twist) if isinstance(twist, Twist) else twist
    return Lie(id, what, make, names, dialects=dialects, first_s=first_s, is_steady=is_steady)
