"""What an encoder carries along: the target with its options, and the log of what cannot be said."""

from typing import Any, Final

from offramp.contracts.provider import Target
from offramp.types import JsonMapping, Origin, Part, Wire, replays, same_host
from offramp_providers.dialects.accounting import LossLog
from offramp_providers.dialects.openai_chat.options import DEFAULTS, NAME

NOTHING: Final[JsonMapping] = {}
"""No residue."""


class Encoding:
    """One encoding on its way."""

    __slots__ = ("answering", "functions", "log", "native", "target")

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        self.target = target
        self.native = native
        """The request was written in this dialect: it passes as it is, and ranges are the host's to judge."""
        self.answering = answering
        """A response is encoded, not a request."""
        self.log = LossLog()
        self.functions: dict[str, str] = {}
        """Calls made by the deprecated `function_call`: id to function name."""

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

    def lose_opaque(self, part: Part) -> None:
        """Name opaque state on a part whose kind has no place for it here."""
        if part.opaque:
            self.log.lose("opaque.foreign", part, "opaque")


def residue_wire(left: dict[str, Any], form: tuple[str, ...] = ()) -> Wire | None:
    """A wire for what a decoder has left, or None where nothing is left and the spelling is the usual one."""
    if left or form:
        return Wire(dialect=NAME, fields=left, form=form)
    return None
