"""The response: a message, why it ended, what it cost, and what was lost on the way."""

from dataclasses import KW_ONLY, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from offramp.types._value import JsonObject, value
from offramp.types.identity import Origin
from offramp.types.losses import Loss
from offramp.types.messages import Message
from offramp.types.provenance import Wire


class OutcomeKind(StrEnum):
    """Why an answer ended, in our words. A vendor's word that we do not know is UNKNOWN, never COMPLETED."""

    COMPLETED = "completed"
    TOOL_CALLS = "tool_calls"
    MAX_OUTPUT = "max_output"
    CONTEXT_EXCEEDED = "context_exceeded"
    STOP_SEQUENCE = "stop_sequence"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    EMPTY = "empty"
    ERROR = "error"
    UNKNOWN = "unknown"


@value
class Outcome:
    """Why the answer ended: our kind beside the vendor's own word."""

    kind: OutcomeKind
    _: KW_ONLY
    raw: str | None = None
    """The vendor's word exactly as written; None where it gave none."""
    stop_sequence: str | None = None
    """Which stop sequence matched, where the vendor says so."""
    category: str | None = None
    """The vendor's category of a refusal or a filter."""


@value
class Usage:
    """Tokens as the vendor counted them. None is unknown; zero is a measurement."""

    _: KW_ONLY
    input_tokens: int | None = None
    """All tokens read, cached ones included. None where the vendor does not say enough to know."""
    output_tokens: int | None = None
    """All tokens written, reasoning included."""
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    raw: JsonObject | None = None
    """The vendor's own usage object."""


@value
class Timings:
    """Measured by the client's clock, in seconds."""

    _: KW_ONLY
    total_s: float | None = None
    first_output_s: float | None = None
    attempts: int | None = None
    """Sends in all, the first one included."""


@value
class Alternative:
    """A further answer, where more than one was asked for."""

    message: Message
    outcome: Outcome
    _: KW_ONLY
    wire: Wire | None = None


OutputT = TypeVar("OutputT")


@value
class Response(Generic[OutputT]):
    """One answer."""

    message: Message
    outcome: Outcome
    _: KW_ONLY
    usage: Usage = field(default_factory=Usage)
    origin: Origin | None = None
    """Who says to have answered. Its model is the served one."""
    alternatives: tuple[Alternative, ...] = ()
    losses: tuple[Loss, ...] = ()
    warnings: tuple[str, ...] = ()
    timings: Timings = field(default_factory=Timings)
    output: OutputT | None = None
    """The answer as the class or type that was asked for; None where none was."""
    raw: JsonObject | None = None
    """The vendor's own payload, as decoded JSON. None for a stream."""
    wire: Wire | None = None

    @property
    def text(self) -> str:
        """The answer's text; empty where there is none."""
        return self.message.text


AnyResponse = Response[Any]
