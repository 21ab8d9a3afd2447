"""The moment of departure and the moment of giving up: what was not asked for, and what may still leave."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from aiohttp.client_proto import ResponseHandler

from offramp.contracts.transport import Deadlines, HttpRequest, Transport
from offramp.errors import OfframpError, ProviderError, ProviderErrorKind
from offramp_providers.socket_reset import reset
from offramp_providers.transport import AiohttpTransport
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

PATIENT = Deadlines(connect_s=5, first_byte_s=5, idle_s=5, total_s=10)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def post(url: str, body: bytes = b"{}") -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers={"authorization": "Bearer k"}, body=body)


async def test_a_large_request_that_is_given_up_counts_as_open_until_its_socket_is_closed(
    monkeypatch: pytest.MonkeyPatch,
):
    sockets: list[socket.socket] = []

    def observed(connection: asyncio.WriteTransport) -> None:
        sockets.append(connection.get_extra_info("socket"))
        reset(connection)

    class ObservingToken(OpenToken):
        open_at_release: bool | None = None

        def release(self) -> None:
            self.open_at_release = sockets[0].fileno() != -1
            super().release()

    begun = asyncio.Event()

    async def reads_nothing(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("offramp_providers.exchange.reset", observed)
    transport, token = AiohttpTransport(), ObservingToken()
    async with raw_server(reads_nothing, receive_buffer=4096) as server:
        request = post(server.url, b"x" * 8_000_000)
        sending = asyncio.create_task(transport.send(request, token=token, deadlines=PATIENT))
        await begun.wait()
        sending.cancel()
        await asyncio.wait([sending])
        await asyncio.sleep(0)
    await transport.aclose()

    assert (token.open_at_release, token.released) == (False, 1)


async def test_a_token_is_given_back_after_the_connection_was_dropped(transport: Transport):
    order: list[str] = []

    class ObservingToken(OpenToken):
        def release(self) -> None:
            order.append("released")
            super().release()

    begun = asyncio.Event()

    async def silent(peer: Peer) -> None:
        await peer.request()
        begun.set()
        await asyncio.Event().wait()

    def observed(connection: asyncio.WriteTransport) -> None:
        order.append("dropped")
        reset(connection)

    with pytest.MonkeyPatch.context() as patched:
        for module in ("exchange", "httpx_line"):
            patched.setattr(f"offramp_providers.{module}.reset", observed)
        async with raw_server(silent) as server:
            sending = asyncio.create_task(transport.send(post(server.url), token=ObservingToken(), deadlines=PATIENT))
            await begun.wait()
            sending.cancel()
            await asyncio.wait([sending])

    assert order[:2] == ["dropped", "released"]


@pytest.mark.parametrize("taken", [False, True])
async def test_what_was_said_before_the_departure_is_no_answer(taken: bool):
    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def speaks_first(peer: Peer) -> None:
        await peer.say(OK)
        received.set_result(await peer.gone())

    class WaitingToken(OpenToken):
        """Departs once the other side has spoken: in that very turn, or after what it said was taken."""

        def depart(self, go: Callable[[], None], refused: Callable[[OfframpError], None]) -> None:
            if spoken.done():
                if taken:
                    loop.call_soon(loop.call_soon, loop.call_soon, go)
                else:
                    go()
            else:
                loop.call_soon(self.depart, go, refused)

    def heard(protocol: ResponseHandler, data: bytes) -> None:
        hear(protocol, data)
        spoken.set_result(None)

    loop = asyncio.get_running_loop()
    spoken: asyncio.Future[None] = loop.create_future()
    hear = ResponseHandler.data_received
    transport = AiohttpTransport()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ResponseHandler, "data_received", heard)
        async with raw_server(speaks_first) as server:
            with pytest.raises(ProviderError) as caught:
                await transport.send(post(server.url), token=WaitingToken(), deadlines=PATIENT)
            await transport.aclose()
            assert await received == b""

    assert (caught.value.kind, caught.value.status) == (ProviderErrorKind.CONNECTION, None)
