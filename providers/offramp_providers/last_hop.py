"""Where aiohttp meets the gate: the token is spent inside the first write to a connected socket.

Of the places that aiohttp offers, only the transport's own `write` stands directly before the bytes. A middleware runs
before the connection is made. `ClientRequest.send` runs when it stands, but on Python 3.11 the body, and with it the
buffered head, leaves one turn of the event loop later, in a task of its own. Trace hooks are awaited in between and
cannot refuse. So `send` puts a gate before the connection's transport; the first write spends the token, takes the gate
away again, and writes, with nothing between the two.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, cast

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

_RESET_AT_CLOSE: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Exchanging(Protocol):
    """The side of an exchange that the connection talks to."""

    def connected(self, connection: asyncio.Transport) -> None:
        """A connection stands; nothing has been written."""
        ...

    def spend(self) -> None:
        """Spend the token. Raises where an order forbids the write."""
        ...

    def sent(self) -> None:
        """The last byte of the request was given to the connection."""
        ...


class GatedRequest(aiohttp.ClientRequest):
    """A request that cannot be written without its exchange's token."""

    exchange: Exchanging

    @override
    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        protocol = conn.protocol
        if protocol is None or protocol.transport is None:
            raise aiohttp.ClientConnectionError("the connection closed before the request was written")
        self.exchange.connected(protocol.transport)
        gate = _Gate(protocol, protocol.transport, self.exchange.spend)
        protocol.transport = cast("asyncio.Transport", gate)
        return await super().send(conn)

    @override
    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        await super().write_bytes(writer, conn, content_length)
        self.exchange.sent()


class _Gate:
    """Stands in for a transport until its first write."""

    def __init__(self, protocol: ResponseHandler, connection: asyncio.Transport, spend: Callable[[], None]) -> None:
        self._protocol = protocol
        self._connection = connection
        self._spend = spend

    def write(self, data: bytes) -> None:
        self._pass()
        self._connection.write(data)

    def writelines(self, chunks: Iterable[bytes]) -> None:
        self._pass()
        self._connection.writelines(chunks)

    def _pass(self) -> None:
        self._protocol.transport = self._connection
        self._spend()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def reset(connection: asyncio.Transport) -> None:
    """Drop a connection so that nothing buffered goes out, neither from the process nor from the kernel."""
    raw: Any = connection.get_extra_info("socket")
    if raw is not None:
        # With this the kernel throws its send buffer away at close; otherwise up to megabytes would still leave.
        with contextlib.suppress(OSError):  # already closed: nothing is buffered any more
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    connection.abort()


def open_session(*, max_header_line_bytes: int) -> aiohttp.ClientSession:
    """A session that takes nothing from the environment and keeps nothing but connections."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30.0),
        request_class=GatedRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        max_line_size=max_header_line_bytes,
        max_field_size=max_header_line_bytes,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )
