"""What the emulated vendors say: text, calls, structured output, usage."""

import json
from typing import Any

import jsonschema
import pytest

from support.vendor_answers import calls_in, ending, said
from support.vendor_requests import DIALECTS, PLACE, request

FORM = {
    "type": "object",
    "properties": {
        "urgent": {"type": "boolean"},
        "place": {"type": "string"},
        "kind": {"enum": ["flood", "fire"]},
        "units": {"type": "array", "items": {"$ref": "#/$defs/unit"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["urgent", "place", "kind", "units", "note"],
    "additionalProperties": False,
    "$defs": {
        "unit": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
            "required": ["name", "size"],
            "additionalProperties": False,
        }
    },
}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_same_request_to_the_same_seed_gets_the_same_answer(start: Any, dialect: Any):
    body = request(dialect, "Hello [[text:20]]")
    first, second, other = await start(dialect), await start(dialect), await start(dialect, seed=1)

    answers = [await one.json(body) for one in (first, second, other)]

    assert answers[0] == answers[1]
    assert said(dialect, answers[0]) != said(dialect, answers[2])


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_ids_differ_when_the_same_request_is_answered_twice(start: Any, dialect: Any):
    client = await start(dialect)
    body = request(dialect, "Look [[tools:2]]", tools=True)

    first, second = await client.json(body), await client.json(body)

    ids = {first["id"], second["id"], *(call[0] for one in (first, second) for call in calls_in(dialect, one))}
    assert len(ids) == 6


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_two_tools_are_called_in_parallel_with_arguments_that_fit(start: Any, dialect: Any):
    client = await start(dialect)

    answer = await client.json(request(dialect, "Look [[tools:2]]", tools=True))

    calls = calls_in(dialect, answer)
    assert [name for _, name, _ in calls] == ["units_near", "water_level"]
    for _, _, arguments in calls:
        jsonschema.validate(arguments, PLACE)
    assert ending(dialect, answer) in ("tool_use", "tool_calls")


@pytest.mark.parametrize(
    ("dialect", "setting"),
    [
        ("anthropic_messages", {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}),
        ("openai_chat", {"parallel_tool_calls": False}),
    ],
)
async def test_one_tool_is_called_where_parallel_calls_are_off(start: Any, dialect: Any, setting: Any):
    client = await start(dialect)

    answer = await client.json(request(dialect, "Look [[tools:2]]", tools=True, **setting))

    assert len(calls_in(dialect, answer)) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_answer_after_tools_quotes_each_result(start: Any, dialect: Any):
    client = await start(dialect, also_recalled=True)
    body = request(dialect, "Look [[tools:2]] [[canary:HERON]]", tools=True)
    answer = await client.json(body)
    results = [(call[0], f"result {index}") for index, call in enumerate(calls_in(dialect, answer))]
    if dialect == "openai_chat":
        body["messages"].append(answer["choices"][0]["message"])
        body["messages"] += [{"role": "tool", "tool_call_id": call, "content": text} for call, text in results]
    else:
        blocks = [{"type": "tool_result", "tool_use_id": call, "content": text} for call, text in results]
        body["messages"] += [
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": blocks},
        ]

    final = await client.json(body)

    text = said(dialect, final)
    assert "result 0" in text
    assert "result 1" in text
    assert "HERON" in text
    assert ending(dialect, final) in ("end_turn", "stop")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_structured_output_fits_the_schema_asked_for(start: Any, dialect: Any):
    client = await start(dialect, also_recalled=True)
    form = {"type": "json_schema", "schema": FORM}
    named = {"type": "json_schema", "json_schema": {"name": "triage", "strict": True, "schema": FORM}}
    setting = {"response_format": named} if dialect == "openai_chat" else {"output_config": {"format": form}}

    answer = await client.json(request(dialect, "Flood [[canary:HERON]]", **setting))

    found = json.loads(said(dialect, answer))
    jsonschema.validate(found, FORM)
    assert found["place"].startswith("HERON")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_token_limit_and_a_stop_sequence_end_the_answer(start: Any, dialect: Any):
    client = await start(dialect)
    anthropic = dialect == "anthropic_messages"

    short = await client.json(request(dialect, "Hi [[text:200]]", max_tokens=10))
    stopped = await client.json(request(dialect, "Hi", **{"stop_sequences" if anthropic else "stop": ["urn"]}))

    assert ending(dialect, short) in ("max_tokens", "length")
    assert len(said(dialect, short)) == 40
    assert said(dialect, stopped) == "T"
    assert ending(dialect, stopped) == ("stop_sequence" if anthropic else "stop")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_input_that_was_seen_before_is_counted_as_cached(start: Any, dialect: Any):
    client = await start(dialect)
    body = request(dialect, "word " * 2000)

    first = (await client.json(body))["usage"]
    second = (await client.json(body))["usage"]

    if dialect == "openai_chat":
        assert first["prompt_tokens_details"]["cached_tokens"] == 0
        assert 1024 <= second["prompt_tokens_details"]["cached_tokens"] <= second["prompt_tokens"]
        assert second["total_tokens"] == second["prompt_tokens"] + second["completion_tokens"]
    else:
        assert second["cache_read_input_tokens"] >= 1024
        assert second["input_tokens"] + second["cache_read_input_tokens"] == first["input_tokens"]


async def test_several_candidates_are_answered_by_the_vendor_that_has_them(start: Any):
    client = await start("openai_chat")

    answer = await client.json(request("openai_chat", "Hi", n=3))

    texts = {choice["message"]["content"] for choice in answer["choices"]}
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert len(texts) == 3


async def test_input_tokens_can_be_counted_without_an_answer(start: Any):
    client = await start("anthropic_messages")
    body = request("anthropic_messages", "Hi")
    usage = (await client.json(body))["usage"]
    body.pop("max_tokens")

    async with client.session.post(
        f"{client.emulator.url}/v1/messages/count_tokens",
        json=body,
        headers={"x-api-key": "k", "anthropic-version": "2023-06-01"},
    ) as response:
        counted = await response.json()

    assert counted == {"input_tokens": usage["input_tokens"]}


@pytest.mark.parametrize(("model", "names"), [("claude-sonnet-4-5", False), ("claude-sonnet-4-6", True)])
async def test_a_newer_model_says_who_calls_and_takes_it_back(start: Any, model: str, names: bool):
    client = await start("anthropic_messages", also_recalled=True)
    body = request("anthropic_messages", "Look [[tools:1]]", tools=True, model=model)
    answer = await client.json(body)
    call = next(block for block in answer["content"] if block["type"] == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "two"}
    body["messages"] += [{"role": "assistant", "content": answer["content"]}, {"role": "user", "content": [result]}]

    async with client.post(body) as response:
        assert response.status == 200
    assert ("caller" in call) == names
