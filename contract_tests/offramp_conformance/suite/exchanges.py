"""What was asked in a try and what came of it, with the digests of what went over the wire."""

import hashlib
from collections.abc import Mapping
from dataclasses import KW_ONLY, field

from offramp.errors import OfframpError
from offramp.types import AnyResponse, Batch, Event, GenerateRequest, Loss, value
from offramp_conformance.suite.observations import NotAnswered


@value
class WireSight:
    """One exchange as the wire had it. Empty for a provider that shows no wire."""

    _: KW_ONLY
    sent: bytes = field(default=b"", repr=False)
    received: bytes = field(default=b"", repr=False)
    """Up to `LARGEST_KEPT` bytes of the body, decompressed."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Lower-case names."""
    chunks: int = 0
    """Reads in which the body came."""


@value
class Exchanged:
    """One exchange: an answer, or the error in its place."""

    request: GenerateRequest = field(repr=False)
    _: KW_ONLY
    response: AnyResponse | None = None
    """For a stream: what its events fold to, a partial one included."""
    error: OfframpError | None = None
    losses: tuple[Loss, ...] = ()
    """What of the request could not be said to this endpoint."""
    wire: WireSight = field(default_factory=WireSight)
    batches: tuple[Batch, ...] = field(default=(), repr=False)
    """Of a stream, in order."""
    is_tampered: bool = False
    """Whether no client would have asked so."""
    total_s: float = 0.0
    first_output_s: float | None = None
    gaps_s: tuple[float, ...] = ()
    """Of a stream: the silences between two reads."""

    @property
    def answer(self) -> AnyResponse:
        """The whole answer.

        Raises:
            NotAnswered: there is an error in its place.
        """
        if self.error is not None or self.response is None:
            raise NotAnswered(self.error or OfframpError("there was no answer"))
        return self.response

    @property
    def events(self) -> tuple[Event, ...]:
        """All events of a stream, in order."""
        return tuple(event for batch in self.batches for event in batch.events)

    @property
    def request_digest(self) -> str:
        """SHA-256 of the body as sent; of nothing where the provider shows no wire."""
        return hashlib.sha256(self.wire.sent).hexdigest()

    @property
    def response_digest(self) -> str:
        """SHA-256 of the body as received."""
        return hashlib.sha256(self.wire.received).hexdigest()
