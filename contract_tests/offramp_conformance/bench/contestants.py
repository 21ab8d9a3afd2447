"""Who is measured: raw aiohttp, raw httpx, and Offramp with everything on, each doing the same work."""

import asyncio
import itertools
import json
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Final

import aiohttp
import httpx

from offramp import AsyncClient, AsyncMission
from offramp.types import Message, assistant, user, value
from offramp_conformance.bench.answers import PROMPT, Wire
from offramp_conformance.bench.deployment import write

AT_ONCE: Final = 32


@value
class Contestant:
    """One way to do the work."""

    name: str
    _: KW_ONLY
    call: Callable[[], Awaitable[object]]
    """One whole answer."""
    stream: Callable[[], Awaitable[object]]
    """One streamed answer, read to its end."""
    share: float = 1.0
    """Of the calls of a round: one that takes ten times as long is told as well by fewer."""


HISTORY: Final = 100


@asynccontextmanager
async def talkers(wire: Wire, server: str, folder: Path) -> AsyncGenerator[tuple[Contestant, ...]]:
    """Offramp with one message, and with a hundred before it."""
    async with AsyncClient.from_file(write(folder, wire, server)) as client:
        mission = client.mission("bench")
        talk = tuple((assistant if place % 2 else user)(PROMPT[:270]) for place in range(HISTORY + 1))
        yield tuple(
            Contestant(name, call=_said(mission, messages), stream=_said(mission, messages))
            for name, messages in (("1 message", talk[-1:]), (f"{HISTORY + 1} messages", talk))
        )


def _said(mission: AsyncMission, messages: tuple[Message, ...]) -> Callable[[], Awaitable[object]]:
    return lambda: mission.generate(messages)


@asynccontextmanager
async def contestants(wire: Wire, server: str, folder: Path) -> AsyncGenerator[tuple[Contestant, ...]]:
    """All of them, connected to the server."""
    async with AsyncExitStack() as stack:
        raw = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE), auto_decompress=True)
        )
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        other = await stack.enter_async_context(httpx.AsyncClient(limits=limits, timeout=60, trust_env=False))
        client = await stack.enter_async_context(AsyncClient.from_file(write(folder, wire, server)))
        mission, url = client.mission("bench"), server + wire.path
        streamed = server + wire.stream_path
        yield (
            Contestant("raw aiohttp", call=_raw_call(raw, url, wire), stream=_raw_stream(raw, streamed, wire)),
            Contestant("offramp", call=_call(mission), stream=_stream(mission)),
            Contestant(
                "raw httpx",
                call=_httpx_call(other, url, wire),
                stream=_httpx_stream(other, streamed, wire),
                share=0.1,
            ),
            Contestant("offramp, ledger on", call=_kept_call(mission), stream=_kept_stream(mission), share=0.5),
        )


async def many(work: Callable[[], Awaitable[object]], count: int) -> None:
    """So many, at most 32 of them at once."""
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await work()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())


def _headers(wire: Wire) -> dict[str, str]:
    return {**wire.headers, "content-type": "application/json"}


def _raw_call(session: aiohttp.ClientSession, url: str, wire: Wire) -> Callable[[], Awaitable[object]]:
    async def call() -> object:
        async with session.post(url, data=json.dumps(wire.body).encode(), headers=_headers(wire)) as answer:
            return json.loads(await answer.read())

    return call


def _raw_stream(session: aiohttp.ClientSession, url: str, wire: Wire) -> Callable[[], Awaitable[object]]:
    async def stream() -> object:
        texts = Texts(wire)
        body = json.dumps(wire.stream_body).encode()
        async with session.post(url, data=body, headers=_headers(wire)) as answer:
            async for data in answer.content.iter_any():
                texts.add(data)
        return texts.whole()

    return stream


def _httpx_call(client: httpx.AsyncClient, url: str, wire: Wire) -> Callable[[], Awaitable[object]]:
    async def call() -> object:
        answer = await client.post(url, content=json.dumps(wire.body).encode(), headers=_headers(wire))
        return json.loads(answer.content)

    return call


def _httpx_stream(client: httpx.AsyncClient, url: str, wire: Wire) -> Callable[[], Awaitable[object]]:
    async def stream() -> object:
        texts = Texts(wire)
        body = json.dumps(wire.stream_body).encode()
        async with client.stream("POST", url, content=body, headers=_headers(wire)) as answer:
            async for data in answer.aiter_raw():
                texts.add(data)
        return texts.whole()

    return stream


def _call(mission: AsyncMission) -> Callable[[], Awaitable[object]]:
    return lambda: mission.generate(PROMPT)


def _stream(mission: AsyncMission) -> Callable[[], Awaitable[object]]:
    async def stream() -> object:
        async with mission.stream(PROMPT) as opened:
            return "".join([text async for text in opened.text])

    return stream


_numbers: Final = itertools.count()


def _kept_call(mission: AsyncMission) -> Callable[[], Awaitable[object]]:
    return lambda: mission.session(f"call-{next(_numbers)}").generate(PROMPT)


def _kept_stream(mission: AsyncMission) -> Callable[[], Awaitable[object]]:
    async def stream() -> object:
        async with mission.session(f"stream-{next(_numbers)}").stream(PROMPT) as opened:
            return "".join([text async for text in opened.text])

    return stream


class Texts:
    """What somebody writes by hand: split the bytes where an event ends, read the JSON, join the text."""

    def __init__(self, wire: Wire) -> None:
        self._take = wire.take
        self._split = _SPLITS[wire.framing]
        self._held = b""
        self._texts: list[str] = []

    def add(self, data: bytes) -> None:
        """Take up what has arrived."""
        events, self._held = self._split(self._held + data)
        for event in events:
            self._texts.append(self._take(json.loads(event)))

    def whole(self) -> str:
        """All of it."""
        return "".join(self._texts)


def _by_empty_lines(data: bytes) -> tuple[list[bytes], bytes]:
    *events, held = data.split(b"\n\n")
    found = (event.rpartition(b"data: ")[2] for event in events)
    return [each for each in found if each != b"[DONE]"], held


def _by_lines(data: bytes) -> tuple[list[bytes], bytes]:
    *events, held = data.split(b"\n")
    return events, held


def _by_length(data: bytes) -> tuple[list[bytes], bytes]:
    events: list[bytes] = []
    while len(data) >= 12:
        size, headers = struct.unpack_from(">II", data)
        if len(data) < size:
            break
        events.append(data[12 + headers : size - 4])
        data = data[size:]
    return events, data


_SPLITS: Final[dict[str, Callable[[bytes], tuple[list[bytes], bytes]]]] = {
    "sse": _by_empty_lines,
    "lines": _by_lines,
    "aws": _by_length,
}
