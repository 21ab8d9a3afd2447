"""The front door against strict vendors on loopback: text, streams, tools in parallel, structured output."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from offramp.types import ToolCall

DIALECTS = ("anthropic_messages", "gemini", "openai_chat")
EVERY = pytest.mark.parametrize("dialect", DIALECTS)


class Place(BaseModel):
    """An answer."""

    place: str
    limit: int


@EVERY
async def test_an_answer_and_a_stream_arrive(deploy: Callable[..., Any], dialect: str):
    place = await deploy(dialect)

    whole = await place.mission.generate("Hello [[canary:seven]]")
    async with place.mission.stream("Hello [[canary:seven]]") as stream:
        streamed = await stream.collect()

    assert "seven" in whole.text
    assert "seven" in streamed.text


@EVERY
async def test_tools_run_once_each_and_their_results_come_back(deploy: Callable[..., Any], dialect: str):
    place = await deploy(dialect)
    ran: list[str] = []

    def units_near(place: str) -> str:
        """Units near a place."""
        ran.append(place)
        return f"two units near {place}"

    answer = await place.mission.session("case").run("Who is near? [[tools:2]] [[thinking]]", tools=[units_near])

    assert len(ran) == 2
    assert answer.text.count("two units near") == 2
    assert not any(isinstance(part, ToolCall) for part in answer.message.parts)
    assert {record.status for record in place.emulator.counters.requests} == {200}


@EVERY
async def test_structured_output_is_an_object_of_its_class(deploy: Callable[..., Any], dialect: str):
    place = await deploy(dialect)

    answer = await place.mission.generate("Where?", output=Place)

    assert isinstance(answer.output, Place)
