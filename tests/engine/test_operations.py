"""Counting, embedding and listing at a real inference server, through the front door."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from offramp import AsyncClient, AsyncMission
from support.deployment import write_deployment

if TYPE_CHECKING:
    from conftest import Engine


@pytest.fixture
async def mission(engine: "Engine", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[AsyncMission]:
    """Endpoint a speaks Anthropic Messages; b is the server as its own profile has it."""
    monkeypatch.setenv("ENGINE_KEY", engine.key)
    where = f'served_as = ["tiny*"]\nkey.env = "ENGINE_KEY"\nbase_url = "{engine.url}'
    path = write_deployment(
        tmp_path, a=f'{where}"', b=f'{where}/v1"', b_vendor="llama-cpp", b_model="tiny-random", mission=""
    )
    async with AsyncClient.from_file(path) as client:
        yield client.mission("triage")


async def test_both_dialects_count_the_same_tokens_and_more_for_more_words(mission: AsyncMission):
    counts = {
        endpoint: [
            (await mission.count_tokens(text, endpoint=endpoint)).input_tokens
            for text in ("Hello", "Hello, who is near?")
        ]
        for endpoint in ("a", "b")
    }

    assert counts["a"] == counts["b"]
    assert counts["a"][0]
    assert counts["a"][1]
    assert counts["a"][0] < counts["a"][1]


async def test_what_was_counted_is_what_is_read(mission: AsyncMission):
    counted = await mission.count_tokens("Hello, who is near?", endpoint="a")

    answer = await mission.generate("Hello, who is near?", settings={"max_output_tokens": 5})

    assert answer.usage.raw
    # The server writes apart what it had read before.
    assert answer.usage.raw["input_tokens"] + (answer.usage.cache_read_tokens or 0) == counted.input_tokens


async def test_a_text_has_one_vector_and_another_has_another(
    embedding_engine: "Engine", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ENGINE_KEY", embedding_engine.key)
    where = f'key.env = "ENGINE_KEY"\nbase_url = "{embedding_engine.url}/v1"'
    path = write_deployment(tmp_path, b=where, b_vendor="llama-cpp", b_model="tiny-random")
    path.write_text(path.read_text().replace('route = ["a", "b"]', 'route = ["b"]'))

    async with AsyncClient.from_file(path) as client:
        told = await client.mission("triage").embed(["flood", "fire", "flood"])

    one, other, again = told.vectors
    assert one == again != other
    assert len(one) == 64
    assert told.usage.input_tokens


async def test_the_served_model_is_listed(mission: AsyncMission):
    told = await mission.models("b")

    assert [model.name for model in told.models] == ["tiny-random"]
    assert told.models[0].developer == "llamacpp"
    assert told.models[0].created
