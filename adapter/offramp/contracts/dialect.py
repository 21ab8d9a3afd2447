"""The seam to a dialect: how to talk, in both directions, as pure functions and the values that they make."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, field
from typing import Any, Generic, Literal, Protocol

from offramp.contracts.operations import AskedT, Operation, ToldT
from offramp.contracts.profile import Option
from offramp.errors import ProviderError
from offramp.types import (
    AnyResponse,
    Batch,
    GenerateRequest,
    JsonMapping,
    JsonObject,
    Loss,
    Origin,
    WireEvent,
    value,
)


@value
class Target:
    """Where a request goes: all that an encoder may know of it."""

    _: KW_ONLY
    origin: Origin
    """As it would be stamped on the answer. Residue and opaque state are judged against it."""
    default_max_output_tokens: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """Rules of the host, in the names that the dialect documents. Empty: the official vendor's rules."""


@value
class EncodedRequest:
    """A request on its way to the wire."""

    _: KW_ONLY
    path: str
    """Relative to the endpoint's base URL, such as `/v1/messages`."""
    body: JsonObject
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Headers that carry meaning; authentication is the provider's."""
    losses: tuple[Loss, ...] = ()


@value
class EncodedResponse:
    """A response as a server of this dialect would send it."""

    _: KW_ONLY
    body: JsonObject
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    losses: tuple[Loss, ...] = ()


class StreamDecoder(Protocol):
    """Turns one stream's wire events into batches. Holds the state of that stream only."""

    def decode(self, event: WireEvent) -> Batch:
        """The batch that this wire event means. Never raises; what fits nothing is kept in `wire`."""
        ...

    def finish(self) -> Batch:
        """The bytes have ended. Holds `ResponseFailed(stream_interrupted)` where no outcome had come; else nothing."""
        ...


class StreamEncoder(Protocol):
    """Turns batches into one stream's wire events."""

    def encode(self, batch: Batch) -> tuple[WireEvent, ...]:
        """The wire events of this batch: one for a batch decoded from the same dialect, any number for another's."""
        ...

    def finish(self) -> tuple[WireEvent, ...]:
        """What the dialect sends after the last batch, if its own stream had not ended yet."""
        ...

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be said so far."""
        ...


@value
class OperationCodec(Generic[AskedT, ToldT]):
    """One operation in a dialect, in both directions; arguments as the functions of `Dialect` take them."""

    _: KW_ONLY
    operation: Operation[AskedT, ToldT]
    method: Literal["POST", "GET"] = "POST"
    bare_list: str | None = None
    """The key under which a bare list of objects is read, as one host answers. None: such an answer is malformed."""
    encode_request: Callable[[AskedT, Target], EncodedRequest]
    """Raises Unsupported where the host's rules say that it has no such call."""
    decode_request: Callable[[JsonMapping, Mapping[str, str], Origin], AskedT]
    encode_response: Callable[[ToldT], EncodedResponse]
    decode_response: Callable[[JsonMapping, Mapping[str, str], Origin], ToldT]


@value
class Dialect:
    """A wire format, in both directions. All functions are pure: no clock, no network, no environment."""

    _: KW_ONLY
    name: str
    framing: Literal["sse", "ndjson", "aws_event_stream"]
    encode_request: Callable[[GenerateRequest, Target], EncodedRequest]
    """A request with neither a model nor a wire is for the target's model."""
    decode_request: Callable[[JsonMapping, Mapping[str, str], Origin], GenerateRequest]
    """Body, headers (lower-case names), and whom the sender takes as the issuer of the history's assistant messages."""
    encode_response: Callable[[AnyResponse], EncodedResponse]
    decode_response: Callable[[JsonMapping, Mapping[str, str], Origin], AnyResponse]
    """Body, headers, and the asked endpoint's origin; the answer's own model and id replace those in it."""
    stream_encoder: Callable[[], StreamEncoder]
    stream_decoder: Callable[[Mapping[str, str], Origin], StreamDecoder]
    encode_error: Callable[[ProviderError], EncodedResponse]
    decode_error: Callable[[int, Mapping[str, str], Any], ProviderError]
    """Status, headers, and the body as decoded JSON (or text, where it was not JSON)."""
    operations: tuple[OperationCodec[Any, Any], ...] = ()
    """What it can ask besides an answer."""

    def codec(self, operation: Operation[AskedT, ToldT]) -> OperationCodec[AskedT, ToldT] | None:
        """How it asks this; None where it cannot."""
        return next((each for each in self.operations if each.operation.name == operation.name), None)
