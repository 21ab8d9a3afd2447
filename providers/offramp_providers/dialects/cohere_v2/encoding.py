"""What an encoder to this dialect carries along."""

from collections.abc import Mapping
from typing import ClassVar, Final

from offramp.contracts.profile import Option
from offramp.types import JsonObject, Origin, Part, Wire, replays
from offramp_providers.dialects import encoding
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.options import DEFAULTS, NAME
from offramp_providers.dialects.encoding import residue_of

NOBODY: Final = Origin(developer="", host="", dialect=NAME)
"""An author whom nobody knows."""


class Encoding(encoding.Encoding):
    """One encoding on its way."""

    __slots__ = ()

    defaults: ClassVar[Mapping[str, Option]] = DEFAULTS

    def form_of(self, wire: Wire | None, origin: Origin | None) -> tuple[str, ...]:
        """The spelling alone, where it may be used again."""
        return wire.form if wire is not None and replays(wire, origin, self.target.origin) else ()

    def dressed(self, part: Part, author: Origin | None, block: JsonObject) -> JsonObject:
        """The block with the part's own residue. Cache marks and opaque state have no place here, and are named."""
        self.lose_marks(part)
        if part.wire is None:
            return block
        return under(self.own(part, part.wire, part.origin or author)[0], block)


def residue_wire(left: JsonObject, form: tuple[str, ...] = ()) -> Wire | None:
    """A wire of this dialect for what a decoder has left; None where there is nothing to keep."""
    return residue_of(NAME, left, form)


def has_mark(wire: Wire | None, mark: str) -> bool:
    """Whether this dialect has spelled it so."""
    return wire is not None and wire.dialect == NAME and mark in wire.form
