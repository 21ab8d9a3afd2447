"""What the emulated vendors stream, in whose order, and how a stream can go wrong."""

from typing import Any

import aiohttp
import jsonschema
import pytest

from support.published_schemas import published
from support.vendor_answers import folded_anthropic, folded_openai, receive
from support.vendor_requests import DIALECTS, events_of, request


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("script", ["[[text:30]]", "[[tools:2]]", "[[refuse]]", "[[thinking]] [[redacted]]"])
async def test_a_folded_stream_equals_the_whole_answer(start: Any, dialect: Any, script: str):
    whole_client, stream_client = await start(dialect), await start(dialect)
    body = request(dialect, f"Go {script}", tools=True)

    whole = await whole_client.json(body)
    async with stream_client.post({**body, "stream": True}) as response:
        events = await events_of(response)

    if dialect == "anthropic_messages":
        assert folded_anthropic(events) == whole
    else:
        message = {**whole["choices"][0]["message"], "finish_reason": whole["choices"][0]["finish_reason"]}
        message.pop("annotations")
        expected = {**message, "role": None, "tool_calls": message.get("tool_calls", [])}
        assert folded_openai(events) == expected


async def test_anthropic_events_come_in_the_vendors_order(start: Any):
    client = await start("anthropic_messages")
    body = request("anthropic_messages", "Hi", thinking={"type": "enabled", "budget_tokens": 1024}, stream=True)

    async with client.post(body) as response:
        events = await events_of(response)

    names = [name for name, _ in events]
    assert names == [data["type"] for _, data in events]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    deltas = [data["delta"]["type"] for _, data in events if data["type"] == "content_block_delta"]
    assert deltas.index("signature_delta") == deltas.count("thinking_delta")
    assert set(deltas[deltas.index("signature_delta") + 1 :]) == {"text_delta"}


async def test_openai_usage_comes_in_an_extra_chunk_only_on_request(start: Any):
    client = await start("openai_chat")
    body = request("openai_chat", "Hi", stream=True)

    async with client.post(body) as response:
        without = await events_of(response)
    async with client.post({**body, "stream_options": {"include_usage": True}}) as response:
        asked = await events_of(response)

    assert without[-1][1] == asked[-1][1] == "[DONE]"
    assert not any("usage" in data for _, data in without[:-1])
    assert asked[-2][1]["choices"] == []
    assert asked[-2][1]["usage"]["total_tokens"] > 0
    assert all(data["usage"] is None for _, data in asked[:-2])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("script", "keeps_outcome", "keeps_terminator"),
    [("[[no-terminator]]", True, False), ("[[no-outcome]]", False, False), ("", True, True)],
)
async def test_a_stream_can_lack_its_end(
    start: Any, dialect: Any, script: str, keeps_outcome: bool, keeps_terminator: bool
):
    client = await start(dialect)

    async with client.post(request(dialect, f"Hi {script}", stream=True)) as response:
        text = await response.text()

    assert (('"finish_reason":"stop"' in text) or ('"stop_reason":"end_turn"' in text)) == keeps_outcome
    assert (text.endswith("[DONE]\n\n") or "event: message_stop" in text) == keeps_terminator


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_stream_can_end_in_an_error(start: Any, dialect: Any):
    client = await start(dialect)

    async with client.post(request(dialect, "Hi [[stream-error]]", stream=True)) as response:
        events = await events_of(response)

    assert response.status == 200
    assert "error" in events[-1][1]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_breaks_the_connection_after_some_of_the_answer(start: Any, dialect: Any, stream: bool):
    client = await start(dialect)
    received: list[bytes] = []

    with pytest.raises(aiohttp.ClientError):
        await receive(client.post(request(dialect, "Hi [[cut]]", stream=stream)), received)

    assert received
    assert client.emulator.counters.requests[0].cut == "server"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_no_client_knows_yet_can_be_sent(start: Any, dialect: Any):
    client = await start(dialect)

    async with client.post(request(dialect, "Hi [[novel]] [[wrong-model]]", stream=True)) as response:
        text = await response.text()

    assert "hologram" in text
    assert "weather" in text
    assert '"model":"emulated-other-model"' in text


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_cut_can_fall_into_the_tool_calls(start: Any, dialect: Any):
    client = await start(dialect)

    with pytest.raises(aiohttp.ClientError):
        async with client.post(request(dialect, "Look [[tools:2]] [[cut-call]]", tools=True, stream=True)) as response:
            await response.read()

    assert client.emulator.counters.requests[0].cut == "server"


@pytest.mark.parametrize("script", ["[[text:5]]", "[[tools:2]]", "[[refuse]]", "[[filter]]"])
async def test_openai_answers_have_the_shape_the_vendor_publishes(start: Any, script: str):
    spec = published("openai")
    client = await start("openai_chat")
    body = request("openai_chat", script, tools=True)

    whole = await client.json(body)
    async with client.post({**body, "stream": True, "stream_options": {"include_usage": True}}) as response:
        chunks = [data for _, data in (await events_of(response))[:-1]]

    for root, found in (("response", [whole]), ("chunk", chunks)):
        schema = {"$ref": f"#/components/schemas/{spec['roots'][f'openai.chat.{root}']}"}
        checker = jsonschema.Draft202012Validator({**schema, "components": spec["components"]})
        for one in found:
            checker.validate(one)
