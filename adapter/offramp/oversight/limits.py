"""What a declared scale means in figures, so that what is observed can be held against it."""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.declaration import Bounds, Declaration
from offramp.contracts.oversight import Limits
from offramp.contracts.uses import Scale

_NO_BOUNDS: Final = Bounds()

_USUAL: Final[Mapping[Scale, tuple[int | None, int | None]]] = {
    "individual": (1000, 10_000),
    "enumerated": (1000, 10_000),
    "none": (0, None),
}
"""Subjects and calls in one window where the declaration gives no figure. They are ours; no document names any."""


def limits_of(declaration: Declaration) -> Limits | None:
    """How much the mission may be seen to do; None: nothing is counted.

    `individual` and `enumerated` are limited in any case: by the declaration's own `bounds`, else by 1000 people and
    10 000 calls a day. `none` says that the mission concerns nobody: a call that names a subject is beyond it.
    `mass` and `unstated` are limited by what they declare alone.
    """
    bounds = declaration.bounds or _NO_BOUNDS
    subjects, calls = _USUAL.get(declaration.facets.scale, (None, None))
    limits = Limits(
        window_s=bounds.window_hours * 3600,
        subjects=subjects if bounds.subjects is None else bounds.subjects,
        calls=calls if bounds.calls is None else bounds.calls,
        labels=bounds.labels,
    )
    return limits if (limits.subjects, limits.calls, limits.labels) != (None, None, None) else None
