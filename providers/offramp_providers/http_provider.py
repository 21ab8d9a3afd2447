"""A provider over HTTP: a dialect says how, a profile says where, a transport carries it."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.dialect import Dialect, OperationCodec
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import AskedT, Operation, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall, Provider, unsupported
from offramp.contracts.transport import HttpRequest, HttpResponse, Transport
from offramp.errors import ConfigurationError, StateError
from offramp.types import (
    AnyResponse,
    Batch,
    EmbedRequest,
    GenerateRequest,
    JsonMapping,
    JsonObject,
    ListModels,
    changed,
    filled,
)
from offramp_providers.addressing import Addressing
from offramp_providers.answers import object_of, require_answer, require_events, vendor_error
from offramp_providers.framings import FRAMINGS
from offramp_providers.installed import find_dialect, transport_for
from offramp_providers.sigv4 import Signer
from offramp_providers.stream_reader import StreamReader
from offramp_providers.vendor_options import merge_vendor_options, refuse_routing
from offramp_providers.wire_json import dump_json

_OfModelT = TypeVar("_OfModelT", bound=GenerateRequest | EmbedRequest)


class HttpProvider(Provider):
    """One endpoint, asked over HTTP."""

    def __init__(
        self, endpoint: Endpoint, *, dialect: Dialect | None = None, transport: Transport | None = None
    ) -> None:
        """Connect nothing yet.

        Args:
            endpoint: whom to ask.
            dialect: how; None: the installed one that the profile names.
            transport: None: one of its own, which `aclose` closes; the endpoint's option `transport` names its kind.

        Raises:
            ConfigurationError: no such dialect or transport is installed.
        """
        self._endpoint = endpoint
        self._dialect = dialect or find_dialect(endpoint.profile.dialect)
        self._owned = transport_for(endpoint) if transport is None else None
        self._transport = transport or self._owned or transport_for(endpoint)
        self._origin = endpoint.origin
        self._target = endpoint.target
        self._framing = FRAMINGS[endpoint.profile.framing or self._dialect.framing]
        self._signer = Signer(endpoint) if endpoint.profile.auth == "sigv4" else None
        addressing = Addressing(
            endpoint, dialect=self._dialect.name, streams_as=self._framing.media_type, signer=self._signer
        )
        self._url, self._headers = addressing.url, addressing.headers

    @property
    @override
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        return self._endpoint

    @override
    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        """Encode, collecting losses. Nothing is sent."""
        refuse_routing(request, self._endpoint)
        if request.model is not None or request.wire is not None:  # else encoders name the target's model by themselves
            request = self._for_own_model(request)
        encoded = self._dialect.encode_request(request, self._target)
        body = encoded.body
        if vendor_options:
            body = merge_vendor_options(encoded, vendor_options, endpoint=self._endpoint, dialect=self._dialect)
        streams = bool(request.stream)
        http = HttpRequest(
            method="POST",
            url=self._url(encoded.path),
            headers=self._headers(encoded, streams=streams),
            body=dump_json(body),
            origin=self._endpoint.base_url,
        )
        return PreparedCall(endpoint=self._endpoint, http=http, losses=encoded.losses, stream=streams)

    @override
    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        """Ask and decode."""
        answer = await self._asked(call, token)
        body, headers = self._body_of(answer), answer.headers
        decoded = self._dialect.decode_response(body, headers, self._origin)
        require_answer(self._endpoint, decoded, body, headers)
        losses = (*call.losses, *decoded.losses) if call.losses or decoded.losses else ()
        return filled(decoded, losses=losses, raw=body)

    @override
    @asynccontextmanager
    async def stream(self, call: PreparedCall, *, token: SendToken) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        """Ask and decode as it arrives."""
        request = self._final(call, token)
        async with self._transport.stream(
            request, token=token, deadlines=call.deadlines or self._endpoint.deadlines
        ) as answer:
            if answer.status >= 400:
                raise vendor_error(self._endpoint, self._dialect, answer.status, answer.headers, await answer.read())
            require_events(self._endpoint, answer)
            decoder = self._dialect.stream_decoder(answer.headers, self._origin)
            reader = StreamReader(
                self._framing.decoder(), decoder, endpoint=self._endpoint.identity.endpoint, status=answer.status
            )
            async with aclosing(reader.batches(answer)) as batches:
                yield batches

    @override
    def prepare_operation(self, operation: Operation[AskedT, Any], asked: AskedT) -> PreparedCall:
        """Encode a question besides an answer. Nothing is sent."""
        codec = self._codec(operation)
        encoded = codec.encode_request(self._checked(asked), self._target)
        http = HttpRequest(
            method=codec.method,
            url=self._url(encoded.path),
            headers=self._headers(encoded, streams=False),
            body=b"" if codec.method == "GET" else dump_json(encoded.body),
            origin=self._endpoint.base_url,
        )
        losses = encoded.losses
        return PreparedCall(endpoint=self._endpoint, http=http, losses=losses, stream=False, operation=operation.name)

    @override
    async def perform(self, operation: Operation[Any, ToldT], call: PreparedCall, *, token: SendToken) -> ToldT:
        """Ask it and decode."""
        codec = self._codec(operation)
        answer = await self._asked(call, token)
        body = self._body_of(answer, bare_list=codec.bare_list)
        decoded = codec.decode_response(body, answer.headers, self._origin)
        return changed(decoded, losses=(*call.losses, *decoded.losses), raw=body)

    @override
    async def aclose(self) -> None:
        """Close the transport, where it is its own."""
        if self._owned is not None:
            await self._owned.aclose()

    # Before the call.

    def _codec(self, operation: Operation[AskedT, ToldT]) -> OperationCodec[AskedT, ToldT]:
        codec = self._dialect.codec(operation)
        if codec is None:
            raise unsupported(operation, self._endpoint, f"the dialect {self._dialect.name} has no such call")
        return codec

    def _checked(self, asked: AskedT) -> AskedT:
        """The question about the endpoint's own model, with nothing in it that may show it to others."""
        if isinstance(asked, ListModels):
            return asked
        if isinstance(asked, GenerateRequest):
            refuse_routing(asked, self._endpoint)
        return self._for_own_model(asked)

    def _for_own_model(self, request: _OfModelT) -> _OfModelT:
        asked, own = request.model, self._endpoint.identity.model
        if asked is None:
            return changed(request, model=own)
        if asked != own:
            # Policy and permission were asked about the endpoint's model; another one would slip past both.
            raise ConfigurationError(
                f"the request is for the model {asked!r}, the endpoint for {own!r}",
                where=self._endpoint.identity.endpoint,
                mend="leave the model out, or add an endpoint for it",
            )
        return request

    def _final(self, call: PreparedCall, token: SendToken) -> HttpRequest:
        """The request as it leaves: of this very endpoint, and signed where that is asked for."""
        self._require_own(call, token)
        if self._signer is None:
            return call.http
        try:
            return self._signer(call.http)
        except ConfigurationError:
            token.release()
            raise

    def _require_own(self, call: PreparedCall, token: SendToken) -> None:
        """A token permits its own endpoint only."""
        own = self._endpoint.identity
        for each in (call.endpoint.identity, token.identity):
            if each is not own and each != own:
                token.release()
                raise StateError(
                    "the call and its token are not for this endpoint",
                    where=own.endpoint,
                    mend="prepare and admit again",
                )

    def _asked(self, call: PreparedCall, token: SendToken) -> Awaitable[HttpResponse]:
        """The answer in one piece, as it will come."""
        request = self._final(call, token)
        return self._transport.send(request, token=token, deadlines=call.deadlines or self._endpoint.deadlines)

    # After the call.

    def _body_of(self, answer: HttpResponse, *, bare_list: str | None = None) -> JsonObject:
        """What it says. Raises ProviderError where it is an error, or no object."""
        if answer.status >= 400:
            raise vendor_error(self._endpoint, self._dialect, answer.status, answer.headers, answer.body)
        return object_of(self._endpoint, answer.status, answer.headers, answer.body, bare_list=bare_list)
