"""Private authorities, our own certificate, unix sockets: what the configuration says of the way to a host."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp import load_config
from offramp.config import endpoint_of
from offramp.contracts.transport import Deadlines, HttpRequest, Network, Transport
from offramp.errors import ConfigurationError, Prohibited, ProviderError, ProviderErrorKind
from support.certificates import Authority, Issued
from support.deployment import write_deployment
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
PATIENT = Deadlines(connect_s=5, first_byte_s=5, idle_s=5, total_s=10)
PASSWORD = "open-sesame"
NewTransport = Callable[..., Transport]


@pytest.fixture(scope="session")
def ours(authority: Authority) -> Issued:
    """Our own certificate, its key under the password."""
    return authority("ours", PASSWORD)


@pytest.fixture(scope="session")
def asking(authority: Authority, ca: Path) -> ssl.SSLContext:
    """The same of a host that asks for a certificate of ours."""
    issued = authority("host", None)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.load_cert_chain(issued.certificate, issued.key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def post(url: str) -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers={"authorization": "Bearer k"}, body=b"{}")


async def answer_ok(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.say(OK)


async def test_host_of_a_private_authority_is_trusted_where_it_is_named(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    transport = new_transport(network=Network(ca_file=ca))
    async with raw_server(answer_ok, tls=served) as server:
        for _ in range(2):
            answer = await transport.send(post(server.url), token=OpenToken(), deadlines=PATIENT)
            assert answer.body == b"{}"

        assert [peer.requests for peer in server.peers] == [2]


async def test_host_of_a_private_authority_is_not_trusted_otherwise(
    new_transport: NewTransport, served: ssl.SSLContext
):
    token = OpenToken()
    async with raw_server(answer_ok, tls=served) as server:
        with pytest.raises(ProviderError, match="no trusted TLS connection") as caught:
            await new_transport().send(post(server.url), token=token, deadlines=PATIENT)

    assert caught.value.kind is ProviderErrorKind.CONNECTION
    assert (token.spent, token.released) == (0, 1)


async def test_certificate_for_another_host_is_not_trusted(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    transport = new_transport(network=Network(ca_file=ca))
    async with raw_server(answer_ok, tls=served) as server:
        with pytest.raises(ProviderError, match="no trusted TLS connection"):
            await transport.send(
                post(server.url.replace("127.0.0.1", "localhost")), token=OpenToken(), deadlines=PATIENT
            )


async def test_host_that_asks_for_it_gets_our_certificate(
    new_transport: NewTransport, ca: Path, ours: Issued, asking: ssl.SSLContext
):
    network = Network(ca_file=ca, certificate_file=ours.certificate, key_file=ours.key, key_password=lambda: PASSWORD)
    async with raw_server(answer_ok, tls=asking) as server:
        answer = await new_transport(network=network).send(post(server.url), token=OpenToken(), deadlines=PATIENT)

    assert answer.body == b"{}"


async def test_host_that_asks_for_it_refuses_us_without_a_certificate(
    new_transport: NewTransport, ca: Path, asking: ssl.SSLContext
):
    async with raw_server(answer_ok, tls=asking) as server:
        with pytest.raises(ProviderError) as caught:
            await new_transport(network=Network(ca_file=ca)).send(
                post(server.url), token=OpenToken(), deadlines=PATIENT
            )

    assert caught.value.kind is ProviderErrorKind.CONNECTION


@pytest.mark.parametrize("password", [None, lambda: None, lambda: "wrong", lambda: "x" * 5000])
async def test_encrypted_key_without_its_password_is_a_configuration_error(
    new_transport: NewTransport, ours: Issued, password: Callable[[], str | None] | None
):
    network = Network(certificate_file=ours.certificate, key_file=ours.key, key_password=password)
    token = OpenToken()

    with pytest.raises(ConfigurationError, match="cannot be used together") as caught:
        await new_transport(network=network).send(post("https://127.0.0.1:1/"), token=token, deadlines=PATIENT)

    assert "wrong" not in str(caught.value)
    assert (token.spent, token.released) == (0, 1)


@pytest.mark.parametrize("content", [None, b"", b"no PEM"])
async def test_unreadable_authorities_are_a_configuration_error(
    new_transport: NewTransport, tmp_path: Path, content: bytes | None
):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"authorities cannot be read"):
        await new_transport(network=Network(ca_file=file)).send(
            post("https://127.0.0.1:1/"), token=OpenToken(), deadlines=PATIENT
        )


async def test_order_between_handshake_and_write_lets_no_byte_through(
    new_transport: NewTransport, ca: Path, served: ssl.SSLContext
):
    received = asyncio.get_running_loop().create_future()

    async def handler(peer: Peer) -> None:
        received.set_result(await peer.gone())

    token = OpenToken()
    token = OpenToken(on_spend=lambda: setattr(token, "cut", True))
    async with raw_server(handler, tls=served) as server:
        with pytest.raises(Prohibited):
            await new_transport(network=Network(ca_file=ca)).send(post(server.url), token=token, deadlines=PATIENT)

        assert await asyncio.wait_for(received, 2) == b""


async def test_unix_socket_stands_in_for_host_and_port(new_transport: NewTransport, tmp_path: Path):
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        await reader.read()
        writer.close()

    path = tmp_path / "s"
    transport = new_transport(network=Network(unix_socket=path))
    async with await asyncio.start_unix_server(serve, path):
        answer = await transport.send(post("http://vendor.example/v1"), token=OpenToken(), deadlines=PATIENT)
        await transport.aclose()

    assert answer.body == b"{}"
    assert b"Host: vendor.example\r\n" in heads[0]


async def test_missing_unix_socket_is_a_connection_error(new_transport: NewTransport, tmp_path: Path):
    transport = new_transport(network=Network(unix_socket=tmp_path / "none"))

    with pytest.raises(ProviderError, match="ENOENT") as caught:
        await transport.send(post("http://localhost/"), token=OpenToken(), deadlines=PATIENT)

    assert caught.value.kind is ProviderErrorKind.CONNECTION


async def test_tls_over_a_unix_socket_is_refused(new_transport: NewTransport, tmp_path: Path):
    transport = new_transport(network=Network(unix_socket=tmp_path / "s"))

    with pytest.raises(ConfigurationError, match="TLS is not spoken over a unix socket"):
        await transport.send(post("https://localhost/"), token=OpenToken(), deadlines=PATIENT)


# From the configuration.


def configured(folder: Path, lines: str) -> Network:
    return endpoint_of(load_config(write_deployment(folder, a=lines)), "a").network


def test_configuration_names_files_from_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    tls = '{ ca = "ca.pem", certificate = "/etc/us.pem", key = "us.key", key_password = { env = "KEY_PASSWORD" } }'

    network = configured(tmp_path, f'tls = {tls}\nunix_socket = "run/vendor"')

    assert (network.ca_file, network.certificate_file) == (tmp_path / "ca.pem", Path("/etc/us.pem"))
    assert (network.key_file, network.unix_socket) == (tmp_path / "us.key", tmp_path / "run" / "vendor")
    assert network.key_password is not None
    assert network.key_password() == PASSWORD
    assert PASSWORD not in repr(network)


def test_key_without_its_certificate_is_a_configuration_error(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"endpoints.a.tls: a key without its certificate"):
        configured(tmp_path, 'tls = { key = "us.key" }')


@pytest.mark.parametrize(("allowed", "hosts"), [("true", {"gpu.example"}), ("false", set[str]())])
def test_plain_http_is_allowed_to_the_endpoints_own_host(tmp_path: Path, allowed: str, hosts: set[str]):
    lines = f'base_url = "http://gpu.example:8000/v1"\nallow_plain_http = {allowed}'

    assert configured(tmp_path, lines).plain_http_hosts == hosts


def test_nothing_is_set_where_nothing_is_said(tmp_path: Path):
    assert configured(tmp_path, "") == Network()
