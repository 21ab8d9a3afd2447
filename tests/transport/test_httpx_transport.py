"""What only the transport over httpx promises: a client of the user's own, and what httpcore would let through."""

import asyncio
import gzip
import importlib.util
import zlib
from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest

from offramp.contracts.scripted import scripted_endpoint
from offramp.contracts.transport import Deadlines, HttpRequest
from offramp.errors import ConfigurationError, MissingExtraError, Prohibited, ProviderError, ProviderErrorKind
from offramp_providers.body_decoding import decoder_for
from offramp_providers.http_provider import HttpProvider
from offramp_providers.httpx_transport import HttpxTransport
from offramp_providers.transport import AiohttpTransport
from support.open_token import OpenToken
from support.raw_server import Peer, counting_server, raw_server
from support.tiny_dialect import TINY

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PATIENT = Deadlines(connect_s=5, first_byte_s=5, idle_s=5, total_s=10)


def post(url: str, *, body: bytes = b"{}", **headers: str) -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers=headers, body=body)


async def answer_ok(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.say(OK)


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    """A client as a user may have set it up, with habits that we do not share."""
    settings = httpx.AsyncClient(
        headers={"X-Own": "1", "Cookie": "a=b"}, auth=("user", "pass"), follow_redirects=True, timeout=0.001
    )
    async with settings as made:
        yield made


# A client of the user's own.


async def test_given_client_sends_the_given_headers_alone(client: httpx.AsyncClient):
    heads: list[bytes] = []

    async def handler(peer: Peer) -> None:
        heads.append((await peer.request())[0])
        await asyncio.sleep(0.02)  # longer than the client's own bound
        await peer.say(OK)

    async with raw_server(handler) as server:
        request = post(server.url, accept="*/*")
        answer = await HttpxTransport(client=client).send(request, token=OpenToken(), deadlines=PATIENT)

    assert answer.status == 200
    names = {line.partition(b":")[0].lower() for line in heads[0].strip().split(b"\r\n")[1:]}
    assert names == {b"host", b"accept", b"content-length"}


async def test_given_client_does_not_follow_redirects(client: httpx.AsyncClient):
    followed: list[Peer] = []

    async def elsewhere(peer: Peer) -> None:
        followed.append(peer)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(f"HTTP/1.1 307 Moved\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode())

    async with raw_server(elsewhere) as other, raw_server(handler) as server:
        with pytest.raises(ProviderError, match="redirects"):
            await HttpxTransport(client=client).send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert followed == []


async def test_given_client_stays_open(client: httpx.AsyncClient):
    transport = HttpxTransport(client=client)
    async with raw_server(answer_ok) as server:
        await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        await transport.aclose()

        assert not client.is_closed


async def test_token_is_spent_before_a_given_client_is_asked(client: httpx.AsyncClient):
    with counting_server() as server:
        token = OpenToken(on_spend=lambda: seen.append(server.accepted.is_set()))
        seen: list[bool] = []
        token.cut = True
        with pytest.raises(Prohibited):
            await HttpxTransport(client=client).send(post(server.url), token=token, deadlines=PATIENT)

        assert seen == [False]
        assert not server.accepted.is_set()
    assert (token.spent, token.released) == (0, 1)


async def test_order_while_a_given_client_connects_sends_nothing():
    connected = asyncio.Event()

    class Slow(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            connected.set()
            await asyncio.sleep(0)
            return await super().handle_async_request(request)

    token = OpenToken()
    with counting_server() as server:
        async with httpx.AsyncClient(transport=Slow(trust_env=False)) as slow:
            transport = HttpxTransport(client=slow)
            sending = asyncio.create_task(transport.send(post(server.url), token=token, deadlines=PATIENT))
            await connected.wait()
            token.order()
            with pytest.raises(Prohibited):
                await sending

    assert server.received == 0
    assert (token.spent, token.released) == (1, 1)


async def test_order_cuts_the_stream_of_a_given_client(client: httpx.AsyncClient):
    token, gone = OpenToken(), asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(CHUNKED, b"5\r\nfirst\r\n")
        await peer.gone()
        gone.set()

    async with raw_server(handler) as server:
        transport = HttpxTransport(client=client)
        async with transport.stream(post(server.url), token=token, deadlines=PATIENT) as stream:
            chunks = stream.chunks()
            assert await anext(chunks) == b"first"
            asyncio.get_running_loop().call_later(0.01, token.order)
            with pytest.raises(Prohibited):
                await anext(chunks)
        await asyncio.wait_for(gone.wait(), 2)

    assert token.released == 1


async def test_given_client_without_sockets_has_its_whole_time_to_answer():
    async def late(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.1)
        return httpx.Response(200, content=b"{}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(late)) as client:
        transport, deadlines = HttpxTransport(client=client), Deadlines(connect_s=0.02, first_byte_s=5)
        answer = await transport.send(post("https://vendor.example/"), token=OpenToken(), deadlines=deadlines)

    assert answer.body == b"{}"


async def test_key_goes_nowhere_without_tls_by_a_given_client(client: httpx.AsyncClient):
    with pytest.raises(ConfigurationError, match="without TLS"):
        await HttpxTransport(client=client).send(
            post("http://vendor.example/", authorization="Bearer k"), token=OpenToken(), deadlines=PATIENT
        )


# Connections of its own.


async def test_answer_that_came_with_the_last_one_is_not_taken_for_the_next():
    transport = HttpxTransport()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK + OK.replace(b"{}", b"[]"))  # in one packet, so that httpcore holds the second already
        await peer.request()
        await peer.say(OK)

    async with raw_server(handler) as server:
        await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        with pytest.raises(ProviderError, match="nobody had asked for") as caught:
            await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        third = await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        await transport.aclose()

    assert caught.value.kind is ProviderErrorKind.CONNECTION
    assert third.body == b"{}"


async def test_large_requests_one_after_another_share_a_connection():
    transport = HttpxTransport()

    async with raw_server(answer_ok, receive_buffer=4096) as server:
        for _ in range(3):
            request = post(server.url, body=b"x" * 8_000_000)
            await transport.send(request, token=OpenToken(), deadlines=PATIENT)
        await transport.aclose()

        assert [peer.requests for peer in server.peers] == [3]


async def test_endless_head_is_too_large():
    transport = HttpxTransport()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\n")
        while True:
            await peer.say(b"X: " + b"x" * 1000 + b"\r\n")

    async with raw_server(handler) as server:
        with pytest.raises(ProviderError) as caught:
            await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        await transport.aclose()

    assert caught.value.kind is ProviderErrorKind.TOO_LARGE


async def test_unread_encoding_is_malformed():
    transport = HttpxTransport()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx")

    async with raw_server(handler) as server:
        with pytest.raises(ProviderError) as caught:
            await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
        await transport.aclose()

    assert caught.value.kind is ProviderErrorKind.MALFORMED


# Choosing it.


@pytest.mark.parametrize(("option", "kind"), [({}, AiohttpTransport), ({"transport": "httpx"}, HttpxTransport)])
def test_option_of_the_endpoint_chooses_the_transport(option: dict[str, str], kind: type):
    endpoint = replace(scripted_endpoint(base_url="https://vendor.example"), options=option)

    assert isinstance(HttpProvider(endpoint, dialect=TINY)._transport, kind)


def test_transport_that_is_not_installed_is_named():
    endpoint = replace(scripted_endpoint(base_url="https://vendor.example"), options={"transport": "pigeon"})

    with pytest.raises(ConfigurationError, match=r"no transport 'pigeon' is installed.*aiohttp, httpx"):
        HttpProvider(endpoint, dialect=TINY)


def test_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch):
    def find(name: str) -> object:
        return None if name == "httpx" else importlib.util.find_spec(name)

    monkeypatch.setattr("offramp_providers.httpx_transport.find_spec", find)

    with pytest.raises(MissingExtraError, match=r"pip install 'offramp\[httpx\]'"):
        HttpxTransport()


# Compression.


def packed(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (None, b"hello"),
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("GZIP", gzip.compress(b"hel", mtime=0) + gzip.compress(b"lo", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", packed(b"hello", -zlib.MAX_WBITS)),
    ],
)
def test_compression_is_undone_however_it_arrives(encoding: str | None, body: bytes, step: int):
    decoder = decoder_for(encoding)

    pieces = [piece for at in range(0, len(body), step) for piece in decoder.decode(body[at : at + step])]
    decoder.finish()

    assert b"".join(pieces) == b"hello"


def test_bomb_is_undone_in_small_pieces():
    bomb = zlib.compress(bytes(10_000_000), 9)

    sizes = [len(piece) for piece in decoder_for("deflate").decode(bomb)]

    assert sum(sizes) == 10_000_000
    assert max(sizes) <= 64 * 1024


def test_compression_that_ends_too_early_is_an_error():
    decoder = decoder_for("gzip")
    list(decoder.decode(gzip.compress(b"hello")[:-3]))

    with pytest.raises(zlib.error):
        decoder.finish()
