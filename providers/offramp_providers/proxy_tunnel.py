"""The way through a proxy: a tunnel to the host, opened by CONNECT before anything of a request is written.

The proxy learns the host's name and port and how much is said, no more: what goes through is under TLS. A proxy is
used where the configuration names it, and never because the environment does.
"""

import asyncio
import base64
import errno
import re
import socket
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from offramp.contracts.transport import Proxy
from offramp.errors import ProviderErrorKind
from offramp_providers.meaning import Meaning

_PORT: Final = 80
_MOST_BYTES: Final = 16 * 1024
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")
_REFUSALS: Final[Mapping[int, tuple[ProviderErrorKind, str | None]]] = {
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: (ProviderErrorKind.AUTHENTICATION, "correct what proxy_login names"),
    HTTPStatus.FORBIDDEN: (ProviderErrorKind.PERMISSION, "ask who runs the proxy to let the host pass"),
}
"""What the proxy itself decides; anything else is a failure on the way."""


class ProxyFailure(OSError):
    """The proxy made no connection. Nothing of a request has left."""

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(meaning.what)
        self.meaning = meaning


async def open_tunnel(proxy: Proxy, host: str, port: int) -> socket.socket:
    """A socket whose other end is the host.

    Args:
        proxy: through whom.
        host: a name or an address, without brackets.
        port: of the host.

    Raises:
        ProxyFailure: there is none.
    """
    address = urlsplit(proxy.url)
    connection = await _connected(address.hostname or "", address.port or _PORT)
    try:
        status = await _ask(connection, _head(proxy, host, port))
    except BaseException:
        connection.close()
        raise
    if status != HTTPStatus.OK:
        connection.close()
        raise ProxyFailure(_refusal(status, host))
    return connection


async def _connected(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _unreachable(host, port, error) from error
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)  # noqa: FBT003  # as the standard library has it
        try:
            await loop.sock_connect(connection, address)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise _unreachable(host, port, failure)


def _head(proxy: Proxy, host: str, port: int) -> bytes:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    login = proxy.login() if proxy.login is not None else None
    word = f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}\r\n" if login else ""
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: offramp\r\n{word}\r\n".encode("ascii")


async def _ask(connection: socket.socket, head: bytes) -> int:
    """The status of the proxy's answer. Its body is not read."""
    loop = asyncio.get_running_loop()
    received = b""
    try:
        await loop.sock_sendall(connection, head)
        while b"\r\n\r\n" not in received:
            piece = await loop.sock_recv(connection, _MOST_BYTES)
            received += piece
            if not piece or len(received) > _MOST_BYTES:
                break
    except OSError as error:
        raise ProxyFailure(_broken("the proxy closed the connection before its answer")) from error
    told = _STATUS_LINE.match(received)
    if told is None:
        what = "what answered as the proxy does not speak HTTP" if received else "the proxy closed the connection"
        raise ProxyFailure(_broken(what))
    status = int(told[1])
    if status == HTTPStatus.OK and received.partition(b"\r\n\r\n")[2]:
        # The host speaks only when it is spoken to: what came with the head would pass for its answer.
        raise ProxyFailure(_broken("more came through the proxy than its answer"))
    return status


def _refusal(status: int, host: str) -> Meaning:
    kind, mend = _REFUSALS.get(status, (ProviderErrorKind.CONNECTION, None))
    return Meaning(
        kind, f"the proxy made no connection to {host}: it answered {status}", mend=mend, status=status, by_proxy=True
    )


def _broken(what: str) -> Meaning:
    return Meaning(ProviderErrorKind.CONNECTION, what, by_proxy=True)


def _unreachable(host: str, port: int, error: OSError | None) -> ProxyFailure:
    why = errno.errorcode.get(error.errno or 0) if error is not None else None
    kind = why or (type(error).__name__ if error is not None else "no address")
    return ProxyFailure(_broken(f"cannot connect to the proxy {host}:{port} ({kind})"))
