"""A server may end a kept connection at any time: the next exchange takes a new one, and nothing is ever sent twice."""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from offramp.contracts.transport import HttpResponse, Transport
from offramp.errors import ProviderErrorKind
from support.http_asking import PATIENT, answer_ok, failing, post, read_all
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

ANSWER = b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=100\r\nContent-Length: 2\r\n\r\nok"
STREAM = b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Hasty:
    """A server in a thread of its own. It does something to each connection right behind its first answer."""

    def __init__(self, listener: socket.socket, answer: bytes, afterwards: Callable[[socket.socket], None]) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.requests = 0
        self.done = threading.Semaphore(0)
        """Released when it has been done once more."""
        self._listener, self._answer, self._afterwards = listener, answer, afterwards
        self._kept: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._kept.append(connection)
                asked = b""
                while not asked.endswith(b"\r\n\r\n{}"):
                    asked += connection.recv(65536)
                self.requests += 1
                connection.sendall(self._answer)
                self._afterwards(connection)
                self.done.release()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for each in self._kept:
            each.close()


@contextmanager
def hasty(answer: bytes, afterwards: Callable[[socket.socket], None]) -> Generator[Hasty]:
    server = Hasty(socket.create_server(("127.0.0.1", 0)), answer, afterwards)
    try:
        yield server
    finally:
        server.close()


def say_and_close(connection: socket.socket) -> None:
    connection.sendall(TOO_LATE)
    connection.close()


@pytest.mark.parametrize("answer", [ANSWER, STREAM], ids=["whole", "chunked"])
@pytest.mark.parametrize("afterwards", [socket.socket.close, say_and_close], ids=["closed", "told and closed"])
async def test_a_connection_that_was_closed_behind_its_answer_is_not_written_to(
    transport: Transport, answer: bytes, afterwards: Callable[[socket.socket], None]
):
    with hasty(answer, afterwards) as server:
        for _ in range(5):
            said = await transport.send(post(server.url, body=b"{}"), token=OpenToken(), deadlines=PATIENT)
            server.done.acquire()  # the loop stands still meanwhile, and has not seen the end

            assert (said.status, said.body) == (200, b"ok")

        assert server.requests == 5


async def test_all_that_were_closed_are_passed_over(transport: Transport):
    everybody = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        if len(server.peers) == 5:
            everybody.set()
        await everybody.wait()
        await peer.say(ANSWER)
        await peer.gone()

    def call() -> Coroutine[Any, Any, HttpResponse]:
        return transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    async with raw_server(handler) as server:
        await asyncio.gather(*(call() for _ in range(5)))
        for peer in server.peers:
            end_at_once(peer)
        last = await call()

        assert last.status == 200
        assert [peer.requests for peer in server.peers] == [1] * 6


def end_at_once(peer: Peer) -> None:
    """As the kernel knows it; the client's loop has had no turn since."""
    with socket.socket(fileno=os.dup(peer.writer.get_extra_info("socket").fileno())) as same:
        same.shutdown(socket.SHUT_RDWR)


async def test_what_a_kept_connection_may_have_carried_is_not_sent_again(transport: Transport):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(ANSWER)
        await peer.request()  # taken, and no word of it

    async with raw_server(handler) as server:
        await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        error = await failing(transport, server.url)

        assert error.kind is ProviderErrorKind.CONNECTION
        assert [peer.requests for peer in server.peers] == [2]


async def test_a_connection_on_which_nothing_has_come_is_kept(transport: Transport):
    async with raw_server(answer_ok) as server:
        for _ in range(4):
            await read_all(transport, server.url)

        assert len(server.peers) == 1
