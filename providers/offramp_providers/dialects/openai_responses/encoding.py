"""What an encoder carries along: the target with its options, and the log of what cannot be said."""

from typing import Any, Final

from offramp.contracts.provider import Target
from offramp.types import JsonMapping, JsonObject, OpaqueKind, Origin, Part, Wire, replays, same_host, within_scope
from offramp_providers.dialects.accounting import LossLog
from offramp_providers.dialects.openai_responses.options import DEFAULTS, NAME

NOTHING: Final[JsonMapping] = {}
"""No residue."""


class Encoding:
    """One encoding on its way."""

    __slots__ = ("answering", "custom", "log", "native", "target")

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        self.target = target
        self.native = native
        """What is encoded was written in this dialect: it passes as it is, and ranges are the host's to judge."""
        self.answering = answering
        """A response is encoded, not a request."""
        self.log = LossLog()
        self.custom: set[str] = set()
        """Ids of calls of custom tools, whose results have a type of their own."""

    def given(self, option: str) -> Any:
        """The option as the host's profile gives it; None where it does not."""
        return self.target.options.get(option)

    def option(self, option: str) -> Any:
        """The option, or the dialect's default."""
        return self.target.options.get(option, DEFAULTS[option])

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


def residue_wire(left: JsonObject, form: tuple[str, ...] = ()) -> Wire | None:
    """A wire for what a decoder has left, or None where nothing is left and the spelling is the usual one."""
    if left or form:
        return Wire(dialect=NAME, fields=left, form=form)
    return None


def marked(form: tuple[str, ...], prefix: str) -> str | None:
    """The rest of the form mark that begins so."""
    return next((mark[len(prefix) :] for mark in form if mark.startswith(prefix)), None)
