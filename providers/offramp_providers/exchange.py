"""One request and its answer: its token, its deadlines, its connection, and what its failures mean.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
import io
from collections.abc import AsyncGenerator, Mapping
from typing import Final, Literal, TypeAlias

import aiohttp
from yarl import URL

from offramp.contracts.permission import SendToken, prohibited_by
from offramp.contracts.provider import Deadlines, HttpRequest
from offramp.errors import OfframpError, Prohibited, ProviderError, ProviderErrorKind, StateError
from offramp_providers.http_failures import meaning_of_body, meaning_of_head
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
        self._total_ends = None if deadlines.total_s is None else self._loop.time() + deadlines.total_s
        self._stage: _Stage = "connecting"
        self._patience = asyncio.timeout(None)
        self._connection: asyncio.Transport | None = None
        self._answer: aiohttp.ClientResponse | None = None
        self._refusal: OfframpError | None = None
        self._ended: ProviderError | None = None
        self._silent_since: float | None = None
        """Since when the other side has been waited for; None while the caller is at work."""
        self._bound_s: float | None = None
        """How long it may be in this stage."""
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
            raise self._failure(error) from _other(error, self._refusal)
        self._enter("reading", self._deadlines.idle_s)
        if self._token.cut:
            raise prohibited_by(self._token)
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
        while chunk := await self._next():
            yield chunk

    async def read(self) -> bytes:
        """All of the decoded body."""
        pieces: list[bytes] = []
        while piece := await self._next():
            pieces.append(piece)
        return b"".join(pieces)

    async def _next(self) -> bytes:
        """The next piece; empty at the end."""
        if self._answer is None:
            raise StateError("the exchange is over")
        self._silent_since = self._loop.time()
        try:
            chunk = await self._answer.content.readany()
        except (aiohttp.ClientError, OSError, ProviderError) as error:
            raise self._failure(error) from _other(error, self._ended)
        self._silent_since = None
        if self._ended is not None or self._token.cut:
            raise self._failure(self._ended)
        if chunk:
            self._count(len(chunk))
        else:
            self._stage = "over"
        return chunk

    def _count(self, size: int) -> None:
        self._cap -= size
        if self._cap < 0:
            raise self._error(ProviderErrorKind.TOO_LARGE, "the answer is larger than the transport's limit")

    def drop(self) -> None:
        """End it at once, whatever it is doing; nothing that is still buffered goes out."""
        self._reset()
        if self._stage == "reading" and self._answer is not None:
            # Wakes a pending read, which the connection's end does not do for a body without a length.
            self._answer.content.set_exception(self._ended or aiohttp.ClientConnectionError("dropped"))
        elif self._stage != "over" and not self._patience.expired():
            self._patience.reschedule(self._loop.time())

    def close(self) -> None:
        """Give the token back; drop the connection unless the answer was read to its end."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._stage != "over":
            self._stage = "over"
            self._reset()
            if self._answer is not None:
                self._answer.close()
        self._answer = self._connection = self._alarm = None  # no cycles: they would be left to the collector
        self._token.release()

    def _reset(self) -> None:
        # aiohttp gives the connection back once the last byte has come, read or not; it may serve another by now.
        released = self._answer is not None and self._answer.connection is None
        if self._connection is not None and not released:
            reset(self._connection)

    # Deadlines. One timer serves all stages: it is set for the earliest end, and when it fires for one that has since
    # moved on, it is set again. A short exchange thus costs one timer. What it ends: until the head has come, the
    # `asyncio.timeout` around the waiting; in the body the read alone, since a timeout there would cancel the caller's
    # own code between two chunks.

    def _enter(self, stage: _Stage, bound_s: float | None) -> None:
        self._stage = stage
        self._bound_s = bound_s
        if bound_s is not None or self._alarm is None:
            self._silent_since = self._loop.time()
            self._set_alarm()

    def _set_alarm(self) -> None:
        ends = self._ends()
        if ends is not None and (self._alarm is None or ends < self._alarm.when()):
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_at(ends, self._look)

    def _ends(self) -> float | None:
        """When the stage must be over. While the caller, not the vendor, is at work, the silence has not begun."""
        since = self._loop.time() if self._silent_since is None else self._silent_since
        stage_ends = None if self._bound_s is None else since + self._bound_s
        if self._total_ends is None or (stage_ends is not None and stage_ends < self._total_ends):
            return stage_ends
        return self._total_ends

    def _look(self) -> None:
        self._alarm = None
        ends = self._ends()
        if ends is None or ends > self._loop.time():
            self._set_alarm()
            return
        whole = self._stage == "reading" and ends == self._total_ends
        self._ended = self._timeout("the whole took too long" if whole else _WHILE[self._stage])
        self.drop()

    # What failures mean.

    def _failure(self, error: BaseException | None) -> OfframpError:
        if self._refusal is not None:
            return self._refusal
        if self._token.cut:
            return prohibited_by(self._token)
        if self._ended is not None:
            return self._ended
        if isinstance(error, OfframpError):
            return error
        meaning = (
            meaning_of_body(error) if self._stage == "reading" else meaning_of_head(error, str(self._url.origin()))
        )
        return self._error(meaning.kind, meaning.what, mend=meaning.mend)

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


def _other(error: BaseException, failure: BaseException | None) -> BaseException | None:
    """The cause to name, unless it is, or wraps, the very failure that is raised: causes must not run in a circle."""
    return None if failure is not None and failure in (error, error.__cause__) else error


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
