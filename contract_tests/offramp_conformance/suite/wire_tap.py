"""A transport that keeps what passes through it, for the exchange that is under way. It changes nothing."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.permission import SendToken
from offramp.contracts.transport import Deadlines, HttpRequest, HttpResponse, HttpStream, Transport
from offramp_conformance.suite.exchanges import WireSight

LARGEST_KEPT: Final = 4 * 1024 * 1024
"""Bytes of a body that are kept."""


class Tapped:
    """What has passed so far."""

    def __init__(self, largest: int = LARGEST_KEPT) -> None:
        self.largest = largest
        """Bytes of a body that are kept."""
        self.sent = b""
        self.received = bytearray()
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.chunks = 0

    def shown(self) -> WireSight:
        """As a value."""
        return WireSight(
            sent=self.sent,
            received=bytes(self.received),
            status=self.status,
            headers=dict(self.headers),
            chunks=self.chunks,
        )


TAP: Final[ContextVar[Tapped | None]] = ContextVar("tap", default=None)
"""Where the exchange that is under way in this task is kept."""


class TappedTransport(Transport):
    """Another transport, with a tap on it."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    @override
    async def send(self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines) -> HttpResponse:
        """One exchange."""
        tap = TAP.get()
        if tap is not None:
            tap.sent = request.body
        answer = await self._inner.send(request, token=token, deadlines=deadlines)
        if tap is not None:
            tap.status, tap.headers, tap.chunks = answer.status, answer.headers, 1
            tap.received += answer.body[: tap.largest]
        return answer

    @override
    @asynccontextmanager
    async def stream(
        self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines
    ) -> AsyncGenerator[HttpStream]:
        """One exchange whose body is read as it arrives."""
        tap = TAP.get()
        if tap is not None:
            tap.sent = request.body
        async with self._inner.stream(request, token=token, deadlines=deadlines) as answer:
            if tap is not None:
                tap.status, tap.headers = answer.status, answer.headers
            yield answer if tap is None else _TappedStream(answer, tap)

    @override
    async def aclose(self) -> None:
        """Close the inner one."""
        await self._inner.aclose()


class _TappedStream(HttpStream):
    def __init__(self, inner: HttpStream, tap: Tapped) -> None:
        self._inner = inner
        self._tap = tap

    @property
    @override
    def status(self) -> int:
        return self._inner.status

    @property
    @override
    def headers(self) -> dict[str, str]:
        return self._inner.headers

    @override
    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner.chunks():
            self._keep(chunk)
            yield chunk

    @override
    async def read(self) -> bytes:
        body = await self._inner.read()
        self._keep(body)
        return body

    def _keep(self, chunk: bytes) -> None:
        self._tap.chunks += 1
        self._tap.received += chunk[: self._tap.largest - len(self._tap.received)]
