"""A host that is not there, breaks off, is silent or slow: each is an error by type, in its time."""

import asyncio

import pytest

from offramp.contracts.transport import Deadlines, Transport
from offramp.errors import ProviderError, ProviderErrorKind
from support.http_asking import CHUNKED, PATIENT, answer_ok, answering, failing, post, read_all
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server


async def test_nobody_listening_is_a_connection_error(transport: Transport):
    async with raw_server(answer_ok) as server:
        url = server.url

    error = await failing(transport, url)

    assert error.kind is ProviderErrorKind.CONNECTION
    assert "ECONNREFUSED" in str(error)


@pytest.mark.usefixtures("nameless")
async def test_unknown_host_is_a_connection_error(transport: Transport):
    token = OpenToken()

    with pytest.raises(ProviderError) as caught:
        await transport.send(post("http://vendor.example/"), token=token, deadlines=PATIENT)

    assert caught.value.kind is ProviderErrorKind.CONNECTION
    assert (token.spent, token.released) == (0, 1)


@pytest.mark.parametrize("pieces", [(), (b"HTTP/1.1 200 OK\r\nContent-",)])
async def test_close_before_the_end_of_the_head_is_a_connection_error(transport: Transport, pieces: tuple[bytes, ...]):
    async with raw_server(answering(*pieces)) as server:
        error = await failing(transport, server.url)

    assert error.kind is ProviderErrorKind.CONNECTION


async def test_what_does_not_speak_http_is_malformed(transport: Transport):
    async with raw_server(answering(b"SSH-2.0-OpenSSH_9\r\n\r\n", stay=True)) as server:
        error = await failing(transport, server.url)

    assert error.kind is ProviderErrorKind.MALFORMED


async def test_tls_to_a_server_without_it_is_a_connection_error(transport: Transport):
    async def handler(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with raw_server(handler) as server:
        error = await failing(transport, server.url.replace("http:", "https:"))

    assert error.kind is ProviderErrorKind.CONNECTION


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",),
        (CHUNKED, b"5\r\nfirst\r\n"),
        (CHUNKED, b"5\r\nfir"),
    ],
)
async def test_close_before_the_end_of_the_body_is_an_interruption(transport: Transport, pieces: tuple[bytes, ...]):
    async with raw_server(answering(*pieces)) as server:
        error = await failing(transport, server.url)
        with pytest.raises(ProviderError) as caught:
            await read_all(transport, server.url)

    assert (error.kind, error.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, "before_first_output")
    assert (caught.value.kind, caught.value.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream")


async def test_answer_that_does_not_begin_is_a_timeout(transport: Transport):
    async with raw_server(answering(stay=True)) as server:
        error = await failing(transport, server.url, Deadlines(first_byte_s=0.05))

    assert (error.kind, str(error)) == (ProviderErrorKind.TIMEOUT, "a: no answer in time: the answer did not begin")


async def test_request_that_is_not_taken_ends_by_the_total(transport: Transport):
    async def handler(peer: Peer) -> None:
        peer.writer.transport.pause_reading()
        await asyncio.sleep(60)

    request_body = b"x" * 20_000_000
    async with raw_server(handler, receive_buffer=4096) as server:
        with pytest.raises(ProviderError, match="the request was not taken"):
            await transport.send(
                post(server.url, body=request_body), token=OpenToken(), deadlines=Deadlines(total_s=0.2)
            )


async def test_silence_within_the_answer_is_a_timeout(transport: Transport):
    async with raw_server(answering(CHUNKED, b"5\r\nfirst\r\n", stay=True)) as server:
        error = await failing(transport, server.url, Deadlines(idle_s=0.05))

    assert (error.kind, str(error)) == (ProviderErrorKind.TIMEOUT, "a: no answer in time: it fell silent")


async def test_silence_after_a_late_head_is_bounded_by_the_idle_deadline(transport: Transport):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.1)
        await peer.say(CHUNKED)
        await peer.gone()

    deadlines = Deadlines(connect_s=0.05, first_byte_s=60, idle_s=0.1, total_s=120)
    async with raw_server(handler) as server, asyncio.timeout(5):
        error = await failing(transport, server.url, deadlines)

    assert error.kind is ProviderErrorKind.TIMEOUT
    assert "fell silent" in str(error)


async def test_silence_of_an_answer_without_length_is_a_timeout(transport: Transport):
    async with raw_server(answering(b"HTTP/1.1 200 OK\r\n\r\n", b"abc", stay=True)) as server:
        error = await failing(transport, server.url, Deadlines(idle_s=0.05))

    assert error.kind is ProviderErrorKind.TIMEOUT


async def test_slow_drip_within_the_idle_bound_ends_by_the_total(transport: Transport):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(CHUNKED)
        await peer.say(*[b"1\r\nx\r\n"] * 1000, pause_s=0.01)

    async with raw_server(handler) as server:
        error = await failing(transport, server.url, Deadlines(idle_s=5, total_s=0.15))

    assert (error.kind, str(error)) == (ProviderErrorKind.TIMEOUT, "a: no answer in time: the whole took too long")


async def test_slow_reader_is_no_silence_of_the_vendor(transport: Transport):
    async with (
        raw_server(answering(CHUNKED, b"1\r\na\r\n", b"1\r\nb\r\n0\r\n\r\n")) as server,
        transport.stream(post(server.url), token=OpenToken(), deadlines=Deadlines(idle_s=0.05)) as stream,
    ):
        chunks = stream.chunks()
        first = await anext(chunks)
        await asyncio.sleep(0.15)
        rest = b"".join([chunk async for chunk in chunks])

    assert first + rest == b"ab"


async def test_host_that_does_not_answer_ends_by_the_connect_deadline(unreachable: Transport):
    error = await failing(unreachable, "http://127.0.0.1:1/", Deadlines(connect_s=0.05))

    assert (error.kind, str(error)) == (ProviderErrorKind.TIMEOUT, "a: no answer in time: no connection was made")
