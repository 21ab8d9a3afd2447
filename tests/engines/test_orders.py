"""An order stops a call through LiteLLM at the last hop, and cuts one that is under way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from offramp.contracts.provider import PreparedCall
from offramp.contracts.transport import Deadlines
from offramp.errors import Prohibited, ProviderError, ProviderErrorKind
from offramp.types import GenerateRequest, TextDelta, user
from offramp_providers.engines.litellm import LitellmProvider
from offramp_providers.engines.process import LitellmProcess
from support.long_tail import completion, http, pieces, tail_endpoint, tail_vendor
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

pytestmark = pytest.mark.usefixtures("litellm")
ASK = GenerateRequest((user("private"),), stream=True)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def order(token: OpenToken) -> None:
    token.order()


def chunk(raw: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(raw), raw)


class Silent:
    """A vendor that says something and falls silent."""

    def __init__(self, provider: LitellmProvider) -> None:
        self.provider = provider
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()

    def call(self) -> PreparedCall:
        return self.provider.prepare(ASK)

    def token(self) -> OpenToken:
        return OpenToken(self.provider.endpoint.identity)


@asynccontextmanager
async def silent_vendor(*said: bytes, total_s: float = 60) -> AsyncGenerator[Silent]:
    made: list[Silent] = []

    async def handler(peer: Peer) -> None:
        await peer.request()
        made[0].asked.set()
        await peer.say(*said)
        await peer.gone()
        made[0].gone.set()

    async with raw_server(handler) as server:
        deadlines = Deadlines(total_s=total_s)
        made.append(Silent(LitellmProvider(tail_endpoint(base_url=server.url, deadlines=deadlines))))
        try:
            yield made[0]
        finally:
            await made[0].provider.aclose()


async def test_an_order_at_the_last_hop_sends_nothing():
    async with tail_vendor(http(completion())) as vendor:
        provider = vendor.provider
        token = OpenToken(provider.endpoint.identity, on_spend=lambda: order(token))
        with pytest.raises(Prohibited):
            await provider.send(provider.prepare(ASK), token=token)

    assert (vendor.heads, token.spent, token.released > 0) == ([], 0, True)


async def test_an_order_before_the_call_sends_nothing():
    async with tail_vendor(http(completion())) as vendor:
        token = OpenToken(vendor.provider.endpoint.identity)
        token.order()
        with pytest.raises(Prohibited):
            await vendor.provider.send(vendor.provider.prepare(ASK), token=token)

    assert vendor.heads == []


async def test_an_order_cuts_a_stream_and_the_vendor_s_connection():
    async with silent_vendor(HEAD, chunk(pieces("hel", stop=None, done=False))) as vendor:
        token = vendor.token()
        async with vendor.provider.stream(vendor.call(), token=token) as reads:
            first = [event for each in await anext(reads) for event in each.events]
            token.order()
            with pytest.raises(Prohibited, match="acme is stopped"):
                [_ async for _ in reads]
        await asyncio.wait_for(vendor.gone.wait(), 5)

    assert "".join(event.text for event in first if isinstance(event, TextDelta)) == "hel"


async def test_an_order_cuts_a_call_that_waits():
    async with silent_vendor() as vendor:
        token = vendor.token()
        asked = asyncio.create_task(vendor.provider.send(vendor.call(), token=token))
        await asyncio.wait_for(vendor.asked.wait(), 30)
        token.order()
        with pytest.raises(Prohibited):
            await asked
        await asyncio.wait_for(vendor.gone.wait(), 5)


async def test_leaving_a_stream_drops_the_vendor_s_connection():
    async with silent_vendor(HEAD, chunk(pieces("hel", stop=None, done=False))) as vendor:
        token = vendor.token()
        async with vendor.provider.stream(vendor.call(), token=token) as reads:
            await anext(reads)
        await asyncio.wait_for(vendor.gone.wait(), 5)

    assert token.released > 0


async def test_a_deadline_ends_a_call_that_waits():
    async with silent_vendor(total_s=0.2) as vendor:
        with pytest.raises(ProviderError) as raised:
            await vendor.provider.send(vendor.call(), token=vendor.token())

    assert raised.value.kind is ProviderErrorKind.TIMEOUT


def test_a_process_that_is_not_heard_of_is_not_used_again(monkeypatch: pytest.MonkeyPatch):
    process = LitellmProcess()
    fresh = process.alive
    process.send({"call": "c", "ask": {}})
    asked = process.alive
    monkeypatch.setattr("offramp_providers.engines.process.STUCK_S", -1.0)

    assert (fresh, asked, process.alive) == (True, True, False)


async def test_a_process_that_has_died_is_an_error_of_the_call_and_is_started_again():
    async with silent_vendor(HEAD, chunk(pieces("hel", stop=None, done=False))) as vendor:
        provider = vendor.provider
        async with provider.stream(vendor.call(), token=vendor.token()) as reads:
            await anext(reads)
            provider._lease.take().close()
            last = [event async for batches in reads for each in batches for event in each.events][-1]

    assert "the process that holds LiteLLM has ended" in str(getattr(last, "error", ""))
    async with tail_vendor(http(completion())) as other:
        call = other.provider.prepare(GenerateRequest((user("again"),)))
        answer = await other.provider.send(call, token=OpenToken(other.provider.endpoint.identity))
    assert answer.text == "hello"
