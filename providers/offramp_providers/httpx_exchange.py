"""One request and its answer over httpx: its token, its deadlines, its connection, and what its failures mean.

Imports httpx, so it is itself imported at the first call only.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import httpx
from yarl import URL

from offramp.contracts.permission import SendToken, prohibited_by
from offramp.contracts.transport import Deadlines, HttpRequest
from offramp.errors import OfframpError, ProviderError, ProviderErrorKind, StateError
from offramp_providers.body_decoding import BodyDecoder, decoder_for
from offramp_providers.httpx_failures import FAILURES, meaning_of_body, meaning_of_head
from offramp_providers.httpx_line import AT_LAST_HOP, Line
from offramp_providers.request_head import fields_of

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
        self._patience: asyncio.Timeout | None = None
        """Around what is waited for now; None while the caller is at work."""
        self._ends: float | None = None
        self._line: Line | None = None
        """The connection, where it is ours, until the answer was read."""
        self._answer: httpx.Response | None = None
        self._status: int | None = None
        self.mid_stream = False
        """Whether a failure from here on interrupts output that the caller may have seen."""

    async def open(self, client: httpx.AsyncClient, *, is_ours: bool) -> httpx.Response:
        """Send, and wait for the answer's head.

        Args:
            client: what sends it.
            is_ours: whether its connections ask `AT_LAST_HOP`. Else the token is spent before handing over.
        """
        hop = AT_LAST_HOP.set(self._at_last_hop)
        try:
            async with asyncio.timeout(None) as self._patience:
                self._begin(is_ours=is_ours)
                answer = self._answer = await self._sent(client)
        except FAILURES as error:
            raise self._failure(error) from error
        finally:
            AT_LAST_HOP.reset(hop)
            self._patience = None
        self._status = answer.status_code
        if self._token.cut:
            raise prohibited_by(self._token)
        if is_ours:
            self._require_own_answer()
        self._stage = "reading"
        return answer

    def _begin(self, *, is_ours: bool) -> None:
        connect_s, first_byte_s = self._deadlines.connect_s, self._deadlines.first_byte_s
        if is_ours:
            self._enter("connecting", connect_s)
        else:  # what goes on below a client of somebody else's may never be told
            self._enter("waiting", None if connect_s is None or first_byte_s is None else connect_s + first_byte_s)
        self._token.on_cut(self.drop)
        if not is_ours:
            self._token.spend()

    async def _sent(self, client: httpx.AsyncClient) -> httpx.Response:
        headers = self._request.headers
        fields_of(headers)
        asked = httpx.Request(
            self._request.method,
            str(self._url),
            headers=[(name.encode(), content.encode()) for name, content in headers.items()],
            content=self._request.body,
            extensions={"trace": self._told, "timeout": _UNBOUNDED},
        )
        return await client.send(asked, stream=True, auth=None, follow_redirects=False)

    def _at_last_hop(self, line: Line) -> None:
        """The last hop. Nothing stands between the spending of the token and the first byte."""
        if self._token.cut:
            raise prohibited_by(self._token)
        if self._line is None:
            self._token.spend()
            self._line = line
            line.begin()

    async def _told(self, event: str, _: Mapping[str, Any]) -> None:
        """httpcore says what it is about to do, and what it has done."""
        if event.endswith((".connect_tcp.started", ".connect_unix_socket.started")):
            self._enter("connecting", self._deadlines.connect_s)
        elif event.endswith(".send_request_headers.started"):
            if self._token.cut:
                raise prohibited_by(self._token)
            self._enter("sending", None)
        elif event.endswith((".send_request_body.complete", ".send_request_body.failed", "_headers.failed")):
            self._enter("waiting", self._deadlines.first_byte_s)

    def _require_own_answer(self) -> None:
        """The answer has come over the connection that the request was written to, and after it."""
        if self._line is None:
            raise StateError(
                "an answer came although the token was not spent: something stands in for the connections",
                where=self._token.identity.endpoint,
                mend="hand in the client that is to be used: HttpxTransport(client=…)",
            )
        if not self._line.is_answered:
            raise self._error(ProviderErrorKind.CONNECTION, "the connection held an answer that nobody had asked for")
        self._line.end_head()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The decoded body as it arrives."""
        if self._answer is None:
            raise StateError("the exchange is over")
        try:
            decoder = decoder_for(self._answer.headers.get("content-encoding"))
            pieces = self._pieces(self._answer, decoder)
            async for piece in pieces:
                self._count(len(piece))
                yield piece
                if self._token.cut:
                    raise prohibited_by(self._token)
        except zlib.error as error:
            raise self._failure(error) from error
        await self._finish()

    async def read(self) -> bytes:
        """All of the decoded body."""
        return b"".join([piece async for piece in self.chunks()])

    async def _pieces(self, answer: httpx.Response, decoder: BodyDecoder) -> AsyncGenerator[bytes]:
        if not isinstance(answer.stream, httpx.AsyncByteStream):
            raise StateError("the client's transport is not an asynchronous one")
        arriving = aiter(answer.stream)
        while (raw := await self._next(arriving)) is not None:
            for piece in decoder.decode(raw):
                yield piece
        decoder.finish()

    async def _next(self, arriving: AsyncIterator[bytes]) -> bytes | None:
        """What arrives next, still encoded; None at the end."""
        if self._token.cut:
            raise prohibited_by(self._token)
        try:
            async with asyncio.timeout(None) as self._patience:
                self._enter("reading", self._deadlines.idle_s)
                raw = await anext(arriving, None)
        except FAILURES as error:
            raise self._failure(error) from error
        finally:
            self._patience = None
        if self._token.cut:
            raise prohibited_by(self._token)
        return raw

    def _count(self, size: int) -> None:
        self._cap -= size
        if self._cap < 0:
            raise self._error(ProviderErrorKind.TOO_LARGE, "the answer is larger than the transport's limit")

    async def _finish(self) -> None:
        """The answer was read to its end: the connection may serve another."""
        self._stage = "over"
        self._line = None
        if self._answer is not None:
            await self._answer.aclose()

    def drop(self) -> None:
        """End it at once, whatever it is doing; nothing that is still buffered goes out."""
        if self._line is not None:
            self._line.drop()
        if self._patience is not None and not self._patience.expired():
            self._patience.reschedule(self._loop.time())

    async def close(self) -> None:
        """Give the token back; drop the connection unless the answer was read to its end."""
        line, self._line = self._line, None
        if line is not None:
            line.drop()
        self._token.release()
        answer, self._answer = self._answer, None
        if answer is not None:
            await answer.aclose()

    # Deadlines. Each waiting has its own; between two, the caller and not the vendor is at work.

    def _enter(self, stage: _Stage, bound_s: float | None) -> None:
        if self._patience is None or self._patience.expired() or self._token.cut:
            return  # it is over, and httpcore is clearing up
        self._stage = stage
        ends = None if bound_s is None else self._loop.time() + bound_s
        if self._total_ends is not None and (ends is None or self._total_ends < ends):
            ends = self._total_ends
        self._ends = ends
        self._patience.reschedule(ends)

    # What failures mean.

    def _failure(self, error: Exception) -> OfframpError:
        if self._token.cut:
            return prohibited_by(self._token)
        if isinstance(error, TimeoutError):
            whole = self._stage == "reading" and self._ends == self._total_ends
            why = "the whole took too long" if whole else _WHILE[self._stage]
            return self._error(ProviderErrorKind.TIMEOUT, f"no answer in time: {why}")
        reads = self._stage == "reading"
        meaning = meaning_of_body(error) if reads else meaning_of_head(error, str(self._url.origin()))
        failed = self._error(meaning.kind, meaning.what, mend=meaning.mend)
        return failed.answered("proxy", status=meaning.status) if meaning.by_proxy else failed

    def _error(self, kind: ProviderErrorKind, what: str, *, mend: str | None = None) -> ProviderError:
        return ProviderError(
            what,
            kind=kind,
            status=self._status,
            phase="mid_stream" if self.mid_stream else "before_first_output",
            endpoint=self._token.identity.endpoint,
            mend=mend,
        )


_UNBOUNDED: Final = {"connect": None, "read": None, "write": None, "pool": None}
"""The exchange has deadlines of its own."""

_WHILE: Final[Mapping[_Stage, str]] = {
    "connecting": "no connection was made",
    "sending": "the request was not taken",
    "waiting": "the answer did not begin",
    "reading": "it fell silent",
    "over": "it was over",
}
