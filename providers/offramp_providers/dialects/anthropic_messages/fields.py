"""Take typed values out of what is left of a wire object; what has another shape stays there as residue."""

from typing import Any, TypeGuard

from offramp.types import Cache, JsonObject

_LIFETIMES = {"5m": 300, "1h": 3600}
"""Lifetimes of a cache mark, in seconds (anthropic-sdk-python 0.121.0, read 2026-11-23)."""


def is_object(content: object) -> TypeGuard[JsonObject]:
    """Whether it is a JSON object."""
    return type(content) is dict


def is_list(content: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return type(content) is list


def are_objects(content: object) -> TypeGuard[list[JsonObject]]:
    """Whether it is a JSON array of objects."""
    return is_list(content) and all(type(each) is dict for each in content)


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


def take_count(left: JsonObject, key: str) -> int | None:
    """The whole number under the key; None, and left alone, where there is none."""
    content: Any = left.get(key)
    if type(content) is not int:
        return None
    del left[key]
    return content


def take_cache(left: JsonObject) -> Cache | None:
    """The cache mark. Keys in it that have no name here stay, under the same key."""
    mark: Any = left.get("cache_control")
    if not is_object(mark) or mark.get("type") != "ephemeral":
        return None
    ttl: Any = mark.get("ttl")
    lifetime = _LIFETIMES.get(ttl) if type(ttl) is str else None
    known = {"type"} if lifetime is None else {"type", "ttl"}
    rest = {key: content for key, content in mark.items() if key not in known}
    if rest:
        left["cache_control"] = rest
    else:
        del left["cache_control"]
    return Cache(lifetime)
