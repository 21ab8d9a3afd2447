"""What an encoder carries along: the target with its options, and the log of what cannot be said.

A dialect has an `Encoding` of its own, with its defaults and whatever else it has to remember on the way.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Final

from offramp.contracts.dialect import Target
from offramp.contracts.profile import Option
from offramp.types import JsonMapping, JsonObject, OpaqueKind, Origin, Part, Wire, replays, same_host, within_scope
from offramp_providers.dialects.accounting import LossLog

NOTHING: Final[JsonMapping] = {}
"""No residue."""


class Encoding:
    """One encoding on its way."""

    __slots__ = ("answering", "log", "native", "target")

    defaults: ClassVar[Mapping[str, Option]] = {}
    """The options that the dialect knows, each with its default."""

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        self.target = target
        self.native = native
        """What is encoded was written in this dialect: it passes as it is, and ranges are the host's to judge."""
        self.answering = answering
        """A response is encoded, not a request."""
        self.log = LossLog()

    def given(self, option: str) -> Any:
        """The option as the host's profile gives it; None where it does not."""
        return self.target.options.get(option)

    def option(self, option: str) -> Any:
        """The option, or the dialect's default."""
        return self.target.options.get(option, self.defaults[option])

    def own(self, node: object, wire: Wire | None, origin: Origin | None) -> tuple[JsonMapping, tuple[str, ...]]:
        """Residue and spelling to write back; what is another issuer's is named as lost."""
        if wire is None:
            return NOTHING, ()
        if replays(wire, origin, self.target.origin):
            return wire.fields, wire.form
        self.log.lose_wire(node, wire)
        return NOTHING, ()

    def mine(self, origin: Origin | None) -> bool:
        """Whether the very host that is now asked has produced it."""
        return origin is not None and same_host(origin, self.target.origin)

    def state(self, part: Part, origin: Origin | None, *kinds: OpaqueKind) -> dict[str, str]:
        """Opaque state of these kinds that may go to the target. All other is named."""
        found: dict[str, str] = {}
        for place, each in enumerate(part.opaque):
            own = self.native if self.answering else within_scope(each, origin, self.target.origin)
            if own and each.kind in kinds and each.kind not in found:
                found[each.kind] = each.data
            else:
                self.log.lose("opaque.foreign", part, f"opaque[{place}]")
        return found

    def lose_marks(self, part: Part) -> None:
        """Name the cache mark and the opaque state of a part that has no place for them here."""
        if part.cache is not None:
            self.log.lose("cache", part, "cache")
        self.lose_opaque(part)

    def lose_opaque(self, part: Part) -> None:
        """Name opaque state on a part whose kind has no place for it here."""
        if part.opaque:
            self.log.lose("opaque.foreign", part, "opaque")


def residue_of(dialect: str, left: JsonObject, form: tuple[str, ...] = ()) -> Wire | None:
    """A wire for what a decoder has left, or None where nothing is left and the spelling is the usual one."""
    if left:
        return Wire(dialect=dialect, fields=left, form=form)
    return spelling(dialect, form) if form else None


@lru_cache(maxsize=1024)
def spelling(dialect: str, form: tuple[str, ...]) -> Wire:
    """A wire that says no more than how something was spelled. The same for the same marks."""
    return Wire(dialect=dialect, form=form)


def marked(form: tuple[str, ...], prefix: str) -> str | None:
    """The rest of the form mark that begins so."""
    return next((mark[len(prefix) :] for mark in form if mark.startswith(prefix)), None)
