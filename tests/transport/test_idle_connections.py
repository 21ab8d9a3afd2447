"""A connection that waits for its next exchange waits for so long, and for nobody who has gone."""

import asyncio
import gc
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from offramp.contracts.transport import Network, Transport
from offramp_providers.transport import AiohttpTransport
from support.http_asking import OK, PATIENT, answer_ok, post
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server, server_apart


async def gathered(transport: Transport, url: str, count: int) -> None:
    call = [transport.send(post(url), token=OpenToken(), deadlines=PATIENT) for _ in range(count)]
    await asyncio.gather(*call)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():  # noqa: ASYNC110  # the far end of a socket announces nothing
            await asyncio.sleep(0.01)


def all_together(count: int) -> Callable[[Peer], Coroutine[Any, Any, None]]:
    """A server that answers the first so many only when all of them have asked, each over a connection of its own."""
    everybody = asyncio.Barrier(count)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await everybody.wait()
        while True:
            await peer.say(OK)
            await peer.request()

    return handler


async def test_what_was_idle_for_long_is_closed_and_what_was_not_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("offramp_providers.lines._IDLE_S", 0.3)
    transport = AiohttpTransport()
    async with raw_server(all_together(3)) as server:
        await gathered(transport, server.url, 3)
        for _ in range(8):
            await asyncio.sleep(0.1)
            await gathered(transport, server.url, 1)

        assert sorted(peer.requests for peer in server.peers) == [1, 1, 9]
        await until(lambda: sum(peer.reader.at_eof() for peer in server.peers) == 2)
        await until(lambda: all(peer.reader.at_eof() for peer in server.peers))
    await transport.aclose()


async def test_what_a_forgotten_transport_kept_is_closed_without_a_word(
    recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
):
    transport = AiohttpTransport()
    async with raw_server(all_together(2)) as server:
        await gathered(transport, server.url, 2)
        del transport
        gc.collect()

        await until(lambda: all(peer.reader.at_eof() for peer in server.peers))
    assert not recwarn.list
    assert not caplog.records


async def test_a_transport_that_is_closed_keeps_nothing():
    transport = AiohttpTransport()
    async with raw_server(all_together(2)) as server:
        await gathered(transport, server.url, 2)
        await transport.aclose()
        await until(lambda: all(peer.reader.at_eof() for peer in server.peers))
        await gathered(transport, server.url, 2)  # opened anew

        assert len(server.peers) == 4
        await transport.aclose()


def test_a_loop_that_has_ended_takes_its_connections_along():
    async def ask() -> None:
        async with raw_server(answer_ok) as server:
            await gathered(transport, server.url, 1)

    transport = AiohttpTransport()
    for _ in range(2):
        asyncio.run(ask())


def test_a_transport_has_closed_its_connections_when_it_is_closed(ca: Path, served: ssl.SSLContext):
    async def ask(url: str) -> None:
        transport = AiohttpTransport(network=Network(ca_file=ca))
        await gathered(transport, url, 3)
        await transport.aclose()

    with server_apart(answer_ok, tls=served) as server:
        asyncio.run(ask(server.url))
        gc.collect()  # what the loop has left open says so
