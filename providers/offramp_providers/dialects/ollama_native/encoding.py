"""What an encoder to this dialect carries along."""

from collections.abc import Mapping
from typing import ClassVar

from offramp.contracts.dialect import Target
from offramp.contracts.profile import Option
from offramp.types import JsonObject, Wire
from offramp_providers.dialects import encoding
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.ollama_native.options import DEFAULTS, NAME


class Encoding(encoding.Encoding):
    """One encoding on its way."""

    __slots__ = ("calls",)

    defaults: ClassVar[Mapping[str, Option]] = DEFAULTS

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        super().__init__(target, native=native, answering=answering)
        self.calls: dict[str, tuple[str, bool]] = {}
        """Each call so far, by id: its name, and whether its id was sent."""


def residual(left: JsonObject, marks: list[str]) -> Wire | None:
    """What a decoder has left over, and which spelling it met; None where there is neither."""
    return residue_of(NAME, left, tuple(marks))
