"""Arguments that arrive piece by piece, each with the path to where it belongs."""

import re
from itertools import pairwise
from typing import Any, Final

from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_list, is_object

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]")
_VALUES: Final = ("stringValue", "numberValue", "boolValue", "nullValue")
_MOST_ITEMS: Final = 10_000
"""Longest array that a path may open; a larger index is no vendor's."""


class PartialArguments:
    """The object that the pieces amount to so far."""

    def __init__(self) -> None:
        self.value: JsonObject = {}

    def add(self, pieces: Any) -> None:
        """Take in the pieces of one wire event. What fits nowhere is left out; the event itself is kept elsewhere."""
        for piece in pieces if is_list(pieces) else ():
            path: Any = piece.get("jsonPath") if is_object(piece) else None
            key = next((each for each in _VALUES if each in piece), None) if type(path) is str else None
            if key is not None:
                self._put(_steps(path), None if key == "nullValue" else piece[key])

    def _put(self, steps: list[str | int], content: Any) -> None:
        holder: Any = self.value
        for step, following in pairwise(steps):
            below: Any = _at(holder, step)
            if not (is_object(below) or is_list(below)):
                below = [] if isinstance(following, int) else {}
                _set(holder, step, below)
            holder = below
        if steps:
            before = _at(holder, steps[-1])
            joined = before + content if isinstance(before, str) and isinstance(content, str) else content
            _set(holder, steps[-1], joined)


def _steps(path: str) -> list[str | int]:
    return [
        int(found[2]) if found[2] is not None else (found[1] if found[1] is not None else found[3])
        for found in _STEP.finditer(path.removeprefix("$"))
    ]


def _at(holder: Any, step: str | int) -> Any:
    if is_object(holder) and isinstance(step, str):
        return holder.get(step)
    if is_list(holder) and isinstance(step, int) and step < len(holder):
        return holder[step]
    return None


def _set(holder: Any, step: str | int, content: Any) -> None:
    if is_object(holder) and isinstance(step, str):
        holder[step] = content
    elif is_list(holder) and isinstance(step, int) and step < _MOST_ITEMS:
        holder.extend([None] * (step + 1 - len(holder)))
        holder[step] = content
