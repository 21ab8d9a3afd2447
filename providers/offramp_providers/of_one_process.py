"""Connections belong to the process that opened them: a forked child leaves its parent's alone.

Whatever a child takes apart of what it has inherited, be it at its end, is closed by aiohttp, and a connection that is
closed leaves the selector, which parent and child share: the parent would wait for its answers for good.

Imports aiohttp, so it is itself imported at the first call only.
"""

import os
import weakref
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler

_UNBOUNDED: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
"""The exchange has deadlines of its own."""


class OfOneProcess(aiohttp.BaseConnector):
    """A connector that is closed, as far as a forked child is concerned, without a step towards its connections."""

    async def open(self, target: aiohttp.ClientRequest) -> ResponseHandler:
        """A new connection, for as long as the caller likes: what aiohttp hands out ends with whoever holds it.

        Raises:
            aiohttp.ClientError, OSError: there is none.
        """
        connection = await self.connect(target, traces=[], timeout=_UNBOUNDED)
        protocol = connection.protocol
        vars(connection)["_protocol"] = None  # nothing public takes it away, and it would be closed with the holder
        if protocol is None:
            raise aiohttp.ClientConnectionError("the connection has ended")
        return protocol

    def end(self, target: aiohttp.ClientRequest, protocol: ResponseHandler) -> None:
        """Close one of its connections."""
        self._release(target.connection_key, protocol, should_close=True)

    def leave_to_parent(self) -> None:
        """In the child: nothing here is open, and so nothing is to be closed."""
        self._closed = True
        self._conns.clear()
        self._acquired.clear()


class TcpConnector(OfOneProcess, aiohttp.TCPConnector):
    """Connects to hosts."""


class SocketConnector(OfOneProcess, aiohttp.UnixConnector):
    """Connects to a socket of this machine."""


_OPEN: Final[weakref.WeakSet[OfOneProcess]] = weakref.WeakSet()


def kept(connector: OfOneProcess) -> OfOneProcess:
    """The connector, left alone by children that are forked from now on."""
    _OPEN.add(connector)
    return connector


def _leave_all() -> None:
    for connector in list(_OPEN):
        connector.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)
