"""Cache marks on blocks."""

from offramp.types import Cache, JsonObject, Part
from offramp_providers.dialects.openai_responses.encoding import Encoding

_KEY = "prompt_cache_breakpoint"


def take_cache(left: JsonObject) -> tuple[Cache | None, tuple[str, ...]]:
    """A cache mark, where the block has one that says no more than ours."""
    if left.get(_KEY) == {"mode": "explicit"}:
        del left[_KEY]
        return Cache(), ("cache",)
    return None, ()


def put_cache(encoding: Encoding, part: Part, block: JsonObject, form: tuple[str, ...]) -> None:
    """Write the part's mark where its author has written one, or name it: not every model takes them."""
    if part.cache is None:
        return
    if "cache" not in form:
        encoding.log.lose("cache", part, "cache")
        return
    if part.cache.ttl_s is not None:
        encoding.log.lose("cache", part, "cache.ttl_s")
    block[_KEY] = {"mode": "explicit"}
