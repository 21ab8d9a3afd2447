"""One request and its answer: its token, its deadlines, its connection, and what its failures mean.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Final, Literal, TypeAlias

import aiohttp
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from yarl import URL

from offramp.contracts.alarms import alarms
from offramp.contracts.patience import Patience
from offramp.contracts.permission import SendToken, prohibited_by
from offramp.contracts.transport import Deadlines, HttpRequest
from offramp.errors import OfframpError, ProviderError, ProviderErrorKind, StateError
from offramp_providers.http_failures import meaning_of_body, meaning_of_head
from offramp_providers.last_hop import Connections, head_of, pieces_of
from offramp_providers.lines import Line
from offramp_providers.socket_reset import reset

_Stage: TypeAlias = Literal["connecting", "sending", "waiting", "reading", "over"]


class Exchange:
    """Runs once: `open`, then `chunks` or `read`, and `close` in any case."""

    __slots__ = (
        *("_alarm", "_alarms", "_armed_s", "_body", "_bound_s", "_cap", "_connections", "_deadlines", "_ended"),
        *("_head", "_line", "_loop", "_patience", "_request", "_rings_s", "_silent_since", "_stage", "_status"),
        *("_token", "_total_ends", "_url", "_writing", "mid_stream"),
    )

    def __init__(
        self,
        request: HttpRequest,
        *,
        url: URL,
        token: SendToken,
        deadlines: Deadlines,
        cap: int,
        connections: Connections,
    ) -> None:
        self._request = request
        self._url = url
        self._token = token
        self._deadlines = deadlines
        self._cap = cap
        self._loop = connections.loop
        self._total_ends = None if deadlines.total_s is None else self._loop.time() + deadlines.total_s
        self._stage: _Stage = "connecting"
        self._patience = Patience(self._loop)
        self._head = b""
        """Of the request, as it is written."""
        self._connections = connections
        self._line: Line | None = None
        """The connection, from its making until the last byte of the answer has come."""
        self._writing: asyncio.Task[None] | None = None
        self._status: int | None = None
        self._body: StreamReader | None = None
        self._ended: OfframpError | None = None
        self._silent_since: float | None = None
        """Since when the other side has been waited for; None while the caller is at work."""
        self._bound_s: float | None = None
        """How long it may be in this stage."""
        self._alarms = alarms(self._loop)
        self._alarm: int | None = None
        self._rings_s = 0.0
        """When the alarm rings; meaningless without one."""
        self._armed_s: float | None = None
        """The bound that the alarm was set for."""
        self.mid_stream = False
        """Whether a failure from here on interrupts output that the caller may have seen."""

    async def open(self) -> RawResponseMessage:
        """Send, and wait for the answer's head."""
        try:
            with self._patience:
                self._enter("connecting", self._deadlines.connect_s)
                self._token.on_cut(self.drop)
                request = self._request
                self._head = head_of(request.method, self._url, request.headers, length=len(request.body))
                line = self._line = self._connections.idle(self._url) or await self._connections.connect(self._url)
                self._token.depart(self._go, self._refuse)
                answer, self._body = await line.head()
                if self._stage == "connecting":
                    raise aiohttp.ClientConnectionError(_UNASKED)
        except (TimeoutError, aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            raise self._failure(error) from _other(error, self._ended)
        self._status = answer.code
        self._body.on_eof(self._arrived)
        self._enter("reading", self._deadlines.idle_s)
        if self._token.cut:
            raise prohibited_by(self._token)
        return answer

    def _go(self) -> None:
        """The last hop. Nothing stands between the spending of the token and the first byte."""
        line = self._line
        if line is None or line.is_spoilt:
            self._refuse(self._ended or self._error(ProviderErrorKind.CONNECTION, _UNASKED))
            return
        pieces = pieces_of(self._head, self._request.body)
        first = next(pieces)
        line.transport.write(first)
        if len(first) < len(self._head) + len(self._request.body) or line.is_clogged:
            self._enter("sending", None)
            self._writing = self._loop.create_task(self._write(line, pieces))
        else:
            self._enter("waiting", self._deadlines.first_byte_s)

    def _refuse(self, error: OfframpError) -> None:
        self._ended = error
        self._patience.end()

    async def _write(self, line: Line, pieces: Iterator[bytes | memoryview]) -> None:
        """The rest of a large request, while the answer may begin already."""
        try:
            await line.drained()
            for piece in pieces:
                line.transport.write(piece)
                await line.drained()
        except (aiohttp.ClientError, OSError):
            return  # the connection is lost, which whoever waits for the answer learns by itself
        if self._stage == "sending":
            self._enter("waiting", self._deadlines.first_byte_s)

    def _arrived(self) -> None:
        """The last byte of the answer has come, read or not: from here on the connection may serve another."""
        line, self._line = self._line, None
        if line is None:
            return
        if self._writing is None or self._writing.done():
            self._connections.keep(line)
        else:
            line.drop()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The decoded body as it arrives."""
        while chunk := await self._next():
            yield chunk

    async def read(self) -> bytes:
        """All of the decoded body."""
        if self._body is not None and self._is_whole(self._body):
            whole = self._body.read_nowait()  # it has come with the head, as most answers do
            self._count(len(whole))
            self._stage = "over"
            return whole
        pieces = [await self._next()]
        while pieces[-1]:
            pieces.append(await self._next())
        return b"".join(pieces)

    def _is_whole(self, body: StreamReader) -> bool:
        return body.is_eof() and body.exception() is None and self._ended is None and not self._token.cut

    async def _next(self) -> bytes:
        """The next piece; empty at the end."""
        if self._body is None:
            raise StateError("the exchange is over")
        self._silent_since = self._loop.time()
        try:
            chunk = await self._body.readany()
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
        if self._stage == "reading" and self._body is not None:
            # Wakes a pending read, which the connection's end does not do for a body without a length.
            self._body.set_exception(self._ended or aiohttp.ClientConnectionError("dropped"))
        elif self._stage != "over":
            self._patience.end()

    def close(self) -> None:
        """Give the token back; drop the connection unless the answer was read to its end."""
        if self._alarm is not None:
            self._alarms.cancel(self._alarm)
        if self._writing is not None:
            self._writing.cancel()
        given_up = self._stage != "over" and self._writing is not None
        if self._stage != "over":
            self._stage = "over"
            self._reset()
        if self._line is not None:
            self._line.drop()
        self._line = self._body = self._alarm = self._writing = None  # no cycles: they would be left to the collector
        if (
            given_up
        ):  # the loop closes the socket in its next turn; until then the kernel may still send of a large body
            self._loop.call_soon(self._token.release)
        else:
            self._token.release()

    def _reset(self) -> None:
        if self._line is not None:
            reset(self._line.transport)

    # Deadlines. One timer serves all stages: it is set for the earliest end, and when it fires for one that has since
    # moved on, it is set again. A short exchange thus costs one timer. What it ends: until the head has come, the
    # patience around the waiting; in the body the read alone, since a timeout there would cancel the caller's
    # own code between two chunks.

    def _enter(self, stage: _Stage, bound_s: float | None) -> None:
        self._stage = stage
        self._bound_s = bound_s
        self._silent_since = self._loop.time()
        # An alarm for a bound that is no longer than this one rings in time, and is then set again.
        if self._alarm is None or (bound_s is not None and (self._armed_s is None or bound_s < self._armed_s)):
            self._armed_s = bound_s
            self._set_alarm()

    def _set_alarm(self) -> None:
        ends = self._ends()
        if ends is not None and (self._alarm is None or ends < self._rings_s):
            if self._alarm is not None:
                self._alarms.cancel(self._alarm)
            self._rings_s = ends
            self._alarm = self._alarms.set(ends, self._look)

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
            self._armed_s = self._bound_s
            self._set_alarm()
            return
        whole = self._stage == "reading" and ends == self._total_ends
        self._ended = self._timeout("the whole took too long" if whole else _WHILE[self._stage])
        self.drop()

    # What failures mean.

    def _failure(self, error: BaseException | None) -> OfframpError:
        if self._token.cut:
            return prohibited_by(self._token)
        if self._ended is not None:
            return self._ended
        if isinstance(error, OfframpError):
            return error
        meaning = (
            meaning_of_body(error) if self._stage == "reading" else meaning_of_head(error, str(self._url.origin()))
        )
        failed = self._error(meaning.kind, meaning.what, mend=meaning.mend)
        return failed.answered("proxy", status=meaning.status) if meaning.by_proxy else failed

    def _timeout(self, why: str) -> ProviderError:
        return self._error(ProviderErrorKind.TIMEOUT, f"no answer in time: {why}")

    def _error(self, kind: ProviderErrorKind, what: str, *, mend: str | None = None) -> ProviderError:
        return ProviderError(
            what,
            kind=kind,
            status=self._status,
            phase="mid_stream" if self.mid_stream else "before_first_output",
            endpoint=self._token.identity.endpoint,
            mend=mend,
        )


def _other(error: BaseException, failure: BaseException | None) -> BaseException | None:
    """The cause to name, unless it is, or wraps, the very failure that is raised: causes must not run in a circle."""
    return None if failure is not None and failure in (error, error.__cause__) else error


_UNASKED: Final = "the connection ended, or held an answer that nobody had asked for"
_WHILE: Final[Mapping[_Stage, str]] = {
    "connecting": "no connection was made",
    "sending": "the request was not taken",
    "waiting": "the answer did not begin",
    "reading": "it fell silent",
    "over": "it was over",
}
