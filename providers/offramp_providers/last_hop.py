"""Where the gate meets the socket: the token is spent in the same step as the first write to a connected socket.

aiohttp makes, keeps and reads the connections; the request's own bytes are written here. Its client would write them
in a task of its own, one turn of the event loop after the request was handed over (on Python 3.11), and takes about as
long for that as for all the rest.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Final
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage, StreamWriter
from aiohttp.streams import StreamReader
from yarl import URL

from offramp.contracts.transport import Network
from offramp_providers.of_one_process import OfOneProcess, SocketConnector, TcpConnector, kept
from offramp_providers.request_head import fields_of
from offramp_providers.socket_sight import Sight, sight_of
from offramp_providers.tls import tls_context
from offramp_providers.tunnel_connector import TunnelConnector

_PIECE_BYTES: Final = 64 * 1024
_AT_ONCE_BYTES: Final = 256 * 1024
_MOST_REMEMBERED: Final = 1000  # targets; a client has a few


class Connections:
    """The connections of one event loop, kept alive between exchanges. Nothing is taken from the environment."""

    def __init__(self, *, max_header_line_bytes: int, network: Network) -> None:
        self.connector: Final = kept(_connector(network))
        self._max_header_line_bytes = max_header_line_bytes
        self._targets: dict[URL, aiohttp.ClientRequest] = {}
        self._kept: MutableMapping[ResponseHandler, Sight] = WeakKeyDictionary()
        """Those that were kept for a next exchange, each with what the kernel sees of it."""

    async def connect(self, url: URL) -> "Line":
        """A connection to the URL's origin, kept or new, that nothing has been written to for this exchange.

        Raises:
            aiohttp.ClientError, OSError: there is none.
        """
        # A server may close a kept connection at any time (RFC 9112, 9.5), also right behind an answer, before the loop
        # has seen it. Nothing has been written then, so that the next one is taken; nothing is ever sent twice.
        while True:
            connection = await self.connector.connect(self._target(url), traces=[], timeout=_UNBOUNDED)
            protocol = connection.protocol
            sight = None if protocol is None else self._kept.get(protocol)
            transport = None if protocol is None or protocol.should_close else protocol.transport
            if protocol is not None and transport is not None and not (sight is not None and sight()):
                break
            # Closed, or something has come that nobody asked for, which would pass for the answer to this request.
            connection.close()
            if sight is None:
                raise aiohttp.ClientConnectionError("the connection cannot be used any more")
        protocol.set_response_params(
            read_until_eof=True,
            max_line_size=self._max_header_line_bytes,
            max_field_size=self._max_header_line_bytes,
        )
        return Line(connection, protocol, transport, self._kept)

    async def close(self) -> None:
        """Close all of them."""
        await self.connector.close()

    def _target(self, url: URL) -> aiohttp.ClientRequest:
        """What the connector takes for an address. Only its URL is used; it is never sent."""
        target = self._targets.get(url)
        if target is None:
            target = _Target("POST", url, loop=asyncio.get_running_loop())
            if len(self._targets) < _MOST_REMEMBERED:
                self._targets[url] = target
        return target


class _Target(aiohttp.ClientRequest):
    """An address; its key in the pool is made once, where aiohttp makes it for every request."""

    _key: ConnectionKey | None = None

    @property
    def connection_key(self) -> ConnectionKey:
        if self._key is None:
            self._key = super().connection_key
        return self._key


def _connector(network: Network) -> OfOneProcess:
    if network.unix_socket is not None:
        return SocketConnector(str(network.unix_socket), limit=0, keepalive_timeout=30.0)
    if network.proxy is not None:
        return TunnelConnector(network.proxy, tls_context(network))
    return TcpConnector(limit=0, keepalive_timeout=30.0, ssl=tls_context(network) or True)


_UNBOUNDED: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
"""The exchange has deadlines of its own."""


class Line:
    """A connection in the hands of one exchange."""

    __slots__ = ("_connection", "_kept", "_protocol", "transport")

    def __init__(
        self,
        connection: Connection,
        protocol: ResponseHandler,
        transport: asyncio.Transport,
        kept: MutableMapping[ResponseHandler, Sight],
    ) -> None:
        self._connection = connection
        self._kept = kept
        self._protocol = protocol
        self.transport = transport

    @property
    def is_spoilt(self) -> bool:
        """Whether it has ended, or something has come that nobody asked for. Tells before the first write only."""
        return self._protocol.should_close or self.transport.is_closing()

    @property
    def is_clogged(self) -> bool:
        """Whether more waits to leave than should."""
        return self._protocol.writing_paused

    async def drained(self) -> None:
        """Wait until it is not. Raises OSError where the connection is lost."""
        await StreamWriter(self._protocol, asyncio.get_running_loop()).drain()

    async def head(self) -> tuple[RawResponseMessage, StreamReader]:
        """The head of the answer, and the body as it arrives; interim answers are passed over."""
        while True:
            message, body = await self._protocol.read()
            if not 100 <= message.code < 200 or message.code == 101:  # 101 is the last word on HTTP
                return message, body

    def release(self) -> None:
        """The answer was read to its end: keep the connection for the next exchange, if the other side does."""
        if self._protocol not in self._kept:
            self._kept[self._protocol] = sight_of(self.transport)
        self._connection.release()

    def drop(self) -> None:
        """End the connection."""
        self._connection.close()


def head_of(method: str, url: URL, headers: Mapping[str, str], *, length: int) -> bytes:
    """The head of a request, as HTTP/1.1 has it.

    Raises:
        ValueError: a header cannot be written, or is none of the sender's. The text quotes nothing.
    """
    head = (
        f"{method} {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}\r\n"
        f"{fields_of(headers)}Content-Length: {length}\r\n\r\n"
    )
    return head.encode()


def pieces_of(head: bytes, body: bytes) -> Iterator[bytes | memoryview]:
    """What to write, the first piece with the head. A large body comes piece by piece, so that the loop can see an
    order in between.
    """
    if len(body) <= _AT_ONCE_BYTES:
        yield head + body
        return
    rest = memoryview(body)
    yield head + rest[:_PIECE_BYTES]
    for start in range(_PIECE_BYTES, len(rest), _PIECE_BYTES):
        yield rest[start : start + _PIECE_BYTES]
