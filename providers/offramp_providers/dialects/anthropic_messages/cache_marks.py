"""Cache marks, as they are read."""

from typing import Any

from offramp.types import Cache, JsonObject
from offramp_providers.dialects.shapes import is_object

_LIFETIMES = {"5m": 300, "1h": 3600}
"""Lifetimes of a cache mark, in seconds (anthropic-sdk-python 0.121.0, read 2026-11-23)."""


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
