"""What an encoder to this dialect carries along."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from offramp.contracts.dialect import Target
from offramp.contracts.profile import Option
from offramp.types import JsonObject, Origin, ToolCall, ToolResult, Unknown, Wire
from offramp_providers.dialects import encoding
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.mistral.call_ids import sent_ids
from offramp_providers.dialects.mistral.options import DEFAULTS, NAME
from offramp_providers.dialects.part_kinds import unknown_part


class Encoding(encoding.Encoding):
    """One encoding on its way."""

    __slots__ = ("_ids", "called")

    defaults: ClassVar[Mapping[str, Option]] = DEFAULTS

    def __init__(self, target: Target, *, native: bool, answering: bool = False) -> None:
        super().__init__(target, native=native, answering=answering)
        self._ids: dict[str, str] = {}
        self.called: tuple[str, ...] = ()
        """The calls of the assistant's last message, by our ids."""

    def expect(self, call_ids: Iterable[str]) -> None:
        """Tell which ids stand in the request, before any is written."""
        if not self.native:
            self._ids = sent_ids(call_ids)

    def call_id(self, part: ToolCall | ToolResult) -> str:
        """The id as the vendor takes it: the same for a call and its result, and another for another."""
        sent = self._ids.get(part.call_id, part.call_id)
        if sent != part.call_id:
            self.log.lose("call_id.rewritten", part, "call_id")
        return sent

    def welcomes(self, origin: Origin | None) -> bool:
        """Whether what its author keeps to itself, such as reasoning, may be written back."""
        return self.answering or self.mine(origin) or (self.native and origin is None)


def residue_wire(left: JsonObject, form: tuple[str, ...] = ()) -> Wire | None:
    """A wire of this dialect for what a decoder has left; None where there is nothing to keep."""
    return residue_of(NAME, left, form)


def unknown(raw: Any, *marks: str) -> Unknown:
    """A value that fits nothing we know, kept whole."""
    return unknown_part(NAME, raw, *marks)
