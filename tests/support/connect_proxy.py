"""A small CONNECT proxy on loopback that does what a test says, and remembers what it was asked."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from support.raw_server import Peer, raw_server

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\nVia: made-up\r\n\r\n"


@dataclass
class ConnectProxy:
    """What it has seen, and where it is."""

    url: str = ""
    login: str | None = None
    """The one `user:password` that opens; None: it asks for none."""
    answer: bytes = ESTABLISHED
    """What it says in place of a tunnel, where it is something else."""
    heads: list[bytes] = field(default_factory=list[bytes])
    passed: int = 0
    """Bytes that have gone to hosts."""

    @property
    def targets(self) -> list[str]:
        """What it was asked to connect to."""
        return [head.split(b" ")[1].decode() for head in self.heads]


@asynccontextmanager
async def connect_proxy(*, login: str | None = None, answer: bytes = ESTABLISHED) -> AsyncGenerator[ConnectProxy]:
    """Serve tunnels to loopback, in this event loop."""
    proxy = ConnectProxy(login=login, answer=answer)

    async def serve(peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        proxy.heads.append(head)
        if not _opens(proxy, head):
            await peer.say(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 6\r\n\r\n<html>")
            return
        if proxy.answer is not ESTABLISHED:
            await peer.say(proxy.answer)
            return
        host, _, port = proxy.targets[-1].rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        await peer.say(ESTABLISHED)
        try:
            await asyncio.gather(_pass(peer.reader, writer, proxy), _pass(reader, peer.writer, None))
        finally:
            writer.transport.abort()

    async with raw_server(serve) as server:
        proxy.url = server.url
        yield proxy


def _opens(proxy: ConnectProxy, head: bytes) -> bool:
    if proxy.login is None:
        return True
    return b"Proxy-Authorization: Basic " + base64.b64encode(proxy.login.encode()) + b"\r\n" in head


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: ConnectProxy | None) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            if proxy is not None:
                proxy.passed += len(piece)
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()
