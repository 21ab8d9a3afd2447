"""What one encoding to this dialect carries along: the target, the losses, and who wrote the request."""

from fnmatch import fnmatchcase
from typing import Any, Final

from offramp.contracts.dialect import Target
from offramp.types import JsonMapping, JsonObject, Opaque, Origin, Part, Wire, replays, same_host, within_scope
from offramp_providers.dialects.accounting import LossLog, under
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.gemini.options import OPTIONS
from offramp_providers.dialects.gemini.spellings import respell

NAME: Final = "gemini"

DROPPED: Final = object()
"""Stands for a part that is not sent. (None is a part that a sender may have written.)"""


def residual(left: JsonObject, form: list[str] | tuple[str, ...] = ()) -> Wire | None:
    """What a decoder has left over, and which spelling it met; None where there is neither."""
    return residue_of(NAME, left, tuple(form))


def form_of(wire: Wire | None) -> tuple[str, ...]:
    """The spellings that were used, if this dialect has written them."""
    return wire.form if wire is not None and wire.dialect == NAME else ()


class Encoding:
    """One encoding while it runs."""

    __slots__ = ("answering", "authored", "calls", "log", "moved", "options", "target")

    def __init__(self, target: Target, *, authored: bool, answering: bool = False) -> None:
        self.log = LossLog()
        self.target = target.origin
        self.options = target.options
        self.authored = authored
        """Written in this dialect: then its author's choices are sent as they are."""
        self.answering = answering
        """A response is encoded, not a request."""
        self.calls: dict[str, tuple[str, bool]] = {}
        """Each call so far, by id: its name, and whether its id was sent."""
        self.moved: list[tuple[Any, Part]] = []
        """Media of results that are to stand behind them: on the wire, and the part."""

    def option(self, name: str) -> Any:
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

    def is_own(self, origin: Origin | None, wire: Wire | None) -> bool:
        """Whether the target issued it, or its author took it from there."""
        return self.owns(origin) or (origin is None and (self.authored or replays(wire, origin, self.target)))

    def own_form(self, wire: Wire | None, origin: Origin | None) -> tuple[str, ...]:
        """The spellings that hold at the target."""
        return wire.form if wire is not None and replays(wire, origin, self.target) else ()

    def residue(self, node: object, wire: Wire | None, origin: Origin | None = None) -> JsonMapping:
        """The residue to write back under the canonical keys."""
        return self.log.residue(node, wire, origin, self.target)

    def signature(self, part: Part, origin: Origin | None) -> str | None:
        """The signature that goes with the part, if the target takes it as its own. Other opaque state is named."""
        found: str | None = None
        for position, each in enumerate(part.opaque):
            if found is None and each.kind == "signature" and self._is_accepted(each, origin):
                found = each.data
            else:
                self.log.lose("opaque.foreign", part, f"opaque[{position}]")
        return found

    def _is_accepted(self, opaque: Opaque, origin: Origin | None) -> bool:
        if origin is None or self.answering:
            return self.authored
        return within_scope(opaque, origin, self.target) or (
            opaque.scope == "model" and same_host(origin, self.target) and self._is_same_model(origin.model)
        )

    def _is_same_model(self, issuer: str | None) -> bool:
        """Whether the names differ by no more than a version, as in `x` and `x-001`, or the profile says so."""
        asked = self.target.model
        if issuer is None or asked is None:
            return False
        shorter, longer = sorted((issuer, asked), key=len)
        if longer.startswith(f"{shorter}-") and longer[len(shorter) + 1 :].isdigit():
            return True
        return any(fnmatchcase(issuer, pattern) for pattern in self.option("signature_models"))

    def dressed(self, block: JsonObject, part: Part, origin: Origin | None) -> JsonObject:
        """The part with its signature and residue, in its own spelling. What has no place here is named."""
        if part.cache is not None:
            self.log.lose("cache", part, "cache")
        if part.opaque:
            signature = self.signature(part, origin)
            if signature is not None:
                block["thoughtSignature"] = signature
        if part.wire is None:
            return block
        form = self.own_form(part.wire, origin)
        if "thought=false" in form:
            block["thought"] = False
        elif "thought=true" in form:
            block["thought"] = True
        block = under(self.residue(part, part.wire, origin), block)
        respell(block, form)
        return block

    def lose_marks(self, part: Part) -> None:
        """Name all that a part carries besides its content, where only that content is said."""
        if part.cache is not None:
            self.log.lose("cache", part, "cache")
        if part.opaque:
            self.log.lose("opaque.foreign", part, "opaque")
        self.log.lose_wire(part, part.wire)
