"""Collects what a stream could not say, each loss once, by the path that it has in the answer as a whole."""

from collections.abc import Iterable
from dataclasses import replace

from offramp.types import Loss, Wire
from offramp_providers.dialects.accounting import loss_at


class StreamLosses:
    """The losses of one stream so far."""

    __slots__ = ("_losses",)

    def __init__(self) -> None:
        self._losses: dict[tuple[str, str], Loss] = {}

    def all(self) -> tuple[Loss, ...]:
        """In the order in which they were met."""
        return tuple(self._losses.values())

    def lose(self, code: str, path: str) -> None:
        """Note a loss: a key of `LOSSES`, and where it stands in the answer."""
        self._losses.setdefault((code, path), loss_at(code, path))

    def lose_wire(self, path: str, wire: Wire | None) -> None:
        """Note every key of residue that is not replayed. An explicit null is none."""
        for key, content in (wire.fields if wire is not None else {}).items():
            if content is not None:
                self.lose("vendor_field", f"{path}.fields.{key}")

    def lose_within(self, path: str, losses: Iterable[Loss]) -> None:
        """Note losses whose paths begin at a value that stands at this path."""
        for loss in losses:
            whole = f"{path}.{loss.path}" if loss.path else path
            self._losses.setdefault((loss.code, whole), replace(loss, path=whole))
