"""What a promise's question has found."""

from collections.abc import Sequence

from offramp.types import value

_SHOWN = 3


@value
class Finding:
    """The answer to one question."""

    held: bool | None
    measured: str
    why: str | None = None


def unless(faults: Sequence[str], measured: str) -> Finding:
    """Held unless there are faults; the first few are named."""
    if not faults:
        return Finding(held=True, measured=measured)
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return Finding(held=False, measured=measured, why="; ".join(faults[:_SHOWN]) + more)


def unseen(why: str) -> Finding:
    """Nobody could observe it."""
    return Finding(held=None, measured="not observable", why=why)


NO_COUNTERS = "a real vendor's counters cannot be read"
NO_ORDER = "no order was given"
