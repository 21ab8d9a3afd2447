"""The catalogue of lies, one file for what they are about. For each, the suite must name the fault."""

from typing import Final

from offramp_conformance.liars.lies import (
    calls,
    counts,
    errors,
    identity,
    reading,
    results,
    settings,
    streaming,
    structure,
    words,
)
from offramp_conformance.liars.lies.lie import Lie

_FILES: Final = (reading, settings, words, calls, results, structure, counts, streaming, errors, identity)


def lies() -> tuple[Lie, ...]:
    """All of them. Their ids are unique."""
    found = tuple(each for file in _FILES for each in vars(file).values() if isinstance(each, Lie))
    if len({each.id for each in found}) != len(found):
        raise ValueError("two lies have the same id")
    return found
