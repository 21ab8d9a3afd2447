"""One event of a stream as it was framed, and what splits a stream into such events."""

from collections.abc import Iterable
from dataclasses import field
from typing import Protocol

from offramp.types import value


@value
class Frame:
    """One event. Data stay bytes: they are JSON nearly always, and its decoder wants bytes."""

    data: bytes
    event: str | None = None
    id: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Headers of its own, where the framing has such."""


class FrameDecoder(Protocol):
    """Splits one stream into events, whatever the chunks."""

    def feed(self, chunk: bytes) -> Iterable[Frame]:
        """The events that these bytes complete. Those before a fault are given first, then it raises ProviderError."""
        ...

    def finish(self) -> Iterable[Frame]:
        """The bytes have ended: the event that needed no more than that, where the framing allows one."""
        ...
