"""A counted connection: it stands between the socket and the HTTP server, and counts each byte before passing it on."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import cast

from .counters import Counters, CutBy, RequestRecord


class Connection(asyncio.Protocol):
    """Delegates to the server's own protocol, counting on the way."""

    def __init__(self, inner: asyncio.Protocol, counters: Counters, connections: Connections) -> None:
        self._inner = inner
        self._counters = counters
        self._connections = connections
        self._number = 0
        self._transport: asyncio.Transport | None = None
        self.is_lost = False
        self.record: RequestRecord | None = None
        """The request under way; None between two requests."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._number = self._counters.connected()
        self._connections[transport] = self
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.record is None or self.record.is_complete:
            self.record = self._counters.begun(self._number)
        self._counters.received(self.record, len(data))
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self._counters.disconnected()
        if self.record is not None:
            close(self.record, cut="client")
        if self._transport is not None:
            self._connections.pop(self._transport, None)
        self._inner.connection_lost(exc)

    def sever(self) -> None:
        """Drop the connection as a crashing server would, without a proper end."""
        if self.record is not None:
            close(self.record, cut="server")
        if self._transport is not None:
            self._transport.abort()


Connections = dict[asyncio.BaseTransport, Connection]


def close(record: RequestRecord, *, cut: CutBy | None = None) -> None:
    """Close a record once; a later, lesser cause changes nothing."""
    if record.is_open:
        record.is_open = False
        record.cut = cut
        record.t_end = monotonic()
