"""What cannot fit, or may cost more than the mission allows, is refused before a byte leaves."""

from collections.abc import Callable
from typing import Any

import pytest

from offramp import CapabilityError, FunctionTool, GenerateRequest, user

Deploy = Callable[..., Any]

OFFERS = """
[[endpoints.b.offers]]
evidence = { level = "declared", checked = 2026-11-26 }
context_tokens = 4000
max_output_tokens = 500
price = { input_usd = "2", output_usd = "10" }
"""


@pytest.mark.parametrize("dialect", ["anthropic_messages", "openai_chat"])
@pytest.mark.parametrize(
    ("mission", "text", "words"),
    [
        ("", "x" * 40_000, "at least 5000 tokens"),
        ("needs.fits_context = true", "x" * 4_000, "and a context of 4000"),
        (
            "needs = { max_cost_usd = 0.01, context_tokens = 2000, output_tokens = 500 }",
            "x" * 4_000,
            "the ceiling is 0.01",
        ),
    ],
)
async def test_it_is_refused_with_the_numbers_and_nothing_is_sent(
    deploy: Deploy, dialect: str, mission: str, text: str, words: str
):
    place = await deploy(dialect, mission=mission, offers=OFFERS)

    with pytest.raises(CapabilityError, match=words):
        await place.mission.generate(text)
    fitting = await place.mission.generate("Flood", settings={"max_output_tokens": 50})

    assert fitting.text
    assert place.emulator.counters.summary()["requests_begun"] == 1


async def test_a_longer_answer_than_the_model_writes_is_clamped_on_the_wire(deploy: Deploy):
    place = await deploy("anthropic_messages", offers=OFFERS)

    response = await place.mission.generate("Flood", settings={"max_output_tokens": 5000})

    assert place.sent[0]["max_tokens"] == 500
    assert ("max_output_tokens", "clamped") in [(loss.path, loss.action) for loss in response.losses]


async def test_too_many_functions_are_refused(deploy: Deploy):
    evidence = '{ level = "declared", checked = 2026-11-26 }'
    limited = f'tools = {{ support = "native", evidence = {evidence}, limits = {{ count = 1 }} }}'
    place = await deploy("openai_chat", limited)
    tools = tuple(FunctionTool(name, schema={"type": "object", "properties": {}}) for name in ("a", "b"))

    with pytest.raises(CapabilityError, match="2 functions, takes 1 at most"):
        await place.mission.generate(GenerateRequest((user("Flood"),), tools=tools))

    assert place.sent == []
