"""Which checks a run consists of, and whether that is all of them."""

from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY
from typing import Final, Literal, TypeAlias, get_args

from offramp.contracts.capability import Requirement
from offramp.contracts.needs import Demand, NeedName
from offramp.errors import ConfigurationError
from offramp.types import value
from offramp_conformance.suite.check import Check

RunLevel: TypeAlias = Literal["core", "contract", "full"]
"""`core`: what every endpoint owes. `contract`: that, and all that the mission's contract uses. `full`: everything."""
RUN_LEVELS: Final[tuple[RunLevel, ...]] = get_args(RunLevel)

_ALWAYS: Final[frozenset[Requirement | None]] = frozenset({None, "text", "streaming"})

_OBJECTIVES: Final[tuple[NeedName, ...]] = ("first_output_s", "output_tokens_per_s")

_USES: Final[dict[NeedName, Requirement]] = {
    "tool_count": "tools",
    "tool_names": "tools",
    "stop_sequences": "stop",
    "candidates": "candidates",
    "alternatives": "logprobs",
    "images": "input.images",
    "documents": "input.documents",
    "audio": "input.audio",
    "video": "input.video",
    "output_schema": "structured_output",
}
"""Which capability a need with a value rests on."""


@value
class Selection:
    """The checks of one run."""

    level: RunLevel
    checks: tuple[Check, ...]
    _: KW_ONLY
    left_out: tuple[str, ...] = ()
    """Canonical checks of this level that the caller left out. With any, the run certifies nothing."""


def required_by(demand: Demand) -> frozenset[Requirement]:
    """What a mission's contract uses, in words of capabilities."""
    used: frozenset[Requirement] = frozenset(_USES[name] for name in demand.needs.given if name in _USES)
    return demand.requires | used


def objectives_of(demand: Demand) -> dict[str, float]:
    """What a mission's contract states of speed, for the checks that measure it."""
    return {name: float(getattr(demand.needs, name)) for name in _OBJECTIVES if name in demand.needs.given}


def select(
    catalogue: Sequence[Check],
    level: RunLevel,
    required: frozenset[Requirement],
    *,
    only: Collection[str] = (),
    without: Collection[str] = (),
) -> Selection:
    """The checks of a level, less what the caller leaves out.

    Args:
        catalogue: every check.
        level: how much.
        required: what the mission's contract uses.
        only: ids or areas to keep. Empty: all.
        without: ids or areas to leave out.

    Raises:
        ConfigurationError: a word names no check and no area.
    """
    _refuse_unknown(catalogue, (*only, *without))
    canonical = [each for each in catalogue if _belongs(each, level, required)]
    kept = [each for each in canonical if (not only or _named(each, only)) and not _named(each, without)]
    left_out = tuple(each.id for each in canonical if each not in kept)
    return Selection(level, tuple(kept), left_out=left_out)


def level_named(word: str, where: str) -> RunLevel:
    """The level of this name. Raises ConfigurationError."""
    for known in RUN_LEVELS:
        if word == known:
            return known
    raise ConfigurationError(f"there is no level {word!r}", where=where, mend=f"use one of {', '.join(RUN_LEVELS)}")


def _belongs(check: Check, level: RunLevel, required: frozenset[Requirement]) -> bool:
    match level:
        case "core":
            return check.level == "MUST" and check.verifies in _ALWAYS
        case "contract":
            return check.verifies in _ALWAYS or check.verifies in required
        case "full":
            return True


def _named(check: Check, words: Collection[str]) -> bool:
    return check.id in words or check.area in words


def _refuse_unknown(catalogue: Sequence[Check], words: Collection[str]) -> None:
    known = {each.id for each in catalogue} | {each.area for each in catalogue}
    for word in words:
        if word not in known:
            areas = ", ".join(sorted({each.area for each in catalogue}))
            raise ConfigurationError(f"there is no check and no area {word!r}", mend=f"use an id, or one of {areas}")
