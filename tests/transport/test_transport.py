"""One exchange over real sockets: what is sent, what comes back, and what is bounded."""

import asyncio
import contextlib
import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.contracts.transport import HttpRequest, Transport
from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.transport import Limits
from support.http_asking import CHUNKED, OK, PATIENT, answer_ok, answering, failing, post, read_all
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server


async def test_answer_has_status_lower_case_headers_and_body(transport: Transport):
    token = OpenToken()
    async with raw_server(answer_ok) as server:
        answer = await transport.send(post(server.url), token=token, deadlines=PATIENT)

    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.headers["x-one"] == "1, 2"
    assert (token.spent, token.released) == (1, 1)


async def test_error_status_is_an_answer(transport: Transport):
    head = b"HTTP/1.1 529 Overloaded\r\nContent-Length: 4\r\nRetry-After: 3\r\n\r\nbusy"
    async with raw_server(answering(head)) as server:
        answer = await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert (answer.status, answer.headers["retry-after"], answer.body) == (529, "3", b"busy")


@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_only_the_given_headers_and_the_framing_are_sent(transport: Transport, size: int):
    heads: list[bytes] = []

    async def handler(peer: Peer) -> None:
        head, body = await peer.request()
        heads.append(head)
        assert len(body) == size
        await peer.say(OK)

    async with raw_server(handler) as server:
        request = post(server.url + "/v1/x%2Fy", body=b"x" * size, accept="*/*")
        await transport.send(request, token=OpenToken(), deadlines=PATIENT)

    first, *rest = heads[0].decode().strip().split("\r\n")
    assert first == "POST /v1/x%2Fy HTTP/1.1"
    assert {line.partition(":")[0].lower() for line in rest} == {"host", "accept", "content-length"}


async def test_connection_is_kept_for_the_next_exchange(transport: Transport):
    async with raw_server(answer_ok) as server:
        for _ in range(3):
            await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

        assert [peer.requests for peer in server.peers] == [3]


async def test_stream_read_to_its_end_keeps_its_connection(transport: Transport):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(CHUNKED, b"1\r\na\r\n", b"1\r\nb\r\n0\r\n\r\n")

    async with raw_server(handler) as server:
        texts = [b"".join(await read_all(transport, server.url)) for _ in range(2)]

        assert texts == [b"ab", b"ab"]
        assert len(server.peers) == 1


async def test_chunks_arrive_before_the_answer_is_complete(transport: Transport):
    more = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(CHUNKED, b"5\r\nfirst\r\n")
        await more.wait()
        await peer.say(b"4\r\nlast\r\n0\r\n\r\n")

    async with (
        raw_server(handler) as server,
        transport.stream(post(server.url), token=OpenToken(), deadlines=PATIENT) as stream,
    ):
        chunks = stream.chunks()
        first = await anext(chunks)
        more.set()
        rest = [chunk async for chunk in chunks]

    assert (first, rest) == (b"first", [b"last"])


async def test_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(transport: Transport):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)
        await peer.say(OK.replace(b"{}", b"[]"))
        await peer.request()
        await peer.say(OK)

    async with raw_server(handler) as server:
        answers = [await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)]
        await asyncio.sleep(0.05)
        with contextlib.suppress(ProviderError):
            answers.append(await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT))
        answers.append(await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT))

    assert {answer.body for answer in answers} == {b"{}"}


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "bad name"])
async def test_header_that_is_not_the_callers_is_refused(transport: Transport, name: str):
    async with raw_server(answer_ok) as server:
        request = HttpRequest(method="POST", url=server.url, headers={name: "1"}, body=b"{}")
        with pytest.raises(ProviderError) as caught:
            await transport.send(request, token=OpenToken(), deadlines=PATIENT)

        assert caught.value.kind is ProviderErrorKind.INVALID_REQUEST
        assert not server.peers


async def test_interim_answer_is_passed_over(transport: Transport):
    async with raw_server(answering(b"HTTP/1.1 103 Early Hints\r\n\r\n", OK)) as server:
        answer = await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert (answer.status, answer.body) == (200, b"{}")


async def test_answer_before_the_end_of_a_large_request_is_read(transport: Transport):
    async def handler(peer: Peer) -> None:
        await peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        await peer.gone()

    async with raw_server(handler, receive_buffer=64 * 1024) as server:
        request = post(server.url, body=b"x" * 50_000_000)
        answer = await transport.send(request, token=OpenToken(), deadlines=PATIENT)

    assert (answer.status, answer.body) == (413, b"{}")


async def test_cookies_are_not_kept(transport: Transport):
    heads: list[bytes] = []

    async def handler(peer: Peer) -> None:
        while True:
            heads.append((await peer.request())[0])
            await peer.say(OK.replace(b"X-One: 1", b"Set-Cookie: a=b"))

    async with raw_server(handler) as server:
        for _ in range(2):
            await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert not any(b"cookie" in head.lower() for head in heads)


async def test_proxies_and_netrc_of_the_environment_are_not_used(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(netrc))
    heads: list[bytes] = []

    async def handler(peer: Peer) -> None:
        heads.append((await peer.request())[0])
        await peer.say(OK)

    async with raw_server(handler) as server:
        await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert b"authorization" not in heads[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_refused_and_named(transport: Transport, status: int):
    followed: list[Peer] = []

    async def elsewhere(peer: Peer) -> None:
        followed.append(peer)

    async with raw_server(elsewhere) as other:
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}/?token=x\r\nContent-Length: 0\r\n\r\n"
        async with raw_server(answering(head.encode())) as server:
            error = await failing(transport, server.url)

    assert (error.kind, error.status) == (ProviderErrorKind.MALFORMED, status)
    assert f"redirects (HTTP {status}) to {other.url}," in str(error)
    assert "token=x" not in str(error)
    assert followed == []


async def test_head_beyond_the_limit_is_too_large(transport: Transport):
    async with raw_server(answering(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", stay=True)) as server:
        error = await failing(transport, server.url)

    assert error.kind is ProviderErrorKind.TOO_LARGE


async def test_body_beyond_the_limit_is_too_large(new_transport: Callable[..., Transport]):
    transport = new_transport(limits=Limits(body_bytes=1000, stream_bytes=1000))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    async with raw_server(answering(head + b"x" * 2000, stay=True)) as server:
        error = await failing(transport, server.url)
        with pytest.raises(ProviderError) as caught:
            await read_all(transport, server.url)

    assert error.kind is ProviderErrorKind.TOO_LARGE
    assert caught.value.kind is ProviderErrorKind.TOO_LARGE


async def test_compressed_answer_is_decoded(transport: Transport):
    body = gzip.compress(b'{"a":1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with raw_server(answering(head + body)) as server:
        answer = await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert answer.body == b'{"a":1}'


async def test_compressed_bomb_is_cut_off_at_the_decoded_limit(new_transport: Callable[..., Transport]):
    transport = new_transport(limits=Limits(body_bytes=1_000_000))
    bomb = zlib.compress(bytes(200_000_000), 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    async with raw_server(answering(head + bomb)) as server:
        error = await failing(transport, server.url)

    assert error.kind is ProviderErrorKind.TOO_LARGE


async def test_broken_compression_is_malformed(transport: Transport):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + b"x" * 20
    async with raw_server(answering(head)) as server:
        error = await failing(transport, server.url)

    assert error.kind is ProviderErrorKind.MALFORMED


async def test_leaving_a_stream_early_drops_its_connection(transport: Transport):
    gone = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(CHUNKED, b"5\r\nfirst\r\n")
        await peer.gone()
        gone.set()

    token = OpenToken()
    async with raw_server(handler) as server:
        async with transport.stream(post(server.url), token=token, deadlines=PATIENT) as stream:
            await anext(stream.chunks())
        await asyncio.wait_for(gone.wait(), 2)

    assert token.released == 1


@pytest.mark.parametrize("pieces", [(), (CHUNKED, b"5\r\nfirst\r\n")])
async def test_cancellation_passes_through_and_drops_the_connection(transport: Transport, pieces: tuple[bytes, ...]):
    asked, gone = asyncio.Event(), asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(*pieces)
        asked.set()
        await peer.gone()
        gone.set()

    token = OpenToken()
    async with raw_server(handler) as server:
        task = asyncio.create_task(transport.send(post(server.url), token=token, deadlines=PATIENT))
        await asked.wait()
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(gone.wait(), 2)

    assert token.released == 1


def test_transport_serves_one_event_loop_after_another(transport_class: Callable[[], Transport]):
    transport = transport_class()

    async def ask() -> int:
        async with raw_server(answer_ok) as server:
            answer = await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
            await transport.aclose()
            return answer.status

    assert [asyncio.run(ask()) for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("module", "library"),
    [("transport", "aiohttp"), ("sse", "aiohttp"), ("httpx_transport", "httpx"), ("httpx_transport", "aiohttp")],
)
def test_importing_the_transport_does_not_import_its_library(module: str, library: str):
    code = f"import sys, offramp_providers.{module}; sys.exit({library!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
