"""What a decoded JSON value is, told to the type checker; and typed values taken out of what is left of an object.

What has another shape is left alone, so that it stays as residue.
"""

from typing import Any, TypeGuard

from offramp.types import JsonObject


def is_object(found: object) -> TypeGuard[JsonObject]:
    """Whether it is a JSON object."""
    return type(found) is dict or isinstance(found, dict)  # the first is quicker, and almost always enough


def is_list(found: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return type(found) is list


def is_text(found: object) -> TypeGuard[str]:
    """Whether it is a text that is not empty."""
    return type(found) is str and found != ""


def are_objects(found: object) -> TypeGuard[list[JsonObject]]:
    """Whether it is a JSON array of objects."""
    return is_list(found) and all(map(is_object, found))


def are_texts(found: object) -> TypeGuard[list[str]]:
    """Whether it is a JSON array of texts."""
    return is_list(found) and all(type(each) is str for each in found)


def take_text(left: JsonObject, key: str) -> str | None:
    """Take a text, the empty one included; None where there is none."""
    found: Any = left.get(key)
    if type(found) is not str:
        return None
    del left[key]
    return found


def take_flag(left: JsonObject, key: str) -> bool | None:
    """Take a boolean; None where there is none."""
    found: Any = left.get(key)
    if type(found) is not bool:
        return None
    del left[key]
    return found


def take_count(left: JsonObject, key: str) -> int | None:
    """Take a whole number; None where there is none."""
    found: Any = left.get(key)
    if type(found) is not int:
        return None
    del left[key]
    return found


def count_of(holder: JsonObject, key: str) -> int | None:
    """The whole number under the key, left where it is; None where there is none."""
    found: Any = holder.get(key)
    return found if type(found) is int else None
