"""What an encoder carries along: the target with its options, and the log of what cannot be said."""

from typing import Any, Final

from offramp.contracts.provider import Target
from offramp.types import JsonMapping, JsonObject, Origin, Part, Wire, replays, same_host
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.cohere_v2.options import DEFAULTS, NAME

NOTHING: Final[JsonMapping] = {}
"""No residue."""

NOBODY: Final = Origin(developer="", host="", dialect=NAME)
"""An author whom nobody knows."""


class Encoding:
    """One encoding on its way."""

    __slots__ = ("answering", "documents", "log", "native", "target")

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        self.target = target
        self.native = native
        """What is encoded was written in this dialect: it passes as it is, and ranges are the host's to judge."""
        self.answering = answering
        """A response is encoded, not a request."""
        self.log = LossLog()
        self.documents: list[Any] = []
        """Documents that stand beside the messages, found in the messages so far."""

    def option(self, option: str) -> Any:
        """The option as the host's profile gives it, or the dialect's default."""
        return self.target.options.get(option, DEFAULTS[option])

    def own(self, node: object, wire: Wire | None, origin: Origin | None) -> tuple[JsonMapping, tuple[str, ...]]:
        """Residue and spelling to write back; what is another issuer's is named as lost."""
        if wire is None:
            return NOTHING, ()
        if replays(wire, origin, self.target.origin):
            return wire.fields, wire.form
        self.log.lose_wire(node, wire)
        return NOTHING, ()

    def form_of(self, wire: Wire | None, origin: Origin | None) -> tuple[str, ...]:
        """The spelling alone, where it may be used again."""
        return wire.form if wire is not None and replays(wire, origin, self.target.origin) else ()

    def mine(self, origin: Origin | None) -> bool:
        """Whether the very host that is now asked has produced it."""
        return origin is not None and same_host(origin, self.target.origin)

    def dressed(self, part: Part, author: Origin | None, block: JsonObject) -> JsonObject:
        """The block with the part's own residue. Cache marks and opaque state have no place here, and are named."""
        self.lose_marks(part)
        if part.wire is None:
            return block
        return under(self.own(part, part.wire, part.origin or author)[0], block)

    def lose_marks(self, part: Part) -> None:
        """Name a cache mark and opaque state."""
        if part.cache is not None:
            self.log.lose("cache", part, "cache")
        if part.opaque:
            self.log.lose("opaque.foreign", part, "opaque")


def residue_wire(left: dict[str, Any], form: tuple[str, ...] = ()) -> Wire | None:
    """A wire for what a decoder has left, or None where nothing is left and the spelling is the usual one."""
    if left or form:
        return Wire(dialect=NAME, fields=left, form=form)
    return None


def has_mark(wire: Wire | None, mark: str) -> bool:
    """Whether this dialect has spelled it so."""
    return wire is not None and wire.dialect == NAME and mark in wire.form
