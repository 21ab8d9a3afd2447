"""The whole front door against a real inference server, in both dialects."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from offramp import AsyncClient, AsyncMission, OutcomeKind
from support.deployment import write_deployment

if TYPE_CHECKING:
    from conftest import Engine


class Report(BaseModel):
    title: str
    count: int


@pytest.fixture(params=["openai_chat", "anthropic_messages"])
async def mission(
    engine: "Engine", tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[AsyncMission]:
    monkeypatch.setenv("ENGINE_KEY", engine.key)
    where = f'served_as = ["tiny*"]\nkey.env = "ENGINE_KEY"\nbase_url = "{engine.url}'
    a, b = f'{where}"', f'{where}/v1"'
    path = write_deployment(tmp_path, a=a, b=b, b_vendor="openai", b_model="gpt-5.6")
    if request.param == "openai_chat":
        path.write_text(path.read_text().replace('route = ["a", "b"]', 'route = ["b", "a"]'))
    async with AsyncClient.from_file(path) as client:
        yield client.mission("triage")


async def test_a_call_is_answered_with_usage(mission: AsyncMission):
    response = await mission.generate("Tell me about the depot.", settings={"max_output_tokens": 60})

    assert response.text
    assert response.usage.output_tokens
    assert response.origin is not None


async def test_a_conversation_streams_and_goes_on(mission: AsyncMission):
    case = mission.session("case")

    async with case.stream("Tell me about the depot.", settings={"max_output_tokens": 60}) as stream:
        text = "".join([piece async for piece in stream.text])
    second = await case.run("And the road?", settings={"max_output_tokens": 60})

    assert text == stream.response.text
    assert stream.response.outcome.kind in (OutcomeKind.COMPLETED, OutcomeKind.MAX_OUTPUT)
    assert [message.role for message in case.messages] == ["user", "assistant", "user", "assistant"]
    assert second.text


async def test_an_answer_fits_the_class_that_was_asked_for(mission: AsyncMission, request: pytest.FixtureRequest):
    if "anthropic_messages" in request.node.name:
        pytest.skip("this server ignores output_config.format on /v1/messages")

    response = await mission.generate("Report.", output=Report, settings={"max_output_tokens": 400})

    assert isinstance(response.output, Report)
