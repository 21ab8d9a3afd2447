"""Where the gate meets the socket under httpx: the token is spent in the same step as the first write to a connection.

httpcore's own sockets would let the event loop turn once between the handing over and the write.

Imports httpx, so it is itself imported at the first call only.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final

import httpcore
from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.errors import StateError
from offramp_providers.socket_reset import reset
from offramp_providers.socket_sight import is_readable

_PIECE_BYTES: Final = 64 * 1024
_HEAD_BYTES: Final = 64 * 1024
_INTERIM: Final = b"HTTP/1.1 1"

AT_LAST_HOP: Final[ContextVar[Callable[["Line"], None]]] = ContextVar("AT_LAST_HOP")
"""Asked before each write to a connection, by the task that writes. It raises where nothing may be written."""


class CountingReader(asyncio.StreamReader):
    """A reader that can say how much waits in it, and whether that is an answer."""

    waiting = 0
    _beginning: asyncio.Future[None] | None = None

    def begin(self) -> None:
        """A request is about to be written."""
        self._beginning = None

    def answer_begins(self) -> asyncio.Future[None]:
        """Is done as soon as something other than an interim answer waits."""
        if self._beginning is None:
            self._beginning = asyncio.get_running_loop().create_future()
            if self.waiting:
                self._beginning.set_result(None)
        return self._beginning

    @override
    def feed_data(self, data: Iterable[Any]) -> None:
        received = bytes(data)
        if self._beginning is not None and not self._beginning.done() and not received.startswith(_INTERIM):
            self._beginning.set_result(None)
        self.waiting += len(received)
        super().feed_data(received)


class HeadTooLarge(Exception):
    """More has come than any head may hold, and it has not ended."""


class Line(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self, reader: CountingReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._head_left: int | None = None
        self.is_answered = False
        """Whether anything has been read since the last `begin`."""

    def begin(self) -> None:
        """A request is about to be written; what is read next is the head of its answer."""
        self._reader.begin()
        self._head_left = _HEAD_BYTES
        self.is_answered = False

    def end_head(self) -> None:
        """The head has come."""
        self._head_left = None

    def drop(self) -> None:
        """End it now; nothing that is still buffered goes out."""
        reset(self._writer.transport)

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            data = await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError("the connection was lost") from error
        self._reader.waiting -= len(data)
        self.is_answered = self.is_answered or bool(data)
        if self._head_left is not None:
            self._head_left -= len(data)
            if self._head_left < 0:
                raise HeadTooLarge
        return data

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        may_write = AT_LAST_HOP.get(_nobody)
        rest = memoryview(buffer)
        try:
            for start in range(0, len(rest), _PIECE_BYTES):
                may_write(self)
                self._writer.write(rest[start : start + _PIECE_BYTES])
                await self._drained()
        except OSError as error:
            raise httpcore.WriteError("the connection was lost") from error

    async def _drained(self) -> None:
        """Wait until no more waits to leave than should.

        Raises:
            httpcore.WriteError: the answer has begun already. httpcore then reads it, and closes the connection.
        """
        transport = self._writer.transport
        if transport.get_write_buffer_size() <= transport.get_write_buffer_limits()[1]:
            return
        draining = asyncio.ensure_future(self._writer.drain())
        answer = self._reader.answer_begins()
        try:
            await asyncio.wait({draining, answer}, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                raise httpcore.WriteError("answered before the request's end")
            await draining
        finally:
            draining.cancel()

    @override
    async def aclose(self) -> None:
        # Between exchanges nothing is buffered, and within one nothing buffered is to go out.
        self._writer.transport.abort()

    @override
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Line":
        try:
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except OSError as error:
            self._writer.transport.abort()
            raise httpcore.ConnectError("no TLS") from error
        except BaseException:
            self._writer.transport.abort()
            raise
        return self

    @override
    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Of an idle connection: closed, or something has come that nobody asked for.
            known = self._reader.waiting > 0 or self._reader.at_eof() or self._writer.is_closing()
            return known or is_readable(self._writer.transport)
        return self._writer.get_extra_info(info)


def _nobody(_: Line) -> None:
    raise StateError("a connection was written to without a token")
