"""The seams towards vendors: a dialect says how to talk, a transport moves bytes, a provider is both for one."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import KW_ONLY, field
from pathlib import Path
from typing import Any, Generic, Literal, Protocol

from offramp.contracts.capability import Capability, Requirement
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer
from offramp.contracts.operations import AnyOperation, AskedT, Operation, OperationName, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.profile import ModelFacts, Option, VendorProfile
from offramp.errors import ProviderError, Unsupported
from offramp.types import (
    AnyResponse,
    Batch,
    GenerateRequest,
    Identity,
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


@value
class Deadlines:
    """How long to wait, in seconds. None: no bound of this kind."""

    _: KW_ONLY
    connect_s: float | None = 10.0
    first_byte_s: float | None = 120.0
    """From the last byte sent to the first byte of the answer's head."""
    idle_s: float | None = 60.0
    """Longest silence within an answer."""
    total_s: float | None = 600.0
    """The whole exchange."""


@value
class Proxy:
    """A proxy that tunnels to hosts."""

    url: str
    """`http://host:port`, without a secret in it."""
    _: KW_ONLY
    login: Callable[[], str | None] | None = field(default=None, repr=False)
    """Reads its `user:password` at the moment of use; never stored, never printed. None: it asks for none."""


@value
class Network:
    """How a host is reached and recognised, where that is not as the system has it."""

    _: KW_ONLY
    plain_http_hosts: frozenset[str] = frozenset()
    """Hosts, besides this machine, that may be sent a credential without TLS."""
    ca_file: Path | None = None
    """Certificate authorities in PEM, trusted in place of the system's. None: the system's."""
    certificate_file: Path | None = None
    """Our own certificate in PEM, with what is needed of its chain, for hosts that ask for one."""
    key_file: Path | None = None
    """Its private key. None: it stands in `certificate_file`."""
    key_password: Callable[[], str | None] | None = field(default=None, repr=False)
    """Reads the password of an encrypted key at the moment of use; never stored, never printed."""
    unix_socket: Path | None = None
    """Connect to this socket in place of the URL's host and port."""
    proxy: Proxy | None = None
    """Connect through this proxy. None: directly, whatever the environment says."""


@value
class HttpRequest:
    """One HTTP request, complete."""

    _: KW_ONLY
    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    """Secrets among them: never log one."""
    body: bytes = field(repr=False)
    origin: str | None = None
    """Scheme, host and port that the headers may be sent to. The URL must lie there. None: the URL's own."""


@value
class HttpResponse:
    """One HTTP response, read to its end."""

    _: KW_ONLY
    status: int
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes


class HttpStream(Protocol):
    """An HTTP response whose body is still arriving."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """Lower-case names."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The decoded body as it arrives. Raises ProviderError (`stream_interrupted`, `timeout`, `too_large`)."""
        ...

    async def read(self) -> bytes:
        """All of the body."""
        ...


class Transport(Protocol):
    """The only code that speaks HTTP. It takes nothing without a token, and spends it at the last hop."""

    async def send(self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines) -> HttpResponse:
        """One exchange. Any status is an answer.

        Raises:
            ProviderError: `connection`, `timeout` or `too_large`.
            Prohibited: an order stopped it.
        """
        ...

    def stream(
        self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines
    ) -> AbstractAsyncContextManager[HttpStream]:
        """One exchange whose body is read as it arrives. Leaving the context early drops the connection."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


@value
class Endpoint:
    """One model at one host under one agreement, with all that is needed to reach it."""

    _: KW_ONLY
    identity: Identity
    profile: VendorProfile
    base_url: str
    key: Callable[[], str | None]
    """Reads the credential at the moment of use; None where the host needs none. Never stored, never printed."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    network: Network = field(default_factory=Network)
    """For the transport that the endpoint opens itself. One that is handed in keeps its own."""
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """The profile's options with the model's and the configuration's on top."""
    claims: Mapping[Requirement, Capability] = field(default_factory=dict[Requirement, Capability])
    """What the configuration itself claims of this endpoint. It wins over the profile."""
    offers: tuple[Offer, ...] = ()
    """What the configuration itself states of this endpoint, such as an agreement's terms. It wins over the profile."""

    @property
    def facts(self) -> ModelFacts | None:
        """What the profile knows of this endpoint's model."""
        return self.profile.models.get(self.identity.model)

    def capability(self, requirement: Requirement) -> Capability | None:
        """The claim about one requirement: the configuration's, else the model's, else the vendor's. None: nobody's."""
        if requirement in self.claims:
            return self.claims[requirement]
        facts = self.facts
        if facts is not None and requirement in facts.capabilities:
            return facts.capabilities[requirement]
        return self.profile.capabilities.get(requirement)

    def offered(self, name: str) -> tuple[Any, Evidence] | None:
        """What is stated of one field of `Offer`, and on what evidence. None: nobody states it."""
        for offer in (*self.offers, *self._profiled_offers()):
            stated: object = getattr(offer, name)
            if stated is not None:
                return stated, offer.evidence
        return None

    def _profiled_offers(self) -> tuple[Offer, ...]:
        facts = self.facts
        if facts is None:
            return self.profile.offers
        sizes = Offer(
            evidence=facts.evidence, context_tokens=facts.context_tokens, max_output_tokens=facts.max_output_tokens
        )
        return (*facts.offers, sizes, *self.profile.offers)

    @property
    def origin(self) -> Origin:
        """As it is stamped on what this endpoint answers."""
        who = self.identity
        return Origin(
            developer=who.developer,
            host=who.host,
            dialect=self.profile.dialect,
            model=who.model,
            account=who.account,
            region=who.region,
        )

    @property
    def target(self) -> Target:
        """As encoders see it."""
        bound = self.facts.max_output_tokens if self.facts else None
        default = self.profile.default_max_output_tokens
        if default is not None and bound is not None:
            default = min(default, bound)
        return Target(origin=self.origin, default_max_output_tokens=default, options=self.options)


@value
class PreparedCall:
    """A call encoded for one endpoint. Nothing has been sent."""

    _: KW_ONLY
    endpoint: Endpoint
    http: HttpRequest
    losses: tuple[Loss, ...]
    stream: bool
    deadlines: Deadlines | None = None
    """Those of this very call; None: the endpoint's."""
    operation: OperationName | None = None
    """None: an answer is asked for."""


def unsupported(operation: AnyOperation, endpoint: Endpoint, why: str) -> Unsupported:
    """The error of an endpoint that has no such call."""
    return Unsupported(
        f"{endpoint.profile.title} cannot {operation.title}: {why}",
        requirements=(operation.name,),
        where=endpoint.identity.endpoint,
        mend="ask an endpoint that can; `offramp vendors show` says which",
    )


class Provider(Protocol):
    """One endpoint, ready to be asked."""

    @property
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        ...

    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        """Encode, collecting losses. Nothing is sent.

        Args:
            request: what is asked; a `model` of None is replaced by the endpoint's.
            vendor_options: further keys of the body, in this endpoint's dialect. A collision is refused.

        Raises:
            ConfigurationError: an option collides, a key is missing, a routing field is not allowed here.
        """
        ...

    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        """Ask and decode. Losses of the call stand in the response.

        Raises:
            ProviderError, Prohibited.
        """
        ...

    def stream(
        self, call: PreparedCall, *, token: SendToken
    ) -> AbstractAsyncContextManager[AsyncIterator[Sequence[Batch]]]:
        """Ask and decode as it arrives: the batches of one network read at a time.

        Entering raises as `send` does. A failure in mid-stream is the last batch's `ResponseFailed`; where an order
        cut it, the iterator raises Prohibited.
        """
        ...

    def prepare_operation(self, operation: Operation[AskedT, Any], asked: AskedT) -> PreparedCall:
        """Encode a question besides an answer. Nothing is sent. A provider without such calls leaves it at this.

        Raises:
            Unsupported: there is no such call here.
        """
        del asked
        raise unsupported(operation, self.endpoint, "its provider has no such call")

    async def perform(self, operation: Operation[Any, ToldT], call: PreparedCall, *, token: SendToken) -> ToldT:
        """Ask it and decode.

        Raises:
            ProviderError, Prohibited.
        """
        del call
        token.release()
        raise unsupported(operation, self.endpoint, "its provider has no such call")

    async def aclose(self) -> None:
        """Close what it opened."""
        ...
