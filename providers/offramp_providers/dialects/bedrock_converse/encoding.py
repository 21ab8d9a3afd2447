"""What one encoding to this dialect carries along: the target, the losses, and who wrote the request."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from offramp.contracts.dialect import Target
from offramp.contracts.profile import Option
from offramp.types import Cache, JsonObject, Origin, Part, Wire, replays
from offramp_providers.dialects import encoding
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.options import OPTIONS
from offramp_providers.dialects.shapes import is_object

NAME: Final = "bedrock_converse"

DROPPED: Final = object()
"""Stands for a block that is not sent. (None is a block that a sender may have written.)"""

_LIFETIMES: Final[Mapping[str, int]] = {"5m": 300, "1h": 3600}


def residual(left: JsonObject, *form: str) -> Wire | None:
    """What a decoder has left over, and which spelling it met; None where there is neither."""
    return encoding.residue_of(NAME, left, form)


def form_of(wire: Wire | None) -> tuple[str, ...]:
    """The spellings that were used, if this dialect has written them."""
    return wire.form if wire is not None and wire.dialect == NAME else ()


def decode_cache(block: JsonObject) -> Cache | None:
    """The mark that a cache point sets on what stands before it; None where it is none, or says more than that."""
    point: Any = block.get("cachePoint")
    if len(block) != 1 or not is_object(point) or point.get("type") != "default":
        return None
    if len(point) == 1:
        return Cache()
    ttl: Any = point.get("ttl")
    return Cache(_LIFETIMES[ttl]) if len(point) == 2 and type(ttl) is str and ttl in _LIFETIMES else None


class Encoding(encoding.Encoding):
    """One encoding while it runs."""

    __slots__ = ("document_names",)

    defaults: ClassVar[Mapping[str, Option]] = {name: default for name, (default, _) in OPTIONS.items()}

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        super().__init__(target, native=native, answering=answering)
        self.document_names: set[str] = set()
        """Names of documents so far: the vendor takes each once in a request."""

    def allows(self, option: str) -> bool:
        """Whether the host allows what the option names."""
        given = self.given(option)
        return bool(given) if given is not None else self.native or bool(self.defaults[option])

    def is_own(self, origin: Origin | None, wire: Wire | None) -> bool:
        """Whether the target issued it, or its author took it from there."""
        return self.mine(origin) or (origin is None and (self.native or replays(wire, None, self.target.origin)))

    def dressed(self, block: JsonObject, part: Part, origin: Origin | None) -> JsonObject:
        """The block with the part's residue. Opaque state has no place on it."""
        self.lose_opaque(part)
        residue, _ = self.own(part, part.wire, origin)
        return under(residue, block)

    def cache_point(self, node: object, cache: Cache) -> JsonObject | None:
        """The block behind what is to be cached, with the nearest lifetime; None, and the loss, where there is none."""
        if not self.allows("cache_points"):
            self.lose_cache(node)
            return None
        point = {"type": "default"}
        if cache.ttl_s is not None:
            if cache.ttl_s not in _LIFETIMES.values():
                self.log.lose("setting.clamped", node, "cache.ttl_s")
            point["ttl"] = "5m" if cache.ttl_s < 3600 else "1h"
        return {"cachePoint": point}

    def lose_cache(self, node: object) -> None:
        """Name a mark that has no place."""
        self.log.lose("cache", node, "cache")
