"""Where a key may go, and what of a request is never shown."""

from collections.abc import Callable

import pytest

from offramp.contracts.transport import HttpRequest, Network, Transport
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from support.http_asking import PATIENT, SECRET, answer_ok, failing, post
from support.open_token import OpenToken
from support.raw_server import raw_server


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
