"""Asking a host over a transport, and what a made-up host answers."""

import pytest

from offramp.contracts.transport import Deadlines, HttpRequest, Transport
from offramp.errors import ProviderError
from support.open_token import OpenToken
from support.raw_server import Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: 1\r\nX-One: 2\r\n\r\n{}"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


PATIENT = Deadlines(connect_s=5, first_byte_s=5, idle_s=5, total_s=10)


SECRET = "sk-secret"


def post(url: str, *, body: bytes = b'{"prompt":"private"}', **headers: str) -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers=headers, body=body)


async def answer_ok(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.say(OK)


def answering(*pieces: bytes, stay: bool = False):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(*pieces)
        if stay:
            await peer.gone()

    return handler


async def failing(transport: Transport, url: str, deadlines: Deadlines = PATIENT) -> ProviderError:
    token = OpenToken()
    with pytest.raises(ProviderError) as caught:
        await transport.send(post(url, authorization=f"Bearer {SECRET}"), token=token, deadlines=deadlines)
    assert token.released >= 1
    assert SECRET not in str(caught.value)
    assert "private" not in str(caught.value)
    assert caught.value.endpoint == "a"
    return caught.value


async def read_all(transport: Transport, url: str, deadlines: Deadlines = PATIENT) -> list[bytes]:
    chunks: list[bytes] = []
    async with transport.stream(post(url), token=OpenToken(), deadlines=deadlines) as stream:
        chunks.extend([chunk async for chunk in stream.chunks()])
    return chunks
