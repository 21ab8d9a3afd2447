"""`python -m offramp_conformance.bench.server`: fixed answers at once, so that only the client is measured."""

import asyncio
import sys
from typing import Final

from offramp_conformance.bench.answers import Wire
from offramp_conformance.bench.wires import wires

_HEAD: Final = "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n"

_KINDS: Final = {
    "sse": "text/event-stream",
    "lines": "application/x-ndjson",
    "aws": "application/vnd.amazon.eventstream",
}


class Connection(asyncio.Protocol):
    """Reads one request after another; of each only the path, the length, and whether it streams."""

    def __init__(self, known: dict[bytes, Wire]) -> None:
        self._known = known
        self._held = b""
        self._transport: asyncio.Transport | None = None
        self._answering: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # a socket's transport is one
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio gives it
        """Stop answering."""
        for task in self._answering:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer when a whole request is there. Clients here do not pipeline."""
        self._held += data
        head, found, rest = self._held.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._held = b""
        path = head.split(b" ", 2)[1]
        wire = self._known[path]
        streams = wire.stream_path != wire.path and path == wire.stream_path.encode()
        task = asyncio.ensure_future(self._answer(wire, streams=streams or _asks_to_stream(rest)))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, wire: Wire, *, streams: bool) -> None:
        transport = self._transport
        if transport is None:
            return
        if not streams:
            length = f"content-length: {len(wire.answer)}"
            transport.write(_HEAD.format(kind="application/json", length=length).encode() + wire.answer)
            return
        transport.write(_HEAD.format(kind=_KINDS[wire.framing], length="transfer-encoding: chunked").encode())
        for event in wire.events:
            transport.write(b"%x\r\n%s\r\n" % (len(event), event))
            await asyncio.sleep(0)  # each event is a packet of its own, as it is at a vendor
        transport.write(b"0\r\n\r\n")


def _asks_to_stream(body: bytes) -> bool:
    return b'"stream":true' in body.replace(b" ", b"")


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve() -> None:
    known = {path.encode(): wire for wire in wires() for path in (wire.path, wire.stream_path)}
    server = await asyncio.get_running_loop().create_server(lambda: Connection(known), "127.0.0.1", 0)
    sys.stdout.write(f"READY http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with its starter


if __name__ == "__main__":
    asyncio.run(_serve())
