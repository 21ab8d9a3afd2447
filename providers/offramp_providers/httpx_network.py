"""httpx on connections of ours: httpcore keeps the pool and speaks HTTP, and asks the gate through each `Line`.

Imports httpx, so it is itself imported at the first call only.
"""

import asyncio
import functools
import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Final

import httpcore
import httpx
from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.transport import Network, Proxy
from offramp_providers.httpx_line import CountingReader, Line
from offramp_providers.proxy_tunnel import open_tunnel
from offramp_providers.tls import tls_context

_HAPPY_EYEBALLS_S: Final = 0.25  # head start of one address over the next, as RFC 8305 recommends


class _Sockets(httpcore.AsyncNetworkBackend):
    """TCP by asyncio, or a unix socket or a tunnel in its place."""

    def __init__(self, unix_socket: Path | None, proxy: Proxy | None) -> None:
        self._unix_socket = unix_socket
        self._proxy = proxy

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Line:
        loop = asyncio.get_running_loop()
        reader = CountingReader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        try:
            if self._unix_socket is not None:
                transport, _ = await loop.create_unix_connection(lambda: protocol, str(self._unix_socket))
                return Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
            if self._proxy is not None:
                through = await open_tunnel(self._proxy, host, port)
                transport, _ = await loop.create_connection(lambda: protocol, sock=through)
                return Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
            transport, _ = await loop.create_connection(
                lambda: protocol, host, port, happy_eyeballs_delay=_HAPPY_EYEBALLS_S
            )
        except OSError as error:
            raise httpcore.ConnectError("no connection") from error
        return Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


class _Pool(httpx.AsyncBaseTransport):
    """What httpx hands requests to: connections of ours, kept alive between exchanges."""

    def __init__(self, network: Network) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls_context(network) or _trusting_the_system(),
            max_connections=None,
            keepalive_expiry=30.0,
            network_backend=_Sockets(network.unix_socket, network.proxy),
        )

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method.encode(),
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(asked)
        except _FAILURES as error:
            raise _named(error) from error
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    @override
    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._answer.aiter_stream():
                yield piece
        except _FAILURES as error:
            raise _named(error) from error

    @override
    async def aclose(self) -> None:
        await self._answer.aclose()


def own_client(network: Network) -> httpx.AsyncClient:
    """A client on connections of ours. Nothing is taken from the environment."""
    return httpx.AsyncClient(transport=_Pool(network), trust_env=False)


def _named(error: Exception) -> httpx.TransportError:
    """The same, as httpx calls it."""
    match error:
        case httpcore.ConnectError():
            return httpx.ConnectError("no connection")
        case httpcore.LocalProtocolError():
            return httpx.LocalProtocolError("no HTTP on our side")
        case httpcore.ProtocolError():
            return httpx.RemoteProtocolError("no HTTP on the other side")
        case _:
            return httpx.NetworkError("the connection was lost")


_FAILURES: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


@functools.cache
def _trusting_the_system() -> ssl.SSLContext:
    return ssl.create_default_context()
