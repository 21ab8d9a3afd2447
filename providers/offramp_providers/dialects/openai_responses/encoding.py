"""What an encoder to this dialect carries along."""

from collections.abc import Mapping
from typing import ClassVar

from offramp.contracts.dialect import Target
from offramp.contracts.profile import Option
from offramp.types import JsonObject, Wire
from offramp_providers.dialects import encoding
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.openai_responses.options import DEFAULTS, NAME


class Encoding(encoding.Encoding):
    """One encoding on its way."""

    __slots__ = ("custom",)

    defaults: ClassVar[Mapping[str, Option]] = DEFAULTS

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        super().__init__(target, native=native, answering=answering)
        self.custom: set[str] = set()
        """Ids of calls of custom tools, whose results have a type of their own."""


def residue_wire(left: JsonObject, form: tuple[str, ...] = ()) -> Wire | None:
    """A wire of this dialect for what a decoder has left; None where there is nothing to keep."""
    return residue_of(NAME, left, form)
