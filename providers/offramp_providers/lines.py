"""Connections: in the hands of one exchange, or idle until the next takes them.

aiohttp makes them, reads them and closes them. Which of them is idle stands here: to give one back to its pool and to
take it out again costs a tenth of a whole exchange.

Imports aiohttp, so it is itself imported at the first call only.
"""

import asyncio
import weakref
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http import RawResponseMessage, StreamWriter
from aiohttp.streams import StreamReader
from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12
from yarl import URL

from offramp.contracts.process import process_id
from offramp_providers.of_one_process import OfOneProcess
from offramp_providers.socket_sight import Sight, sight_of

_IDLE_S: Final = 30.0


class Target(aiohttp.ClientRequest):
    """Where connections lead: what aiohttp's connector takes for an address. Only its URL is used; it is never sent."""

    def __init__(self, url: URL, lines: "IdleLines") -> None:
        super().__init__("POST", url, loop=asyncio.get_running_loop())
        self._key = super().connection_key
        self.idle = lines.leading_to(self)
        """Connections that lead there and wait for an exchange."""

    @property
    @override
    def connection_key(self) -> ConnectionKey:
        """Made once; aiohttp makes it for every request."""
        return self._key


class Line:
    """A connection."""

    __slots__ = ("_connector", "_sight", "idle_since", "protocol", "target", "transport")

    def __init__(self, connector: OfOneProcess, target: Target, protocol: ResponseHandler) -> None:
        """Raises aiohttp.ClientConnectionError where it has ended already."""
        transport = None if protocol.should_close else protocol.transport
        if transport is None:
            connector.end(target, protocol)
            raise aiohttp.ClientConnectionError("the connection cannot be used any more")
        self._connector = connector
        self._sight: Sight | None = None
        """What the kernel sees of it; None until it was idle once."""
        self.target = target
        self.protocol = protocol
        self.transport = transport
        self.idle_since = 0.0
        """By the loop's clock; meaningless while it is in use."""

    @property
    def is_spoilt(self) -> bool:
        """Whether it has ended, or something has come that nobody asked for. Tells before the first write only."""
        return self.protocol.should_close or self.transport.is_closing()

    @property
    def is_clogged(self) -> bool:
        """Whether more waits to leave than should."""
        return self.protocol.writing_paused

    async def drained(self) -> None:
        """Wait until it is not. Raises OSError where the connection is lost."""
        await StreamWriter(self.protocol, asyncio.get_running_loop()).drain()

    async def head(self) -> tuple[RawResponseMessage, StreamReader]:
        """The head of the answer, and the body as it arrives; interim answers are passed over."""
        while True:
            message, body = await self.protocol.read()
            if not 100 <= message.code < 200 or message.code == 101:  # 101 is the last word on HTTP
                return message, body

    def rest(self, now: float) -> None:
        """It is idle from now on."""
        self.idle_since = now
        if self._sight is None:
            self._sight = sight_of(self.transport)

    def has_rested_well(self) -> bool:
        """Whether nothing has happened to it while it was idle, as far as the kernel knows.

        The loop may not have seen it yet: a server may close a connection at any time (RFC 9112, 9.5), also right
        behind an answer; and what has come that nobody asked for would pass for the answer to the next request.
        """
        return not (self.protocol.should_close or self._sight is None or self._sight())

    def drop(self) -> None:
        """End the connection."""
        self._connector.end(self.target, self.protocol)


class IdleLines:
    """Those of one event loop that wait for an exchange. The last that came is the first to go.

    They are closed when they have waited for long, and when nobody holds this list any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop: Final = loop
        self._idle: Final[dict[ConnectionKey, list[Line]]] = {}
        self._sweep: asyncio.TimerHandle | None = None
        weakref.finalize(self, _leave, loop, self._idle, process_id()).atexit = False

    def leading_to(self, target: Target) -> list[Line]:
        """Those that lead there, for as long as there is this list."""
        return self._idle.setdefault(target.connection_key, [])

    def put(self, line: Line) -> None:
        """It has served an exchange to the end of its answer: have it wait for another, if the other side does."""
        if line.protocol.should_close:
            line.drop()
            return
        line.rest(self._loop.time())
        line.target.idle.append(line)
        if self._sweep is None:
            self._sweep_at(line.idle_since + _IDLE_S)

    def sweep(self) -> None:
        """Drop those that have waited for long, and look again when the next will have."""
        self._sweep = None
        longest = self._loop.time() - _IDLE_S
        for idle in self._idle.values():
            for line in [each for each in idle if each.idle_since <= longest]:
                idle.remove(line)
                line.drop()
        waiting = [idle[0].idle_since for idle in self._idle.values() if idle]  # they stand in the order of their times
        if waiting:
            self._sweep_at(min(waiting) + _IDLE_S)

    def _sweep_at(self, when_s: float) -> None:
        found: weakref.ref[IdleLines] = weakref.ref(self)  # the loop holds the timer, and through it would hold this
        self._sweep = self._loop.call_at(when_s, _swept, found)

    def forget(self) -> None:
        """Leave all of them to their connector, which closes them and waits until they are."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for lines in self._idle.values():
            lines.clear()


def _swept(found: "weakref.ref[IdleLines]") -> None:
    there = found()
    if there is not None:
        there.sweep()


def _leave(loop: asyncio.AbstractEventLoop, idle: dict[ConnectionKey, list[Line]], pid: int) -> None:
    """Nobody will take them any more. What belongs to a parent process is left alone."""
    if any(idle.values()) and pid == process_id() and not loop.is_closed():
        loop.call_soon_threadsafe(_drop_all, idle)


def _drop_all(idle: dict[ConnectionKey, list[Line]]) -> None:
    for lines in idle.values():
        for line in lines:
            line.drop()
        lines.clear()
