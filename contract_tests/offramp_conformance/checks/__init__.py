"""The catalogue of checks, one file an area. Each is a plain async function that makes one try."""

from typing import Final

from offramp_conformance.checks import parameters, streaming, text
from offramp_conformance.suite.check import Check

_AREAS: Final = (text, parameters, streaming)


def catalogue() -> tuple[Check, ...]:
    """Every check, area by area. Their ids are unique."""
    found = [each for area in _AREAS for each in vars(area).values() if isinstance(each, Check)]
    if len({each.id for each in found}) != len(found):
        raise ValueError("two checks have the same id")
    return tuple(found)
