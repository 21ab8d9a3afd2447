"""What a decoded JSON value is, told to the type checker."""

from typing import Any, TypeGuard

from offramp.types import JsonObject


def is_object(found: Any) -> TypeGuard[JsonObject]:
    """Whether it is a JSON object."""
    return type(found) is dict


def is_list(found: Any) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return type(found) is list


def is_text(found: Any) -> TypeGuard[str]:
    """Whether it is a text that is not empty."""
    return type(found) is str and found != ""


def take_text(left: JsonObject, key: str) -> str | None:
    """Take a text, the empty one included, out of what is left; None, and left alone, where there is none."""
    found: Any = left.get(key)
    if type(found) is not str:
        return None
    del left[key]
    return found
