"""Levels of effort: ours in order, and the nearest that a model has."""

from collections.abc import Sequence
from typing import Final, get_args

from offramp.types import Effort

LEVELS: Final[tuple[Effort, ...]] = get_args(Effort)
"""From the least to the most."""


def nearest_level(effort: Effort, levels: Sequence[str]) -> str | None:
    """The highest level that is not above what was asked for, else the lowest there is; None where there is none."""
    if effort in levels or not levels:
        return effort if effort in levels else None
    rank = LEVELS.index(effort)
    below = [level for level in levels if level in LEVELS and LEVELS.index(level) < rank]
    return below[-1] if below else levels[0]
