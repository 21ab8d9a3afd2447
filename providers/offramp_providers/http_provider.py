"""A provider over HTTP: a dialect says how, a profile says where, a transport carries it."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, assert_never

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.operations import AskedT, Operation, ToldT
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import (
    Dialect,
    EncodedRequest,
    Endpoint,
    HttpRequest,
    HttpStream,
    OperationCodec,
    PreparedCall,
    Provider,
    Transport,
    unsupported,
)
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind, StateError
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
from offramp_providers.framings import FRAMINGS
from offramp_providers.installed import find_dialect, transport_for
from offramp_providers.origin_guard import CREDENTIAL_HEADERS
from offramp_providers.sigv4 import Signer
from offramp_providers.stream_reader import StreamReader
from offramp_providers.vendor_options import merge_vendor_options, refuse_routing
from offramp_providers.web_page import is_web_page, page_error
from offramp_providers.wire_json import decode_json, dump_json, is_json_object

_WHOLE: Final[Mapping[str, str]] = {"accept": "application/json", "accept-encoding": "gzip, deflate"}


_MOST_PATHS: Final = 64  # an endpoint has one or two

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
        self._standing: dict[bool, Mapping[str, str]] = {}
        self._urls: dict[str, str] = {}
        self._framing = FRAMINGS[endpoint.profile.framing or self._dialect.framing]
        self._signer = Signer(endpoint) if endpoint.profile.auth == "sigv4" else None

    @property
    @override
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        return self._endpoint

    @override
    def prepare(self, request: GenerateRequest, vendor_options: JsonMapping | None = None) -> PreparedCall:
        """Encode, collecting losses. Nothing is sent."""
        refuse_routing(request, self._endpoint)
        encoded = self._dialect.encode_request(self._for_own_model(request), self._target)
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
        body, headers = await self._answered(call, token)
        decoded = self._dialect.decode_response(body, headers, self._origin)
        return filled(decoded, losses=(*call.losses, *decoded.losses), raw=body)

    @override
    @asynccontextmanager
    async def stream(self, call: PreparedCall, *, token: SendToken) -> AsyncGenerator[AsyncIterator[Sequence[Batch]]]:
        """Ask and decode as it arrives."""
        request = self._final(call, token)
        async with self._transport.stream(
            request, token=token, deadlines=call.deadlines or self._endpoint.deadlines
        ) as answer:
            if answer.status >= 400:
                raise self._vendor_error(answer.status, answer.headers, await answer.read())
            self._require_events(answer)
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
        body, headers = await self._answered(call, token)
        decoded = self._codec(operation).decode_response(body, headers, self._origin)
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

    def _url(self, path: str) -> str:
        known = self._urls.get(path)
        if known is None:
            known = self._url_of(path)
            if len(self._urls) < _MOST_PATHS:
                self._urls[path] = known
        return known

    def _url_of(self, path: str) -> str:
        if not path.startswith("/"):
            raise ConfigurationError(f"the dialect {self._dialect.name} gave a path without a leading slash")
        base, mark, query = self._endpoint.base_url.partition("?")
        return base.rstrip("/") + path + ("&" if mark and "?" in path else mark) + query

    def _headers(self, encoded: EncodedRequest, *, streams: bool) -> dict[str, str]:
        headers = dict(self._standing_headers(streams=streams))
        if encoded.headers:
            headers.update(self._without_secrets(encoded.headers))
        auth = self._endpoint.profile.auth
        match auth:
            case "bearer":
                headers["authorization"] = f"Bearer {self._key()}"
            case "bearer-optional":
                if self._endpoint.key():
                    headers["authorization"] = f"Bearer {self._key()}"
            case "x-api-key" | "api-key" | "x-goog-api-key":
                headers[auth] = self._key()
            case "sigv4":
                # A signature holds the time, and is made when the request leaves.
                if self._signer is not None and (bearer := self._signer.bearer()) is not None:
                    headers["authorization"] = f"Bearer {bearer}"
            case "none":
                pass
            case _:
                assert_never(auth)
        return headers

    def _standing_headers(self, *, streams: bool) -> Mapping[str, str]:
        """What goes with every request: ours, and on top the profile's."""
        standing = self._standing.get(streams)
        if standing is None:
            # Compression would hold a stream's events back until a block is full.
            accepted = {"accept": self._framing.media_type, "accept-encoding": "identity"} if streams else _WHOLE
            own = {"content-type": "application/json", "user-agent": "offramp", **accepted}
            standing = self._standing[streams] = own | self._without_secrets(self._endpoint.profile.headers)
        return standing

    def _without_secrets(self, headers: Mapping[str, str]) -> dict[str, str]:
        lowered = {name.lower(): content for name, content in headers.items()}
        for name in CREDENTIAL_HEADERS.intersection(lowered):
            raise ConfigurationError(
                f"the header {name} holds a secret and is written from the endpoint's key only",
                where=self._endpoint.identity.endpoint,
            )
        return lowered

    def _key(self) -> str:
        key = self._endpoint.key()
        where = self._endpoint.identity.endpoint
        if not key:
            raise ConfigurationError("its key is missing", where=where, mend="set the variable that key.env names")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ConfigurationError(
                "its key holds characters that no key has",
                where=where,
                mend="look for a line end or a space in the variable that key.env names",
            )
        return key

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

    # After the call.

    async def _answered(self, call: PreparedCall, token: SendToken) -> tuple[JsonObject, Mapping[str, str]]:
        """The answer in one piece, and its headers."""
        request = self._final(call, token)
        answer = await self._transport.send(request, token=token, deadlines=call.deadlines or self._endpoint.deadlines)
        if answer.status >= 400:
            raise self._vendor_error(answer.status, answer.headers, answer.body)
        return self._object_of(answer.status, answer.headers, answer.body), answer.headers

    def _require_events(self, answer: HttpStream) -> None:
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type in ("application/json", "text/html"):
            raise self._malformed(
                f"it answered a stream with {media_type}",
                answer.status,
                answer.headers,
                mend="ask without streaming, or set the capability `streaming` of this endpoint to unsupported",
            )

    def _object_of(self, status: int, headers: Mapping[str, str], raw: bytes) -> JsonObject:
        try:
            body = decode_json(raw)
        except ProviderError as error:
            raise self._malformed(error.what, status, headers, kind=error.kind) from error
        if not is_json_object(body):
            raise self._malformed("its answer is no JSON object", status, headers)
        return body

    def _vendor_error(self, status: int, headers: Mapping[str, str], raw: bytes) -> ProviderError:
        if is_web_page(headers):
            return page_error(status, headers, endpoint=self._endpoint.identity.endpoint)
        body: Any
        try:
            body = decode_json(raw)
        except ProviderError:
            body = raw.decode("utf-8", "replace")
        error = self._dialect.decode_error(status, headers, body).at(self._endpoint.identity.endpoint)
        if error.kind is ProviderErrorKind.MODEL_NOT_FOUND and self._is_retired():
            error.kind = ProviderErrorKind.MODEL_RETIRED
        return error

    def _is_retired(self) -> bool:
        """Whether the profile knows of the model's end: vendors say of a retired model only that there is none."""
        retires = self._endpoint.facts.retires if self._endpoint.facts else None
        return retires is not None and retires <= datetime.now(UTC).date()

    def _malformed(
        self,
        what: str,
        status: int,
        headers: Mapping[str, str],
        *,
        kind: ProviderErrorKind = ProviderErrorKind.MALFORMED,
        mend: str | None = None,
    ) -> ProviderError:
        return ProviderError(
            what,
            kind=kind,
            status=status,
            request_id=headers.get("request-id") or headers.get("x-request-id"),
            endpoint=self._endpoint.identity.endpoint,
            mend=mend,
            answered_by="page" if is_web_page(headers) else "vendor",
        )
