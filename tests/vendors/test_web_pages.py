"""A web page in place of the API's own words is told apart from the vendor; its refusal is asked nowhere else."""

from collections.abc import Callable
from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.resilience.disposition import disposition_of
from offramp.types import GenerateRequest, user
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

PAGE = b"<html>Sign in to go on: a private page</html>"
K = ProviderErrorKind
Make = Callable[..., Any]


def answer(status: int, media_type: str = "text/html; charset=utf-8", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\n{extra}Content-Length: {len(PAGE)}\r\n\r\n"
    return head.encode() + PAGE


async def failure_of(whole: bytes, endpoint: Any, *, stream: bool) -> ProviderError:
    async def say(peer: Peer) -> None:
        await peer.request()
        await peer.say(whole)

    async with raw_server(say) as server:
        provider = HttpProvider(endpoint("openai", base_url=f"{server.url}/v1"))
        call = provider.prepare(GenerateRequest((user("hi"),), stream=stream))
        token = OpenToken(provider.endpoint.identity)
        try:
            await (_streamed(provider, call, token) if stream else provider.send(call, token=token))
        except ProviderError as error:
            return error
        finally:
            await provider.aclose()
    raise AssertionError("it was taken for an answer")


async def _streamed(provider: HttpProvider, call: Any, token: OpenToken) -> None:
    async with provider.stream(call, token=token):
        pass


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("status", "told", "falls_back"),
    [
        (400, K.MALFORMED, False),
        (401, K.MALFORMED, False),
        (403, K.MALFORMED, False),
        (404, K.MALFORMED, False),
        (407, K.MALFORMED, False),
        (413, K.TOO_LARGE, False),
        (429, K.RATE_LIMITED, True),
        (502, K.SERVER, True),
        (503, K.OVERLOADED, True),
        (504, K.TIMEOUT, True),
    ],
)
async def test_a_page_is_told_as_one(status: int, told: K, falls_back: bool, stream: bool, endpoint: Make):
    error = await failure_of(answer(status, extra="Retry-After: 3\r\n"), endpoint, stream=stream)

    assert (error.answered_by, error.status, error.kind, error.retry_after_s) == ("page", status, told, 3.0)
    assert disposition_of(error).falls_back is falls_back
    assert "private" not in str(error)
    assert error.body is None


@pytest.mark.parametrize("stream", [True, False])
async def test_a_page_with_a_good_status_is_told_as_one(stream: bool, endpoint: Make):
    error = await failure_of(answer(200), endpoint, stream=stream)

    assert (error.answered_by, error.status, error.kind) == ("page", 200, K.MALFORMED)


async def test_what_is_no_page_is_the_vendors(endpoint: Make):
    error = await failure_of(answer(403, "text/plain"), endpoint, stream=False)

    assert (error.answered_by, error.kind) == ("vendor", K.PERMISSION)
