"""A proxy is used where it is configured, sees no more than a host's name, and is told apart from the vendor."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp import load_config
from offramp.config import endpoint_of
from offramp.contracts.transport import Deadlines, HttpRequest, Network, Proxy, Transport
from offramp.errors import ConfigurationError, Prohibited, ProviderError, ProviderErrorKind
from offramp.resilience.disposition import disposition_of
from support.connect_proxy import connect_proxy
from support.deployment import write_deployment
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
PATIENT = Deadlines(connect_s=5, first_byte_s=5, idle_s=5, total_s=10)
NewTransport = Callable[..., Transport]
K = ProviderErrorKind


def post(url: str, body: bytes = b'{"private": 1}') -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers={"authorization": "Bearer sk-secret"}, body=body)


async def answer_ok(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.say(OK)


async def failure_of(transport: Transport, url: str, token: OpenToken) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await transport.send(post(url), token=token, deadlines=PATIENT)
    return caught.value


async def test_a_host_is_reached_through_the_proxy_which_learns_its_name_alone(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    async with raw_server(answer_ok, tls=served) as server, connect_proxy() as proxy:
        transport = new_transport(network=Network(ca_file=ca, proxy=Proxy(proxy.url)))
        for _ in range(2):
            token = OpenToken()
            answer = await transport.send(post(server.url), token=token, deadlines=PATIENT)
            assert (answer.body, token.spent, token.released) == (b"{}", 1, 1)

        # One tunnel, kept for the second exchange.
        assert proxy.targets == [server.url.removeprefix("https://")]
        assert [peer.requests for peer in server.peers] == [2]
        assert not any(word in b"".join(proxy.heads) for word in (b"sk-secret", b"private"))


async def test_a_large_request_goes_through_whole(new_transport: NewTransport, ca: Path, served: ssl.SSLContext):
    received: list[int] = []

    async def measure(peer: Peer) -> None:
        _, body = await peer.request()
        received.append(len(body))
        await peer.say(OK)

    async with raw_server(measure, tls=served) as server, connect_proxy() as proxy:
        transport = new_transport(network=Network(ca_file=ca, proxy=Proxy(proxy.url)))
        await transport.send(post(server.url, b"x" * 3_000_000), token=OpenToken(), deadlines=PATIENT)

    assert received == [3_000_000]


async def test_a_stream_arrives_through_the_proxy(new_transport: NewTransport, ca: Path, served: ssl.SSLContext):
    async def stream(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", b"1\r\nb\r\n0\r\n\r\n")

    async with raw_server(stream, tls=served) as server, connect_proxy() as proxy:
        transport = new_transport(network=Network(ca_file=ca, proxy=Proxy(proxy.url)))
        async with transport.stream(post(server.url), token=OpenToken(), deadlines=PATIENT) as answer:
            assert b"".join([chunk async for chunk in answer.chunks()]) == b"ab"


async def test_the_login_is_read_at_the_moment_of_use_and_shown_to_nobody_else(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    heads: list[bytes] = []

    async def remember(peer: Peer) -> None:
        head, _ = await peer.request()
        heads.append(head)
        await peer.say(OK)

    async with raw_server(remember, tls=served) as server, connect_proxy(login="user:pä:ss") as proxy:
        network = Network(ca_file=ca, proxy=Proxy(proxy.url, login=lambda: "user:pä:ss"))
        await new_transport(network=network).send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert b"proxy-authorization" not in heads[0].lower()
    assert "pä:ss" not in repr(network)


# What the proxy itself answers is told apart, and costs no token.


@pytest.mark.parametrize(
    ("answer", "status", "told", "step"),
    [
        (b"HTTP/1.1 407 No\r\nContent-Length: 6\r\n\r\n<html>", 407, K.AUTHENTICATION, "fall_back"),
        (b"HTTP/1.1 403 Blocked\r\nContent-Type: text/html\r\n\r\n<html>", 403, K.PERMISSION, "fall_back"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>", 502, K.CONNECTION, "retry"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", 503, K.CONNECTION, "retry"),
        (b"HTTP/1.1 302 Sign in\r\nLocation: http://portal\r\n\r\n", 302, K.CONNECTION, "retry"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", None, K.CONNECTION, "retry"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", None, K.CONNECTION, "retry"),
        (b"x" * 20_000, None, K.CONNECTION, "retry"),
        (b"", None, K.CONNECTION, "retry"),
    ],
    ids=["407", "403", "502", "503", "302", "no HTTP", "more than its answer", "endless", "nothing"],
)
async def test_what_the_proxy_answers_is_told_apart_from_the_vendor(
    answer: bytes, status: int | None, told: K, step: str, new_transport: NewTransport
):
    token = OpenToken()
    async with connect_proxy(answer=answer) as proxy:
        transport = new_transport(network=Network(proxy=Proxy(proxy.url)))
        error = await failure_of(transport, "https://vendor.example/v1", token)

    assert (error.kind, error.status, error.answered_by, error.endpoint) == (told, status, "proxy", "a")
    assert (token.spent, token.released) == (0, 1)
    assert "proxy" in str(error)
    assert disposition_of(error).step == step
    assert disposition_of(error).falls_back


async def test_a_wrong_login_is_told_and_not_quoted(new_transport: NewTransport):
    async with connect_proxy(login="user:right") as proxy:
        transport = new_transport(network=Network(proxy=Proxy(proxy.url, login=lambda: "user:wrong")))
        error = await failure_of(transport, "https://vendor.example", OpenToken())

    assert (error.status, error.kind) == (407, K.AUTHENTICATION)
    assert "proxy_login" in str(error)
    assert "wrong" not in str(error)


async def test_a_proxy_that_is_not_there_is_a_connection_error(new_transport: NewTransport):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    token = OpenToken()
    transport = new_transport(network=Network(proxy=Proxy(f"http://127.0.0.1:{port}")))

    error = await failure_of(transport, "https://vendor.example", token)

    assert (error.kind, error.answered_by) == (K.CONNECTION, "proxy")
    assert f"127.0.0.1:{port} (ECONNREFUSED)" in str(error)
    assert token.spent == 0


async def test_a_proxy_that_falls_silent_is_a_timeout(new_transport: NewTransport):
    async def never(peer: Peer) -> None:
        await peer.gone()

    token = OpenToken()
    async with raw_server(never) as silent:
        transport = new_transport(network=Network(proxy=Proxy(silent.url)))
        with pytest.raises(ProviderError, match="no connection was made") as caught:
            await transport.send(post("https://vendor.example"), token=token, deadlines=Deadlines(connect_s=0.05))

    assert caught.value.kind is K.TIMEOUT
    assert (token.spent, token.released) == (0, 1)


async def test_a_proxy_that_reads_along_is_not_trusted(new_transport: NewTransport, served: ssl.SSLContext):
    token = OpenToken()
    async with raw_server(answer_ok, tls=served) as server, connect_proxy() as proxy:
        transport = new_transport(network=Network(proxy=Proxy(proxy.url)))  # the system knows no such authority
        error = await failure_of(transport, server.url, token)

    assert "no trusted TLS connection" in str(error)
    assert (error.answered_by, token.spent) == ("vendor", 0)


async def test_a_certificate_for_another_host_is_not_trusted_through_the_proxy(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    token = OpenToken()
    async with raw_server(answer_ok, tls=served) as server, connect_proxy() as proxy:
        transport = new_transport(network=Network(ca_file=ca, proxy=Proxy(proxy.url)))
        error = await failure_of(transport, server.url.replace("127.0.0.1", "localhost"), token)

    assert "no trusted TLS connection" in str(error)
    assert token.spent == 0


# The gate stands behind the proxy.


async def test_an_order_that_comes_while_the_tunnel_opens_lets_nothing_through(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    token = OpenToken()

    async def order(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        token.order()
        await peer.gone()

    async with raw_server(order) as proxy:
        transport = new_transport(network=Network(ca_file=ca, proxy=Proxy(proxy.url)))
        with pytest.raises(Prohibited):
            await transport.send(post("https://vendor.example"), token=token, deadlines=PATIENT)

    assert (token.spent, token.released) == (0, 1)


async def test_an_order_at_the_last_moment_lets_no_request_into_the_tunnel(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    asked: list[bytes] = []

    async def listen(peer: Peer) -> None:
        asked.append(await peer.gone())

    tokens: list[OpenToken] = []

    def order() -> None:
        tokens[0].order()

    token = OpenToken(on_spend=order)
    tokens.append(token)
    async with raw_server(listen, tls=served) as server, connect_proxy() as proxy:
        transport = new_transport(network=Network(ca_file=ca, proxy=Proxy(proxy.url)))
        with pytest.raises(Prohibited):
            await transport.send(post(server.url), token=token, deadlines=PATIENT)

        assert proxy.targets == [server.url.removeprefix("https://")]
    assert asked in ([], [b""])
    assert token.spent == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://vendor.example/"])
async def test_nothing_goes_through_a_proxy_that_it_could_read(url: str, new_transport: NewTransport):
    network = Network(proxy=Proxy("http://127.0.0.1:9"), plain_http_hosts=frozenset({"vendor.example"}))

    with pytest.raises(ConfigurationError, match="the proxy would read along"):
        await new_transport(network=network).send(post(url), token=OpenToken(), deadlines=PATIENT)


# Only when configured.


async def test_the_environment_is_never_asked_for_a_proxy(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
):
    async with raw_server(answer_ok, tls=served) as server, connect_proxy() as proxy, connect_proxy() as other:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "*")
        for chosen in (None, Proxy(other.url)):
            transport = new_transport(network=Network(ca_file=ca, proxy=chosen))
            await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)

        assert (proxy.targets, len(other.targets)) == ([], 1)


def configured(folder: Path, lines: str) -> Network:
    return endpoint_of(load_config(write_deployment(folder, a=lines)), "a").network


def test_configuration_names_the_proxy_and_where_its_login_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROXY_LOGIN", "user:secret")

    network = configured(tmp_path, 'proxy = "http://proxy.example:3128"\nproxy_login.env = "PROXY_LOGIN"')

    assert network.proxy is not None
    assert network.proxy.url == "http://proxy.example:3128"
    assert network.proxy.login is not None
    assert network.proxy.login() == "user:secret"
    assert "secret" not in repr(network)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('proxy = "proxy.example:3128"', "cannot be used"),
        ('proxy = "https://proxy.example"', "cannot be used"),
        ('proxy = "socks5://proxy.example"', "cannot be used"),
        ('proxy = "http://proxy.example/path"', "cannot be used"),
        ('proxy = "http://proxy.example:port"', "cannot be used"),
        ('proxy = "http://user:secret@proxy.example"', "holds a secret"),
        ('proxy_login.env = "PROXY_LOGIN"', "a login without its proxy"),
        ('proxy = "http://proxy.example"\nunix_socket = "s"', "leads to no proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_configuration_error(lines: str, why: str, tmp_path: Path):
    with pytest.raises(ConfigurationError, match=why) as caught:
        configured(tmp_path, lines)

    assert "endpoints.a.proxy" in str(caught.value)
    assert "secret@" not in str(caught.value)
