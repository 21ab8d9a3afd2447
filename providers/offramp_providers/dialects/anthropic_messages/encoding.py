"""What one encoding to this dialect carries along: the target, the losses, and who wrote the request."""

from typing import Final

from offramp.contracts.dialect import Target
from offramp.contracts.profile import Option
from offramp.types import JsonMapping, JsonObject, Origin, Part, Wire, same_host
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.anthropic_messages.options import OPTIONS
from offramp_providers.dialects.encoding import residue_of

NAME: Final = "anthropic_messages"

DROPPED: Final = object()
"""Stands for a block that is not sent. (None is a block that a sender may have written.)"""

MAX_CACHE_MARKS: Final = 4
"""Cache breakpoints that a request may hold (anthropic-sdk-python 0.121.0, read 2026-11-23)."""


def residual(left: JsonObject, *form: str) -> Wire | None:
    """What a decoder has left over, and which spelling it met; None where there is neither."""
    return residue_of(NAME, left, form)


def form_of(wire: Wire | None) -> tuple[str, ...]:
    """The spellings that were used, if this dialect has written them."""
    return wire.form if wire is not None and wire.dialect == NAME else ()


def marked(wire: Wire | None, prefix: str) -> str | None:
    """The rest of the form mark that begins so."""
    for mark in form_of(wire):
        if mark.startswith(prefix):
            return mark[len(prefix) :]
    return None


def with_form(wire: Wire | None, mark: str) -> Wire:
    """The same residue with one more mark."""
    if wire is None:
        return Wire(dialect=NAME, form=(mark,))
    return Wire(dialect=NAME, fields=wire.fields, form=(*wire.form, mark), headers=wire.headers)


class Encoding:
    """One encoding while it runs."""

    __slots__ = ("authored", "log", "marks", "options", "takes_marks", "target")

    def __init__(self, target: Target, *, authored: bool, takes_marks: bool = True) -> None:
        self.log = LossLog()
        self.target = target.origin
        self.options = target.options
        self.authored = authored
        """Written in this dialect: then its author's choices are sent as they are."""
        self.takes_marks = takes_marks
        """Whether blocks may hold cache marks: those of a request do."""
        self.marks: list[tuple[object, JsonObject]] = []
        """Every cache mark so far: the canonical node, and the object that holds it on the wire."""

    def option(self, name: str) -> Option:
        """The option, or the dialect's default."""
        return self.options.get(name, OPTIONS[name][0])

    def allows(self, option: str) -> bool:
        """Whether the host allows what the option names."""
        given = self.options.get(option)
        if given is not None:
            return bool(given)
        return self.authored or bool(OPTIONS[option][0])

    def owns(self, origin: Origin | None) -> bool:
        """Whether the target issued what has this origin."""
        return origin is not None and same_host(origin, self.target)

    def residue(self, node: object, wire: Wire | None, origin: Origin | None = None) -> JsonMapping:
        """The residue to write back under the canonical keys."""
        return self.log.residue(node, wire, origin, self.target)

    def dressed(self, block: JsonObject, part: Part, origin: Origin | None) -> JsonObject:
        """The block with the part's residue and cache mark. Opaque state that got no place is named."""
        if part.opaque:
            self.log.lose("opaque.foreign", part, "opaque")
        return self.dressed_reasoning(block, part, origin)

    def dressed_reasoning(self, block: JsonObject, part: Part, origin: Origin | None) -> JsonObject:
        """As `dressed`, where the opaque state stands in the block already."""
        cache = part.cache if self.takes_marks else None
        if cache is not None:
            block["cache_control"] = self.cache_control(part, cache.ttl_s)
        elif part.cache is not None:
            self.log.lose("cache", part, "cache")
        if part.wire is not None:
            block = under(self.residue(part, part.wire, origin), block)
        if cache is not None:
            self.marks.append((part, block))
        return block

    def cache_control(self, node: object, ttl_s: int | None) -> JsonObject:
        """The cache mark, with the nearest lifetime that the dialect has."""
        match ttl_s:
            case None:
                return {"type": "ephemeral"}
            case 300:
                return {"type": "ephemeral", "ttl": "5m"}
            case 3600:
                return {"type": "ephemeral", "ttl": "1h"}
            case _:
                self.log.lose("setting.clamped", node, "cache.ttl_s")
                return {"type": "ephemeral", "ttl": "5m" if ttl_s < 3600 else "1h"}

    def trim_marks(self) -> None:
        """Take the earliest cache marks away where there are more than the dialect takes."""
        surplus = 0 if self.authored else max(0, len(self.marks) - MAX_CACHE_MARKS)
        for node, holder in self.marks[:surplus]:
            del holder["cache_control"]
            self.log.lose("cache", node, "cache")
