"""What blocks carry besides their content: cache marks, opaque state and residue."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import Cache, JsonMapping, JsonObject, Origin, Part, Wire
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.openai_chat.encoding import Encoding, residue_wire
from offramp_providers.dialects.shapes import is_object

_TTL_WORDS: Final[Mapping[str, int]] = {"5m": 300, "1h": 3600}
_TTL_SECONDS: Final[Mapping[int, str]] = {seconds: word for word, seconds in _TTL_WORDS.items()}


def block_wire(left: JsonObject, form: tuple[str, ...]) -> Wire | None:
    """What is left of a block when its content was taken."""
    del left["type"]
    return residue_wire(left, form)


def take_cache(left: JsonObject) -> tuple[Cache | None, tuple[str, ...]]:
    """A cache mark, where the block has one that says no more than ours."""
    if left.get("prompt_cache_breakpoint") == {"mode": "explicit"}:
        del left["prompt_cache_breakpoint"]
        return Cache(), ("cache=prompt_cache_breakpoint",)
    mark = left.get("cache_control")
    if not is_object(mark) or mark.get("type") != "ephemeral":
        return None, ()
    ttl: Any = mark.get("ttl")
    known = type(ttl) is str and ttl in _TTL_WORDS
    if len(mark) > 1 + known:
        return None, ()
    del left["cache_control"]
    return Cache(ttl_s=_TTL_WORDS[ttl] if known else None), ("cache=cache_control",)


def _encode_cache(encoding: Encoding, part: Part, form: tuple[str, ...]) -> JsonMapping:
    """The part's cache mark in the host's spelling, or a loss."""
    if part.cache is None:
        return {}
    field = encoding.given("cache_marks")
    if field is None:
        field = next((mark[6:] for mark in form if mark.startswith("cache=")), "")
    ttl_s = part.cache.ttl_s
    if field == "cache_control" and (ttl_s is None or ttl_s in _TTL_SECONDS):
        return {field: {"type": "ephemeral"} if ttl_s is None else {"type": "ephemeral", "ttl": _TTL_SECONDS[ttl_s]}}
    if field == "prompt_cache_breakpoint":
        if ttl_s is not None:
            encoding.log.lose("cache", part, "cache.ttl_s")
        return {field: {"mode": "explicit"}}
    encoding.log.lose("cache", part, "cache")
    return {}


def with_marks(encoding: Encoding, part: Part, author: Origin | None, block: JsonObject) -> JsonObject:
    """The block with the part's cache mark and its own residue; opaque state that has no place here is named."""
    encoding.lose_opaque(part)
    residue, form = encoding.own(part, part.wire, part.origin or author)
    block.update(_encode_cache(encoding, part, form))
    return under(residue, block)
