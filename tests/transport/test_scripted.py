"""The scripted provider behaves as a real one does towards its caller and its token."""

import asyncio

import pytest

from offramp.contracts.scripted import ScriptedProvider, batches_of, scripted_endpoint
from offramp.errors import Prohibited, ProviderError, ProviderErrorKind
from offramp.types import (
    Batch,
    GenerateRequest,
    Loss,
    Message,
    Outcome,
    OutcomeKind,
    Response,
    Severity,
    Text,
    TextDelta,
    ToolCall,
    user,
)
from support.open_token import OpenToken

ASK = GenerateRequest((user("hello"),))
LOST = Loss(code="cache", path="cache", action="dropped", severity=Severity.COSMETIC, why="x")
ANSWER: Response[None] = Response(
    Message("assistant", (Text("good day"), ToolCall("c1", "add", '{"a":1}'))), Outcome(OutcomeKind.TOOL_CALLS)
)


async def read(provider: ScriptedProvider, token: OpenToken) -> list[Batch]:
    async with provider.stream(provider.prepare(ASK), token=token) as reads:
        return [batch async for batches in reads for batch in batches]


async def test_entries_are_given_in_order_and_calls_are_kept():
    provider = ScriptedProvider(
        scripted_endpoint(), [ANSWER, ProviderError("busy", kind=ProviderErrorKind.OVERLOADED)], losses=[LOST]
    )
    call, token = provider.prepare(ASK), OpenToken()

    answer = await provider.send(call, token=token)
    with pytest.raises(ProviderError, match="busy"):
        await provider.send(call, token=OpenToken())

    assert (answer.text, answer.losses) == ("good day", (LOST,))
    assert (provider.requests, len(provider.calls), token.released) == ([ASK], 2, 1)


async def test_answer_is_streamed_where_a_stream_is_asked_for():
    provider = ScriptedProvider(scripted_endpoint(), [ANSWER])

    batches = await read(provider, OpenToken())

    assert batches == batches_of(ANSWER)
    texts = [event.text for batch in batches for event in batch.events if isinstance(event, TextDelta)]
    assert "".join(texts) == "good day"


async def test_order_before_the_send_takes_no_entry():
    provider = ScriptedProvider(scripted_endpoint(), [ANSWER])
    token = OpenToken()
    token.order()

    with pytest.raises(Prohibited):
        await provider.send(provider.prepare(ASK), token=token)

    assert (provider.calls, token.released) == ([], 1)


async def test_order_in_mid_stream_ends_the_wait():
    never = asyncio.Event()
    provider = ScriptedProvider(scripted_endpoint(), [[Batch((TextDelta(0, "a"),)), never]])
    token = OpenToken()
    asyncio.get_running_loop().call_later(0.01, token.order)

    with pytest.raises(Prohibited):
        await read(provider, token)

    assert token.released == 1
