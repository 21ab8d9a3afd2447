"""Claude on Google Cloud, from the front door to a strict server on a socket; and what that server refuses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from offramp import AsyncClient, AsyncMission, ProviderError, Text, ToolCall
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment

PLACE = "/v1/projects/p/locations/eu/publishers/anthropic"
MODEL = "claude-opus-4-1@20250805"
BODY: dict[str, Any] = {
    "anthropic_version": "vertex-2023-10-16",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
async def cloud() -> AsyncIterator[Emulator]:
    config = EmulatorConfig("anthropic_messages", key="token", hosting="google-cloud", pace_s=0, models=(MODEL,))
    async with serve(config) as emulator:
        yield emulator


@pytest.fixture
async def mission(cloud: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncMission]:
    monkeypatch.setenv("TOKEN", "token")
    # No terms of that host ship, so that policy would deny it; here it is a server of our own.
    where = f'key.env = "TOKEN"\nchannel = "self-host"\nbase_url = "{cloud.url}{PLACE}"'
    path = write_deployment(tmp_path, b=where, b_vendor="vertex-claude", b_model=MODEL)
    path.write_text(path.read_text().replace('route = ["a", "b"]', 'route = ["b"]'))
    async with AsyncClient.from_file(path) as client:
        yield client.mission("triage")


def units_near(place: str) -> str:
    """Units near a place."""
    return place


async def test_a_call_is_answered(mission: AsyncMission, cloud: Emulator):
    answer = await mission.generate("Hello", system="Be brief.")

    assert answer.text
    assert answer.losses[0].code == "max_output_tokens.injected"
    assert len(answer.losses) == 1
    assert cloud.counters.summary()["rejections"] == {}


async def test_a_stream_is_read(mission: AsyncMission):
    async with mission.stream("Hello [[text:20]]") as stream:
        text = "".join([piece async for piece in stream.text])

    assert len(text.split()) > 5
    assert stream.response.text == text


async def test_tools_are_called_and_answered(mission: AsyncMission):
    called = await mission.generate("Who? [[tools:1]]", tools=[units_near])
    answer = await mission.run("Who? [[tools:1]]", tools=[units_near])

    assert any(isinstance(part, ToolCall) for part in called.message.parts)
    assert any(isinstance(part, Text) for part in answer.message.parts)


async def test_thinking_goes_back_to_the_host_that_signed_it(mission: AsyncMission):
    session = mission.session("c")
    await session.generate("One [[thinking]]")

    answer = await session.generate("Two")

    assert answer.text
    assert {loss.code for loss in answer.losses} == {"max_output_tokens.injected"}


async def test_tokens_are_counted(mission: AsyncMission):
    assert (await mission.count_tokens("Hello")).input_tokens


@pytest.mark.parametrize("directive", ["overloaded", "rate:0", "retired", "suspended"])
async def test_the_hosts_errors_are_told_apart(directive: str, mission: AsyncMission):
    with pytest.raises(ProviderError) as caught:
        await mission.generate(f"Hello [[{directive}]]", timeout_s=20)

    assert caught.value.vendor_code


@pytest.mark.parametrize(
    ("path", "changes", "headers", "status"),
    [
        (f"{PLACE}/models/{MODEL}:rawPredict", {}, {}, 200),
        (f"{PLACE}/models/{MODEL}:streamRawPredict", {"stream": True}, {}, 200),
        (f"{PLACE}/models/count-tokens:rawPredict", {"model": MODEL, "max_tokens": None}, {}, 200),
        ("/v1/messages", {"model": MODEL}, {}, 404),
        (f"{PLACE}/models/other:rawPredict", {}, {}, 404),
        (f"{PLACE}/models/{MODEL}:rawPredict", {"model": MODEL}, {}, 400),
        (f"{PLACE}/models/{MODEL}:rawPredict", {"anthropic_version": None}, {}, 400),
        (f"{PLACE}/models/{MODEL}:rawPredict", {"anthropic_version": "2023-06-01"}, {}, 400),
        (f"{PLACE}/models/{MODEL}:rawPredict", {"stream": True}, {}, 400),
        (f"{PLACE}/models/{MODEL}:streamRawPredict", {}, {}, 400),
        (f"{PLACE}/models/count-tokens:rawPredict", {}, {}, 400),
        (f"{PLACE}/models/{MODEL}:rawPredict", {}, {"x-api-key": "token"}, 401),
        (f"{PLACE}/models/{MODEL}:rawPredict", {}, {"authorization": "Bearer other"}, 401),
    ],
)
async def test_whatever_stands_elsewhere_is_refused(
    path: str, changes: dict[str, Any], headers: dict[str, str], status: int, cloud: Emulator
):
    body = {key: content for key, content in {**BODY, **changes}.items() if content is not None}
    async with (
        aiohttp.ClientSession() as session,
        session.post(cloud.url + path, json=body, headers={"authorization": "Bearer token", **headers}) as answer,
    ):
        assert answer.status == status
