"""Servers on loopback that do exactly what a test says, byte by byte."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

Handler = Callable[["Peer"], Awaitable[None]]


class Peer:
    """The server's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.requests = 0

    async def request(self) -> tuple[bytes, bytes]:
        """Read one request: head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        body = await self.reader.readexactly(int(length.partition(b":")[2]))
        self.requests += 1
        return head, body

    async def say(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        """Write pieces, each in a packet of its own."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause_s)

    async def gone(self) -> bytes:
        """Wait until the client is gone; what it still wrote."""
        rest = b""
        with contextlib.suppress(ConnectionError):
            while piece := await self.reader.read(65536):
                rest += piece
        return rest


class RawServer:
    """What the server has seen, and where it is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.peers: list[Peer] = []


@asynccontextmanager
async def raw_server(
    handler: Handler, *, receive_buffer: int | None = None, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[RawServer]:
    """Serve each connection by the handler, in this event loop."""
    listener = socket.create_server(("127.0.0.1", 0))
    if receive_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    served = RawServer(f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio does this for sockets that it made itself; without it a piece may wait 40 ms for an acknowledgement.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = Peer(reader, writer)
        served.peers.append(peer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(peer)
        writer.transport.abort()

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(start, sock=listener, ssl=tls)
    try:
        yield served
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


class CountingServer:
    """A server in a thread of its own that answers nothing and counts what it gets of its first connection."""

    def __init__(self, listener: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.accepted = threading.Event()
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.received = 0
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                self.accepted.set()
                with contextlib.suppress(ConnectionError):
                    while piece := connection.recv(65536):
                        self.received += len(piece)
                        self.begun.set()
        self.ended.set()

    def close(self) -> None:
        """End the thread."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextmanager
def counting_server() -> Generator[CountingServer]:
    """A counting server for the time of the block."""
    server = CountingServer(socket.create_server(("127.0.0.1", 0)))
    try:
        yield server
    finally:
        server.close()


@contextmanager
def server_apart(handler: Handler, *, tls: ssl.SSLContext | None = None) -> Generator[RawServer]:
    """The same server in a thread of its own, for clients whose event loop ends."""
    begun: Future[RawServer] = Future()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with raw_server(handler, tls=tls) as served:
            begun.set_result(served)
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield begun.result(5)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(5)
        loop.close()
