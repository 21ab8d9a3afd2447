"""One request and its answer: its token, its deadlines, its connection, and what its failures mean.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
import errno
import io
from collections.abc import AsyncGenerator, Mapping
from typing import Final, Literal, TypeAlias

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError, LineTooLong
from yarl import URL

from offramp.contracts.permission import SendToken, prohibited_by
from offramp.contracts.provider import Deadlines, HttpRequest
from offramp.errors import OfframpError, Prohibited, ProviderError, ProviderErrorKind, StateError
from offramp_providers.last_hop import GatedRequest, reset

_Stage: TypeAlias = Literal["connecting", "sending", "waiting", "reading", "over"]


class Exchange:
    """Runs once: `open`, then `chunks` or `read`, and `close` in any case."""

    def __init__(self, request: HttpRequest, *, url: URL, token: SendToken, deadlines: Deadlines, cap: int) -> None:
        self._request = request
        self._url = url
        self._token = token
        self._deadlines = deadlines
        self._cap = cap
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._stage: _Stage = "connecting"
        self._patience = asyncio.timeout(None)
        self._connection: asyncio.Transport | None = None
        self._answer: aiohttp.ClientResponse | None = None
        self._refusal: OfframpError | None = None
        self._ended: ProviderError | None = None
        self._silent_since: float | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.mid_stream = False
        """Whether a failure from here on interrupts output that the caller may have seen."""

    def connected(self, connection: asyncio.Transport) -> None:
        """A connection stands; nothing has been written."""
        if self._connection is not None:
            raise aiohttp.ClientConnectionError("a request is not sent twice")
        self._connection = connection
        if self._request.body:
            self._enter("sending", None)
        else:
            self._enter("waiting", self._deadlines.first_byte_s)

    def spend(self) -> None:
        """Spend the token; remember a refusal, since aiohttp wraps what is raised here."""
        try:
            self._token.spend()
        except OfframpError as refusal:
            self._refusal = refusal
            self.drop()
            raise

    def sent(self) -> None:
        """The last byte of the request was given to the connection."""
        if self._stage == "sending":
            self._enter("waiting", self._deadlines.first_byte_s)

    async def open(self, session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
        """Send, and wait for the answer's head."""
        try:
            async with self._patience:
                self._enter("connecting", self._deadlines.connect_s)
                self._token.on_cut(self.drop)
                self._answer = await self._ask(session)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, Prohibited, StateError) as error:
            raise self._failure(error) from error
        self._stage = "reading"
        if self._token.cut:
            raise prohibited_by(self._token)
        self._watch()
        return self._answer

    async def _ask(self, session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
        return await session.request(
            self._request.method,
            self._url,
            headers=self._request.headers,
            data=_payload(self._request.body),
            allow_redirects=False,
            middlewares=(self._attach,),
        )

    async def _attach(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if not isinstance(request, GatedRequest):
            raise TypeError("the session was not made by open_session")
        request.exchange = self
        return await handler(request)

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The decoded body as it arrives."""
        answer = self._answer
        if answer is None:
            raise StateError("the exchange was not opened")
        read, clock = answer.content.readany, self._loop.time
        while True:
            self._silent_since = clock()
            try:
                chunk = await read()
            except (aiohttp.ClientError, OSError, ProviderError) as error:
                raise self._failure(error) from error
            self._silent_since = None
            if self._ended is not None or self._token.cut:
                raise self._failure(self._ended)
            if not chunk:
                self._stage = "over"
                return
            self._count(len(chunk))
            yield chunk

    async def read(self) -> bytes:
        """All of the decoded body."""
        return b"".join([chunk async for chunk in self.chunks()])

    def _count(self, size: int) -> None:
        self._cap -= size
        if self._cap < 0:
            raise self._error(ProviderErrorKind.TOO_LARGE, "the answer is larger than the transport's limit")

    def drop(self) -> None:
        """End it at once, whatever it is doing; nothing that is still buffered goes out."""
        if self._connection is not None:
            reset(self._connection)
        if self._stage == "reading" and self._answer is not None:
            # Wakes a pending read, which the connection's end does not do for a body without a length.
            self._answer.content.set_exception(self._ended or aiohttp.ClientConnectionError("dropped"))
        elif self._stage != "over":
            self._end_patience(self._loop.time())

    def close(self) -> None:
        """Give the token back; drop the connection unless the answer was read to its end."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._stage != "over":
            self._stage = "over"
            if self._connection is not None:
                reset(self._connection)
            if self._answer is not None:
                self._answer.close()
        self._token.release()

    # Deadlines. Until the head has come, one `asyncio.timeout` is moved along; it cannot serve the body, since it would
    # cancel the caller's own code between two chunks. There, one timer looks whether a read has waited for too long.

    def _enter(self, stage: _Stage, bound_s: float | None) -> None:
        self._stage = stage
        ends = None if bound_s is None else self._loop.time() + bound_s
        self._end_patience(_earlier(ends, self._total_ends))

    def _end_patience(self, at: float | None) -> None:
        if not self._patience.expired():
            self._patience.reschedule(at)

    @property
    def _total_ends(self) -> float | None:
        total_s = self._deadlines.total_s
        return None if total_s is None else self._started + total_s

    def _watch(self) -> None:
        now, idle_s = self._loop.time(), self._deadlines.idle_s
        silent_ends = None if idle_s is None else (self._silent_since or now) + idle_s
        ends = _earlier(silent_ends, self._total_ends)
        if ends is None:
            return
        if ends > now:
            self._alarm = self._loop.call_at(ends, self._watch)
            return
        silent = ends == silent_ends
        self._ended = self._timeout("it fell silent" if silent else "the whole took too long")
        self.drop()

    # What failures mean.

    def _failure(self, error: BaseException | None) -> OfframpError:
        if self._refusal is not None:
            return self._refusal
        if self._token.cut:
            return prohibited_by(self._token)
        if isinstance(error, OfframpError):
            return error
        if isinstance(error, TimeoutError) and error.errno is None:
            return self._timeout(_WHILE[self._stage])
        if self._stage == "reading":
            return self._interruption(error)
        return self._no_answer(error)

    def _no_answer(self, error: BaseException | None) -> ProviderError:
        match error:
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
                return self._error(
                    ProviderErrorKind.CONNECTION,
                    f"no trusted TLS connection to {self._url.origin()}",
                    mend="check the address, the clock and the certificate authorities of this machine",
                )
            case aiohttp.ClientConnectorError():
                why = errno.errorcode.get(error.errno or 0) or type(error.os_error).__name__
                return self._error(ProviderErrorKind.CONNECTION, f"cannot connect to {self._url.origin()} ({why})")
            case aiohttp.ClientResponseError() if _caused_by(error, LineTooLong):
                return self._error(
                    ProviderErrorKind.TOO_LARGE, "the answer's head is larger than the transport's limit"
                )
            case aiohttp.ClientResponseError():
                return self._error(ProviderErrorKind.MALFORMED, "what answered does not speak HTTP")
            case ValueError():
                return self._error(ProviderErrorKind.INVALID_REQUEST, "the request's head cannot be written as HTTP")
            case _:
                return self._error(ProviderErrorKind.CONNECTION, "the connection closed before an answer")

    def _interruption(self, error: BaseException | None) -> ProviderError:
        if error is not None and _caused_by(error, ContentEncodingError):
            return self._error(ProviderErrorKind.MALFORMED, "the answer's compression cannot be undone")
        return self._error(ProviderErrorKind.STREAM_INTERRUPTED, "the connection closed before the answer's end")

    def _timeout(self, why: str) -> ProviderError:
        return self._error(ProviderErrorKind.TIMEOUT, f"no answer in time: {why}")

    def _error(self, kind: ProviderErrorKind, what: str, *, mend: str | None = None) -> ProviderError:
        return ProviderError(
            what,
            kind=kind,
            status=None if self._answer is None else self._answer.status,
            phase="mid_stream" if self.mid_stream else "before_first_output",
            endpoint=self._token.identity.endpoint,
            mend=mend,
        )


_AT_ONCE_BYTES: Final = 256 * 1024


def _payload(body: bytes) -> bytes | io.BytesIO | None:
    """A large body is written piece by piece, so that the loop can see an order in between."""
    if len(body) > _AT_ONCE_BYTES:
        return io.BytesIO(body)
    return body or None


_WHILE: Final[Mapping[_Stage, str]] = {
    "connecting": "no connection was made",
    "sending": "the request was not taken",
    "waiting": "the answer did not begin",
    "reading": "it fell silent",
    "over": "it was over",
}


def _earlier(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _caused_by(error: BaseException, kind: type[Exception]) -> bool:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kind):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
