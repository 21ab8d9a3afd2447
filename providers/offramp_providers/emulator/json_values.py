"""Looking into JSON of unknown shape without tripping over it."""

from __future__ import annotations

from typing import Any, TypeGuard

from offramp.types._value import JsonObject


def is_object(found: Any) -> TypeGuard[JsonObject]:
    """Whether this is a JSON object."""
    return isinstance(found, dict)


def is_list(found: Any) -> TypeGuard[list[Any]]:
    """Whether this is a JSON list."""
    return isinstance(found, list)


def is_number(found: Any) -> bool:
    """Whether this is a JSON number; true and false are not."""
    return isinstance(found, int | float) and not isinstance(found, bool)


def object_of(found: Any) -> JsonObject:
    """The object itself; an empty one where it is something else."""
    return found if is_object(found) else {}


def objects_of(found: Any) -> list[JsonObject]:
    """The objects of a list; empty where it is no list."""
    return [member for member in found if is_object(member)] if is_list(found) else []


def text_of(found: Any) -> str:
    """The string itself; empty where it is something else."""
    return found if isinstance(found, str) else ""
