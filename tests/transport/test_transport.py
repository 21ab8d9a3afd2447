"""The transport's answers, bounds and refusals, over real sockets."""

import asyncio
import contextlib
import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.contracts.transport import Deadlines, HttpRequest, Network, Transport
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from offramp_providers.transport import Limits
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

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


@pytest.mark.parametrize("url", ["http://vendor.example/v1", "http://10.0.0.8/", "http://127.0.0.1.example/"])
@pytest.mark.parametrize("header", ["authorization", "X-Api-Key"])
async def test_key_is_not_sent_without_tls(transport: Transport, url: str, header: str):
    token = OpenToken()

    with pytest.raises(ConfigurationError, match="without TLS") as caught:
        await transport.send(post(url, **{header: SECRET}), token=token, deadlines=PATIENT)

    assert SECRET not in str(caught.value)
    assert (token.spent, token.released) == (0, 1)


@pytest.mark.usefixtures("nameless")
async def test_key_is_sent_without_tls_to_a_host_that_is_named(new_transport: Callable[..., Transport]):
    transport = new_transport(network=Network(plain_http_hosts=frozenset({"vendor.example"})))

    error = await failing(transport, "http://vendor.example/")

    assert error.kind is ProviderErrorKind.CONNECTION


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1",
        "https://api.vendor.example:8443/v1",
        "http://api.vendor.example/v1",
        "https://api.vendor.example.evil.example/v1",
        "https://api.vendor.example@evil.example/v1",
        "https://evil.example\\@api.vendor.example/v1",
        "//api.vendor.example/v1",
        "file:///etc/passwd",
        "https://[",
    ],
)
async def test_headers_go_to_their_own_origin_only(transport: Transport, url: str):
    request = post(url, authorization=f"Bearer {SECRET}")
    request = HttpRequest(
        method="POST", url=url, headers=request.headers, body=b"", origin="https://api.vendor.example/base"
    )
    token = OpenToken()

    with pytest.raises(ConfigurationError) as caught:
        await transport.send(request, token=token, deadlines=PATIENT)

    assert SECRET not in str(caught.value)
    assert (token.spent, token.released) == (0, 1)


async def test_request_does_not_show_its_headers_or_body():
    shown = repr(post("http://127.0.0.1/", authorization=SECRET))

    assert SECRET not in shown
    assert "private" not in shown


async def test_header_with_a_line_end_is_refused_without_quoting_it(transport: Transport):
    async with raw_server(answer_ok) as server:
        with pytest.raises(ProviderError) as caught:
            await transport.send(
                post(server.url, authorization=f"{SECRET}\r\nx: y"), token=OpenToken(), deadlines=PATIENT
            )

    assert caught.value.kind is ProviderErrorKind.INVALID_REQUEST
    assert SECRET not in str(caught.value)


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
