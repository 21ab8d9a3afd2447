"""The emulated Ollama server: what it says in lines, how it fails, and what is counted."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import jsonschema
import pytest

from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.vendor_requests import PLACE

TOOLS = [
    {"type": "function", "function": {"name": name, "description": "Looks.", "parameters": PLACE}}
    for name in ("units_near", "water_level")
]
Ask = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def server() -> AsyncIterator[Emulator]:
    async with serve(EmulatorConfig("ollama_native", pace_s=0, models=("qwen3",), record_bodies=True)) as emulator:
        yield emulator


@pytest.fixture
async def ask(server: Emulator) -> AsyncIterator[Ask]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def post(text: str, **more: Any) -> tuple[int, str]:
            body = {"model": "qwen3", "messages": [{"role": "user", "content": text}], "tools": TOOLS, **more}
            async with session.post(f"{server.url}/api/chat", json=body) as response:
                return response.status, await response.text()

        yield post


def folded(text: str) -> dict[str, Any]:
    """The lines put together by hand."""
    lines = [json.loads(line) for line in text.splitlines()]
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    for line in lines:
        for key, held in line["message"].items():
            if key != "role":
                message[key] = message.get(key, type(held)()) + held
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    return {**lines[-1], "message": message}


@pytest.mark.parametrize("script", ["[[text:30]]", "[[tools:2]]", "[[refuse]]", "[[thinking]]"])
async def test_a_folded_stream_equals_the_whole_answer(ask: Ask, script: str) -> None:
    _, whole = await ask(f"Go {script}", stream=False)
    _, streamed = await ask(f"Go {script}")

    first, second = json.loads(whole), folded(streamed)
    for answer in (first, second):
        for call in answer["message"].get("tool_calls", ()):
            del call["id"]  # another for each answer
    assert first == second


async def test_left_to_itself_it_streams(ask: Ask) -> None:
    _, text = await ask("Hi", stream=None)

    assert len(text.splitlines()) > 1


async def test_two_tools_are_called_with_arguments_that_fit(ask: Ask) -> None:
    _, text = await ask("Look [[tools:2]]", stream=False)

    calls = json.loads(text)["message"]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["units_near", "water_level"]
    assert [call["function"]["index"] for call in calls] == [0, 1]
    assert len({call["id"] for call in calls}) == 2
    for call in calls:
        jsonschema.validate(call["function"]["arguments"], PLACE)


async def test_a_limit_ends_the_answer(ask: Ask) -> None:
    _, text = await ask("Hi [[text:200]]", stream=False, options={"num_predict": 10})

    answer = json.loads(text)
    assert (answer["done_reason"], len(answer["message"]["content"])) == ("length", 40)


async def test_an_answer_fits_the_schema_that_was_asked_for(ask: Ask) -> None:
    _, text = await ask("Flood [[canary:HERON]]", stream=False, format=PLACE)

    found = json.loads(json.loads(text)["message"]["content"])
    jsonschema.validate(found, PLACE)
    assert found["place"].startswith("HERON")


@pytest.mark.parametrize(
    ("script", "status"),
    [("[[overloaded]]", 503), ("[[rate:1.5]]", 429), ("[[server-error]]", 500), ("[[retired]]", 404)],
)
async def test_a_fault_is_one_sentence(ask: Ask, script: str, status: int) -> None:
    found, text = await ask(script)

    assert found == status
    assert set(json.loads(text)) == {"error"}


async def test_an_error_in_mid_stream_is_a_line_under_status_200(ask: Ask) -> None:
    status, text = await ask("Hi [[stream-error]]")

    assert status == 200
    assert set(json.loads(text.splitlines()[-1])) == {"error"}


async def test_a_stream_can_lack_its_last_line(ask: Ask) -> None:
    _, text = await ask("Hi [[no-outcome]]")

    assert not any(json.loads(line)["done"] for line in text.splitlines())


async def test_what_no_client_knows_yet_can_be_sent(ask: Ask) -> None:
    _, text = await ask("Hi [[novel]] [[wrong-model]]")

    assert "hologram" in text
    assert "weather" in text
    assert '"model":"emulated-other-model"' in text


async def test_another_model_is_unknown(ask: Ask) -> None:
    assert await ask("Hi", model="odd") == (404, '{"error":"model \'odd\' not found"}')


async def test_what_arrives_and_what_is_cut_is_counted(ask: Ask, server: Emulator) -> None:
    await ask("Hi")
    with pytest.raises(aiohttp.ClientError):
        await ask("Hi [[cut]]")

    summary = server.counters.summary()
    assert (summary["streams"], summary["streams_ended"], summary["streams_cut_by_server"]) == (2, 1, 1)
    assert summary["bytes_received"] == sum(record.bytes for record in server.counters.requests) > 0
