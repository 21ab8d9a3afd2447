"""Where the gate meets the socket: the token is spent in the same step as the first write to a connected socket.

aiohttp makes, keeps and reads the connections; the request's own bytes are written here. Its client would write them
in a task of its own, one turn of the event loop after the request was handed over (on Python 3.11), and takes about as
long for that as for all the rest.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from yarl import URL

from offramp.contracts.transport import Network
from offramp_providers.lines import IdleLines, Line, Target
from offramp_providers.of_one_process import OfOneProcess, SocketConnector, TcpConnector, kept
from offramp_providers.request_head import fields_of
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
        self._targets: dict[URL, Target] = {}
        self.loop: Final = asyncio.get_running_loop()
        self._idle: Final = IdleLines(self.loop)

    def idle(self, url: URL) -> Line | None:
        """A connection to the URL's origin that has served before; None where there is none, and one must be made."""
        idle = self._target(url).idle
        while idle:
            line = idle.pop()
            # Where it has ended nothing has been written to it, so the next one is taken; nothing is ever sent twice.
            if line.has_rested_well():
                return self._ready(line)
            line.drop()
        return None

    async def connect(self, url: URL) -> Line:
        """A new connection to the URL's origin.

        Raises:
            aiohttp.ClientError, OSError: there is none.
        """
        target = self._target(url)
        return self._ready(Line(self.connector, target, await self.connector.open(target)))

    def keep(self, line: Line) -> None:
        """The answer was read to its end: keep the connection for the next exchange, if the other side does."""
        self._idle.put(line)

    async def close(self) -> None:
        """Close all of them."""
        self._idle.forget()
        await self.connector.close()

    def _ready(self, line: Line) -> Line:
        line.protocol.set_response_params(
            read_until_eof=True,
            max_line_size=self._max_header_line_bytes,
            max_field_size=self._max_header_line_bytes,
        )
        return line

    def _target(self, url: URL) -> Target:
        target = self._targets.get(url)
        if target is None:
            target = Target(url, self._idle)
            if len(self._targets) < _MOST_REMEMBERED:
                self._targets[url] = target
        return target


def _connector(network: Network) -> OfOneProcess:
    if network.unix_socket is not None:
        return SocketConnector(str(network.unix_socket), limit=0, keepalive_timeout=30.0)
    if network.proxy is not None:
        return TunnelConnector(network.proxy, tls_context(network))
    return TcpConnector(limit=0, keepalive_timeout=30.0, ssl=tls_context(network) or True)


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
