"""The two spellings of every field, `camelCase` and `snake_case`. Decoders read both and mark the second."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_object

_SNAKE: Final = "snake="
"""Form mark of a field in the second spelling: the path to it, in the first."""


def both_spellings(*names: str) -> dict[str, str]:
    """The second spelling of each name, and the first."""
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): name for name in names}


def unsnake(left: JsonObject, names: Mapping[str, str], form: list[str], place: str = "") -> None:
    """Spell the fields of an object in the first way, and mark which were not. Both at once are left alone."""
    if left.keys().isdisjoint(names):
        return
    for snake in [key for key in left if key in names]:
        name = names[snake]
        if name != snake and name not in left:
            left[name] = left.pop(snake)
            form.append(f"{_SNAKE}{place}{name}")


def respell(block: JsonObject, form: Iterable[str]) -> None:
    """The inverse of `unsnake`: the innermost first, since a path is in the first spelling."""
    paths = [mark[len(_SNAKE) :].split(".") for mark in form if mark.startswith(_SNAKE)]
    for *way, name in sorted(paths, key=len, reverse=True):
        holder: Any = block
        for step in way:
            holder = holder.get(step) if is_object(holder) else None
        if is_object(holder) and name in holder:
            snake = next(iter(both_spellings(name)))
            holder[snake] = holder.pop(name)
