"""How the emulated vendors fail, refuse, sign and stand on their key."""

from typing import Any

import pytest

from support.vendor_answers import calls_in, ending
from support.vendor_requests import DIALECTS, KEYS, request


async def test_anthropic_thinking_is_signed_and_accepted_back_only_by_its_issuer(start: Any):
    client, stranger = await start("anthropic_messages"), await start("anthropic_messages", issuer="other")
    body = request("anthropic_messages", "Hi", thinking={"type": "enabled", "budget_tokens": 1024})
    answer = await client.json(body)
    body["messages"] += [{"role": "assistant", "content": answer["content"]}, {"role": "user", "content": "Go on"}]

    async with client.post(body) as own, stranger.post(body) as foreign:
        statuses = own.status, foreign.status
        error = await foreign.json()

    assert answer["content"][0]["type"] == "thinking"
    assert statuses == (200, 400)
    assert error["error"]["type"] == "invalid_request_error"
    assert stranger.emulator.counters.summary()["rejections"] == {"thinking_signature": 1}


async def test_omitted_thinking_is_empty_and_still_signed(start: Any):
    client = await start("anthropic_messages")
    thinking = {"type": "adaptive", "display": "omitted"}

    answer = await client.json(request("anthropic_messages", "Hi", model="claude-opus-4-8", thinking=thinking))

    assert answer["content"][0]["thinking"] == ""
    assert len(answer["content"][0]["signature"]) > 200


async def test_each_vendor_refuses_and_filters_in_its_own_form(start: Any):
    anthropic, openai = await start("anthropic_messages"), await start("openai_chat")

    refused = await anthropic.json(request("anthropic_messages", "[[refuse]]"))
    denied = await openai.json(request("openai_chat", "[[refuse]]"))
    filtered = await openai.json(request("openai_chat", "[[filter]]"))

    assert (refused["stop_reason"], refused["content"]) == ("refusal", [])
    assert refused["stop_details"]["type"] == "refusal"
    assert denied["choices"][0]["message"]["refusal"]
    assert denied["choices"][0]["message"]["content"] is None
    assert denied["choices"][0]["finish_reason"] == "stop"
    assert filtered["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("script", "statuses"),
    [
        ("[[overloaded]]", {529, 503}),
        ("[[rate:1.5]]", {429}),
        ("[[server-error]]", {500}),
        ("[[suspended]]", {403}),
        ("[[retired]]", {404}),
        ("[[quota]]", {400, 429}),
    ],
)
async def test_a_fault_is_answered_in_the_vendors_envelope(start: Any, dialect: Any, script: str, statuses: set[int]):
    client = await start(dialect)

    async with client.post(request(dialect, script)) as response:
        error = await response.json()

    assert response.status in statuses
    assert error["error"]["message"]
    assert response.headers.get("retry-after") == ("1.5" if "rate" in script else None)
    assert response.headers["request-id" if dialect == "anthropic_messages" else "x-request-id"].startswith("req_")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_counted_fault_passes_after_its_times(start: Any, dialect: Any):
    client = await start(dialect)
    body = request(dialect, "Hi [[overloaded*2]]")

    statuses: list[int] = []
    for _ in range(3):
        async with client.post(body) as response:
            statuses.append(response.status)

    assert [status == 200 for status in statuses] == [False, False, True]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_faults_of_the_script_wait_until_the_tools_have_answered(start: Any, dialect: Any):
    client = await start(dialect)

    answer = await client.json(request(dialect, "Look [[tools:2]] [[overloaded]]", tools=True))

    assert len(calls_in(dialect, answer)) == 2


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_mood_to_refuse_comes_before_tools(start: Any, dialect: Any):
    client = await start(dialect)
    await client.admin("/behaviour", {"mood": "refuse"})

    answer = await client.json(request(dialect, "Look [[tools:2]]", tools=True))

    assert not calls_in(dialect, answer)
    assert ending(dialect, answer) in ("refusal", "stop")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("script", ["[[rounds:x]] [[tools:]]", "[[text:-3]]", "[[rate:]]", "[[nonsense:1*9]]"])
async def test_a_script_with_a_mistake_is_still_answered(start: Any, dialect: Any, script: str):
    client = await start(dialect)

    async with client.post(request(dialect, f"Hi {script}", tools=True)) as response:
        assert response.status in (200, 429)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_list_of_models_needs_the_key(start: Any, dialect: Any):
    client = await start(dialect, models=("a", "b"))
    url = f"{client.emulator.url}/v1/models"

    async with client.session.get(url, headers=KEYS[dialect]) as known, client.session.get(url) as unknown:
        listed = [one["id"] for one in (await known.json())["data"]]

    assert listed == ["a", "b"]
    assert unknown.status == 401
