"""The catalogue of checks, one file an area. Each is a plain async function that makes one try."""

from collections.abc import Iterator
from typing import Final, cast

from offramp_conformance.checks import (
    context,
    handoff,
    media,
    parameters,
    policy,
    reasoning,
    refusal,
    streaming,
    structured,
    text,
    tool_choice,
    tool_results,
    tool_streams,
    tools,
)
from offramp_conformance.suite.check import Check

_AREAS: Final = (
    text,
    parameters,
    streaming,
    tools,
    tool_choice,
    tool_results,
    tool_streams,
    structured,
    reasoning,
    refusal,
    media,
    context,
    handoff,
    policy,
)


def catalogue() -> tuple[Check, ...]:
    """Every check, area by area. Their ids are unique."""
    found = [each for area in _AREAS for held in vars(area).values() for each in _checks_in(held)]
    if len({each.id for each in found}) != len(found):
        raise ValueError("two checks have the same id")
    return tuple(found)


def _checks_in(held: object) -> Iterator[Check]:
    """A check that stands by itself, or those of a table."""
    if isinstance(held, Check):
        yield held
    elif isinstance(held, tuple):
        yield from (each for each in cast("tuple[object, ...]", held) if isinstance(each, Check))
