"""The HTTP transport: one exchange at a time, gated, bounded, and bound to one origin.

aiohttp is imported at the first call. A proxy is used only where the configuration names one; cookies, netrc and
redirects never are.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.by_loop import ByLoop
from offramp.contracts.permission import SendToken, loop_of
from offramp.contracts.process import process_id
from offramp.contracts.transport import Deadlines, HttpRequest, HttpResponse, HttpStream, Network, Transport
from offramp.types import value
from offramp_providers.origin_guard import OriginGuard, joined_headers, refuse_redirect

if TYPE_CHECKING:
    from aiohttp.http import RawResponseMessage

    from offramp_providers.exchange import Exchange
    from offramp_providers.last_hop import Connections

_abandoned: list[object] = []  # connections of a parent process: closing them here would disturb its sockets


@value
class Limits:
    """How much an answer may hold, in bytes. Bodies are counted after decompression."""

    body_bytes: int = 64 * 1024 * 1024
    stream_bytes: int = 256 * 1024 * 1024
    header_line_bytes: int = 16 * 1024


class AiohttpTransport(Transport):
    """HTTP/1.1 by aiohttp, with kept-alive connections for each event loop that uses it."""

    def __init__(self, *, limits: Limits | None = None, network: Network | None = None) -> None:
        """Open nothing yet.

        Args:
            limits: caps on what may arrive.
            network: how hosts are reached and recognised. None: as the system has it.
        """
        self._limits = limits or Limits()
        self._network = network or Network()
        self._guard = OriginGuard(self._network)
        self._connections: ByLoop[Connections] = _by_loop(self._limits, self._network)
        self._pid = process_id()

    @override
    async def send(self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines) -> HttpResponse:
        """One exchange. Any status but a redirect is an answer."""
        exchange: Exchange | None = None
        try:
            exchange = self._exchange(request, token, deadlines, self._limits.body_bytes)
            answer = await exchange.open()
            if 300 <= answer.code < 400:
                _refuse_redirect(answer, token)
            body = await exchange.read()
            return HttpResponse(status=answer.code, headers=_headers(answer), body=body)
        finally:
            _end(exchange, token)

    @override
    @asynccontextmanager
    async def stream(
        self, request: HttpRequest, *, token: SendToken, deadlines: Deadlines
    ) -> AsyncGenerator[HttpStream]:
        """One exchange whose body is read as it arrives."""
        exchange: Exchange | None = None
        try:
            exchange = self._exchange(request, token, deadlines, self._limits.stream_bytes)
            answer = await exchange.open()
            _refuse_redirect(answer, token)
            exchange.mid_stream = answer.code < 300
            yield _AiohttpStream(exchange, answer.code, _headers(answer))
        finally:
            _end(exchange, token)

    @override
    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        connections = self._connections.pop(asyncio.get_running_loop())
        if connections is not None:
            await connections.close()

    def _exchange(self, request: HttpRequest, token: SendToken, deadlines: Deadlines, cap: int) -> "Exchange":
        url = self._guard.allowed(request, endpoint=token.identity.endpoint)
        connections = self._own_connections(loop_of(token))
        return _exchange_class()(request, url=url, token=token, deadlines=deadlines, cap=cap, connections=connections)

    def _own_connections(self, loop: asyncio.AbstractEventLoop) -> "Connections":
        if self._pid != process_id():
            _abandoned.extend(self._connections.all())
            self._connections = _by_loop(self._limits, self._network)
            self._pid = process_id()
        found = self._connections.of(loop)
        if found.connector.closed:
            self._connections.pop(loop)
            found = self._connections.of(loop)
        return found


class _AiohttpStream(HttpStream):
    def __init__(self, exchange: "Exchange", status: int, headers: dict[str, str]) -> None:
        self._exchange = exchange
        self._status = status
        self._headers = headers

    @property
    @override
    def status(self) -> int:
        return self._status

    @property
    @override
    def headers(self) -> dict[str, str]:
        return self._headers

    @override
    def chunks(self) -> AsyncIterator[bytes]:
        return self._exchange.chunks()

    @override
    async def read(self) -> bytes:
        return await self._exchange.read()


def _by_loop(limits: Limits, network: Network) -> "ByLoop[Connections]":
    def connect(_: asyncio.AbstractEventLoop) -> "Connections":
        from offramp_providers.last_hop import Connections

        return Connections(max_header_line_bytes=limits.header_line_bytes, network=network)

    return ByLoop(connect)


@cache
def _exchange_class() -> "type[Exchange]":
    from offramp_providers.exchange import Exchange

    return Exchange


def _end(exchange: "Exchange | None", token: SendToken) -> None:
    if exchange is None:
        token.release()
    else:
        exchange.close()


def _headers(answer: "RawResponseMessage") -> dict[str, str]:
    return joined_headers(answer.headers.items())


def _refuse_redirect(answer: "RawResponseMessage", token: SendToken) -> None:
    refuse_redirect(answer.code, answer.headers.get("Location"), endpoint=token.identity.endpoint)
