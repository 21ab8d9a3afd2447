"""The emulated Cohere: what it says whole and in events, how it fails, and what is counted."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import jsonschema
import pytest

from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.published_schemas import published
from support.vendor_requests import PLACE, parse

SCHEMA = {**PLACE, "properties": {"place": {"type": "string"}, "limit": {"type": "integer"}}}
TOOLS = [
    {"type": "function", "function": {"name": name, "description": "Looks.", "parameters": SCHEMA}}
    for name in ("units_near", "water_level")
]
Ask = Callable[..., Awaitable[tuple[int, bytes]]]


@pytest.fixture
async def server() -> AsyncIterator[Emulator]:
    async with serve(EmulatorConfig("cohere_v2", pace_s=0, key="k", also_recalled=True)) as emulator:
        yield emulator


@pytest.fixture
async def ask(server: Emulator) -> AsyncIterator[Ask]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(headers={"authorization": "Bearer k"}))

        async def post(text: str, **more: Any) -> tuple[int, bytes]:
            body = {"model": "command-a-03-2025", "messages": [{"role": "user", "content": text}], **more}
            async with session.post(f"{server.url}/v2/chat", json=body) as response:
                return response.status, await response.read()

        yield post


def folded(raw: bytes) -> dict[str, Any]:  # noqa: C901  # an arm an event
    """The events put together by hand."""
    message: dict[str, Any] = {"role": "assistant"}
    whole: dict[str, Any] = {"message": message}
    events = [data for _, data in parse(raw) if data != "[DONE]"]
    for data in events:
        held = data.get("delta", {}).get("message", {})
        match data["type"]:
            case "message-start":
                whole["id"] = data["id"]
            case "content-start":
                message.setdefault("content", []).append(dict(held["content"]))
            case "content-delta":
                for key, piece in held["content"].items():
                    message["content"][data["index"]][key] += piece
            case "tool-plan-delta":
                message["tool_plan"] = message.get("tool_plan", "") + held["tool_plan"]
            case "tool-call-start":
                message.setdefault("tool_calls", []).append(held["tool_calls"])
            case "tool-call-delta":
                message["tool_calls"][data["index"]]["function"]["arguments"] += held["tool_calls"]["function"][
                    "arguments"
                ]
            case "citation-start":
                message.setdefault("citations", []).append(held["citations"])
            case "message-end":
                whole |= data["delta"]
    return whole


def kinds(raw: bytes) -> list[str]:
    return [data if isinstance(data, str) else data["type"] for _, data in parse(raw)]


@pytest.mark.parametrize("script", ["[[text:30]]", "[[tools:2]]", "[[refuse]]", "[[thinking]]"])
async def test_a_folded_stream_equals_the_whole_answer(ask: Ask, script: str) -> None:
    _, whole = await ask(f"Go {script}", tools=TOOLS)
    _, streamed = await ask(f"Go {script}", tools=TOOLS, stream=True)

    first, second = json.loads(whole), folded(streamed)
    for answer in (first, second):
        del answer["id"]  # another for each answer
        for call in answer["message"].get("tool_calls", ()):
            del call["id"]
    assert first == second


async def test_events_come_in_the_vendors_order_under_their_own_names(ask: Ask) -> None:
    _, raw = await ask("Hi [[thinking]]", stream=True)

    names = [name for name, data in parse(raw) if data != "[DONE]"]
    assert names == kinds(raw)[:-1]
    assert [*dict.fromkeys(names)] == ["message-start", "content-start", "content-delta", "content-end", "message-end"]
    assert names.count("content-start") == names.count("content-end") == 2
    assert kinds(raw)[-2:] == ["message-end", "[DONE]"]


async def test_results_are_quoted_and_cited(ask: Ask) -> None:
    _, raw = await ask("Look [[tools:2]]", tools=TOOLS)
    called = json.loads(raw)["message"]
    asked = [{"role": "user", "content": "Look [[tools:2]]"}, called]
    results = [
        {
            "role": "tool",
            "tool_call_id": call["id"],
            "content": [{"type": "document", "document": {"data": {"n": f"{n} m"}}}],
        }
        for n, call in enumerate(called["tool_calls"])
    ]

    _, raw = await ask("", messages=[*asked, *results], tools=TOOLS)
    _, streamed = await ask("", messages=[*asked, *results], tools=TOOLS, stream=True)

    message = json.loads(raw)["message"]
    (said,) = (block["text"] for block in message["content"])
    assert [said[each["start"] : each["end"]] for each in message["citations"]] == ["0 m", "1 m"]
    assert folded(streamed)["message"] == message
    assert kinds(streamed).count("citation-start") == kinds(streamed).count("citation-end") == 2


async def test_a_limit_and_a_stop_sequence_end_the_answer(ask: Ask) -> None:
    _, short = await ask("Hi [[text:200]]", max_tokens=10)
    _, stopped = await ask("Hi", stop_sequences=["urn"])

    assert json.loads(short)["finish_reason"] == "MAX_TOKENS"
    assert json.loads(stopped)["finish_reason"] == "STOP_SEQUENCE"
    assert json.loads(stopped)["message"]["content"][0]["text"] == "T"


@pytest.mark.parametrize("key", ["json_schema", "schema"])
async def test_an_answer_fits_the_schema_that_was_asked_for(ask: Ask, key: str) -> None:
    _, raw = await ask("Flood [[canary:HERON]]", response_format={"type": "json_object", key: SCHEMA})

    found = json.loads(json.loads(raw)["message"]["content"][0]["text"])
    jsonschema.validate(found, SCHEMA)
    assert found["place"].startswith("HERON")


async def test_input_that_was_seen_before_is_counted_as_cached(ask: Ask) -> None:
    counts = [json.loads((await ask("word " * 2000))[1])["usage"] for _ in range(2)]

    assert [count["cached_tokens"] >= 1024 for count in counts] == [False, True]


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("[[overloaded]]", 503),
        ("[[rate:1]]", 429),
        ("[[server-error]]", 500),
        ("[[suspended]]", 403),
        ("[[quota]]", 402),
    ],
)
async def test_a_fault_is_a_sentence_and_an_id(ask: Ask, script: str, status: int) -> None:
    found, raw = await ask(script)

    assert (found, set(json.loads(raw))) == (status, {"id", "message"})


async def test_a_stream_can_lack_its_end_or_end_in_an_error(ask: Ask) -> None:
    _, cut = await ask("Hi [[no-outcome]]", stream=True)
    _, open_ = await ask("Hi [[no-terminator]]", stream=True)
    _, failed = await ask("Hi [[stream-error]]", stream=True)

    assert kinds(cut)[-1] == "content-end"
    assert kinds(open_)[-1] == "message-end"
    assert set(parse(failed)[-1][1]) == {"id", "message"}


async def test_what_no_client_knows_yet_can_be_sent(ask: Ask) -> None:
    _, raw = await ask("Hi [[novel]]", stream=True)

    assert "weather-report" in kinds(raw)


async def test_what_arrives_and_what_is_cut_is_counted(ask: Ask, server: Emulator) -> None:
    await ask("Hi", stream=True)
    with pytest.raises(aiohttp.ClientError):
        await ask("Hi [[cut]]", stream=True)
    await ask("Hi", top_p=1)

    summary = server.counters.summary()
    assert (summary["streams"], summary["streams_ended"], summary["streams_cut_by_server"]) == (2, 1, 1)
    assert summary["rejections"] == {"known_parameters": 1}


@pytest.mark.parametrize("script", ["[[text:5]]", "[[tools:2]]", "[[refuse]]", "[[thinking]]"])
async def test_answers_have_the_shape_that_the_vendor_publishes(ask: Ask, script: str) -> None:
    components = published("cohere")["components"]

    _, raw = await ask(script, tools=TOOLS)

    reference = {"$ref": "#/components/schemas/ChatResponseV2", "components": components}
    jsonschema.Draft202012Validator(reference).validate(json.loads(raw))
