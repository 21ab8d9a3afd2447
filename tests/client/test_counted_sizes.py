"""Where an estimate alone stands against a request, the endpoint counts it first: a send like any other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp import CapabilityError, Prohibited
from offramp.contracts.state import OrderDraft
from offramp.state import open_store
from offramp.types import Selector

Deploy = Callable[..., Any]

OFFERS = """
[[endpoints.b.offers]]
evidence = { level = "declared", checked = 2026-11-26 }
context_tokens = 4000
max_output_tokens = 500
price = { input_usd = "2", output_usd = "10" }
"""
BY_ENDPOINT = 'counted_by = "endpoint"\nneeds.fits_context = true'
CEILING = 'counted_by = "endpoint"\nneeds = { max_cost_usd = 0.005, context_tokens = 1500, output_tokens = 100 }'
SHORT = {"max_output_tokens": 100}
UNCERTAIN = "word " * 800
"""The over-estimate is above 4,000 tokens, and the count is not."""


def paths_asked(place: Any) -> list[str]:
    return [each.path for each in place.emulator.counters.requests]


def entries(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / "audit").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("mission", [BY_ENDPOINT, CEILING])
async def test_a_request_that_fits_by_the_endpoint_s_own_count_is_sent(mission: str, deploy: Deploy):
    place = await deploy("anthropic_messages", mission=mission, offers=OFFERS)

    answer = await place.mission.generate(UNCERTAIN, settings=SHORT)

    assert answer.text
    assert answer.timings.attempts == 1
    assert paths_asked(place) == ["/v1/messages/count_tokens", "/v1/messages"]


async def test_a_stream_is_counted_as_well(deploy: Deploy):
    place = await deploy("anthropic_messages", mission=BY_ENDPOINT, offers=OFFERS)

    async with place.mission.stream(UNCERTAIN, settings=SHORT) as stream:
        assert "".join([text async for text in stream.text])

    assert paths_asked(place) == ["/v1/messages/count_tokens", "/v1/messages"]


async def test_the_count_is_decided_and_logged_as_a_send_of_its_own(deploy: Deploy, tmp_path: Path):
    place = await deploy("anthropic_messages", mission=BY_ENDPOINT, offers=OFFERS)

    await place.mission.generate(UNCERTAIN, settings=SHORT)
    await place.client.aclose()

    told = [each for each in entries(tmp_path) if each["kind"] in ("decision", "sent", "outcome")]
    assert [each["kind"] for each in told] == ["decision", "sent", "outcome"] * 2
    counting, answering = ({each["call_id"] for each in told[start : start + 3]} for start in (0, 3))
    assert len(counting) == len(answering) == 1
    assert counting != answering


async def test_a_request_that_its_count_refuses_is_not_sent(deploy: Deploy):
    place = await deploy("anthropic_messages", mission=BY_ENDPOINT, offers=OFFERS)

    with pytest.raises(CapabilityError, match="counted by the endpoint"):
        await place.mission.generate("word " * 4_000, settings=SHORT)

    assert paths_asked(place) == ["/v1/messages/count_tokens"]


@pytest.mark.parametrize(
    ("mission", "text"),
    [
        (BY_ENDPOINT, "Flood"),  # the estimate lets it pass
        ("needs = { context_tokens = 100 }", UNCERTAIN),  # nothing rests on its size
    ],
)
async def test_nothing_is_counted_without_need(mission: str, text: str, deploy: Deploy):
    place = await deploy("anthropic_messages", mission=mission, offers=OFFERS)

    await place.mission.generate(text, settings=SHORT)

    assert paths_asked(place) == ["/v1/messages"]


@pytest.mark.parametrize(
    ("mission", "text"),
    [
        ("needs.fits_context = true", UNCERTAIN),  # the mission has not allowed it
        (BY_ENDPOINT, "x" * 40_000),  # no count could let it pass
        (
            'counted_by = "endpoint"\nneeds = { max_cost_usd = 0.0005, context_tokens = 1, output_tokens = 1 }',
            UNCERTAIN,
        ),
    ],
)
async def test_where_a_count_is_not_allowed_or_could_not_help_nothing_is_sent(mission: str, text: str, deploy: Deploy):
    place = await deploy("anthropic_messages", mission=mission, offers=OFFERS)

    with pytest.raises(CapabilityError, match=r"estimate"):
        await place.mission.generate(text, settings=SHORT)

    assert paths_asked(place) == []


async def test_an_endpoint_without_a_counter_refuses_by_the_estimate_and_says_why(deploy: Deploy):
    seen = '{ level = "declared", checked = 2026-11-26 }'
    none = f'count_tokens = {{ support = "unsupported", evidence = {seen} }}'
    place = await deploy("openai_chat", none, mission=BY_ENDPOINT, offers=OFFERS)

    with pytest.raises(CapabilityError, match="over-estimate") as caught:
        await place.mission.generate(UNCERTAIN, settings=SHORT)

    assert any("count could not be had" in note for note in caught.value.__notes__)
    assert paths_asked(place) == []


async def test_vendor_options_are_not_counted_around(deploy: Deploy):
    place = await deploy("anthropic_messages", mission=BY_ENDPOINT, offers=OFFERS)

    with pytest.raises(CapabilityError, match="over-estimate") as caught:
        await place.mission.generate(
            UNCERTAIN, settings=SHORT, vendor_options={"anthropic_messages": {"speed": "fast"}}
        )

    assert "vendor options cannot be counted" in caught.value.__notes__
    assert paths_asked(place) == []


async def test_an_order_stops_the_count_too(deploy: Deploy, tmp_path: Path):
    place = await deploy("anthropic_messages", mission=BY_ENDPOINT, offers=OFFERS)
    store = open_store("sqlite:state.db", base=tmp_path)
    store.commit(OrderDraft(selector=Selector.parse("endpoint:b"), state="prohibited", reason="r", by="ann"))
    store.close()

    with pytest.raises(Prohibited):
        await place.mission.generate(UNCERTAIN, settings=SHORT)

    assert place.emulator.counters.summary()["requests_begun"] == 0
