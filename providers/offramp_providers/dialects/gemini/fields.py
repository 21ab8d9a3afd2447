"""Take typed values out of what is left of a wire object; what has another shape stays there as residue.

The wire takes every field in two spellings, `camelCase` and `snake_case`. Decoders read both and mark the second.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeGuard

from offramp.types import JsonObject

_SNAKE: Final = "snake="
"""Form mark of a field in the second spelling: the path to it, in the first."""


def both_spellings(*names: str) -> dict[str, str]:
    """The second spelling of each name, and the first."""
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): name for name in names}


def is_object(content: object) -> TypeGuard[JsonObject]:
    """Whether it is a JSON object."""
    return type(content) is dict


def is_list(content: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return type(content) is list


def are_objects(content: object) -> TypeGuard[list[JsonObject]]:
    """Whether it is a JSON array of objects."""
    return is_list(content) and all(type(each) is dict for each in content)


def are_texts(content: object) -> TypeGuard[list[str]]:
    """Whether it is a JSON array of texts."""
    return is_list(content) and all(type(each) is str for each in content)


def take_text(left: JsonObject, key: str) -> str | None:
    """The text under the key; None, and left alone, where there is none."""
    content: Any = left.get(key)
    if type(content) is not str:
        return None
    del left[key]
    return content


def take_flag(left: JsonObject, key: str) -> bool | None:
    """The boolean under the key; None, and left alone, where there is none."""
    content: Any = left.get(key)
    if type(content) is not bool:
        return None
    del left[key]
    return content


def count_of(holder: JsonObject, key: str) -> int | None:
    """The whole number under the key, left where it is."""
    content: Any = holder.get(key)
    return content if type(content) is int else None


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
