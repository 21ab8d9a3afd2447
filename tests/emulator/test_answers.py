"""What the emulated vendors answer, whole and streamed, over real sockets."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest

from offramp_providers.emulator.config import DIALECTS
from support.vendor_requests import KEYS, PLACE, events_of, request

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


def said(dialect: str, answer: Any) -> str:
    if dialect == "openai_chat":
        return answer["choices"][0]["message"]["content"] or ""
    return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def calls_in(dialect: str, answer: Any) -> list[tuple[str, str, Any]]:
    if dialect == "openai_chat":
        calls = answer["choices"][0]["message"].get("tool_calls", [])
        return [(one["id"], one["function"]["name"], json.loads(one["function"]["arguments"])) for one in calls]
    return [(one["id"], one["name"], one["input"]) for one in answer["content"] if one["type"] == "tool_use"]


def ending(dialect: str, answer: Any) -> str:
    return answer["choices"][0]["finish_reason"] if dialect == "openai_chat" else answer["stop_reason"]


async def receive(posting: Any, received: list[bytes]) -> None:
    async with posting as response:
        async for piece in response.content.iter_any():
            received.append(piece)  # noqa: PERF401  # what had arrived must stay when the connection breaks


def folded_anthropic(events: list[tuple[str | None, Any]]) -> Any:
    message: Any = None
    for _, data in events:
        match data["type"]:
            case "message_start":
                message = data["message"]
            case "content_block_start":
                message["content"].append({**data["content_block"], "json": ""})
            case "content_block_delta":
                block, delta = message["content"][data["index"]], dict(data["delta"])
                delta.pop("type")
                for key, piece in delta.items():
                    name = "json" if key == "partial_json" else key
                    block[name] = block[name] + piece
            case "message_delta":
                message |= data["delta"]
                message["usage"] |= data["usage"]
    for block in message["content"]:
        arguments = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = json.loads(arguments)
    return message


def folded_openai(events: list[tuple[str | None, Any]]) -> Any:
    whole: Any = {"role": None, "content": None, "refusal": None}
    calls: dict[int, Any] = {}
    for _, data in events[:-1]:
        for choice in data["choices"]:
            delta = choice["delta"]
            for key in ("content", "refusal"):
                if delta.get(key) is not None:
                    whole[key] = (whole[key] or "") + delta[key]
            for call in delta.get("tool_calls", []):
                held = calls.setdefault(call["index"], {**call, "function": {**call["function"], "arguments": ""}})
                held["function"]["arguments"] += call["function"]["arguments"]
            whole["finish_reason"] = choice["finish_reason"]
    whole["tool_calls"] = [{key: call[key] for key in call if key != "index"} for call in calls.values()]
    return whole


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
@pytest.mark.parametrize("script", ["[[text:30]]", "[[tools:2]]", "[[refuse]]", "[[thinking]] [[redacted]]"])
async def test_a_folded_stream_equals_the_whole_answer(start: Any, dialect: Any, script: str):
    whole_client, stream_client = await start(dialect), await start(dialect)
    body = request(dialect, f"Go {script}", tools=True)

    whole = await whole_client.json(body)
    async with stream_client.post({**body, "stream": True}) as response:
        events = await events_of(response)

    if dialect == "anthropic_messages":
        assert folded_anthropic(events) == whole
    else:
        message = {**whole["choices"][0]["message"], "finish_reason": whole["choices"][0]["finish_reason"]}
        message.pop("annotations")
        expected = {**message, "role": None, "tool_calls": message.get("tool_calls", [])}
        assert folded_openai(events) == expected


async def test_anthropic_events_come_in_the_vendors_order(start: Any):
    client = await start("anthropic_messages")
    body = request("anthropic_messages", "Hi", thinking={"type": "enabled", "budget_tokens": 1024}, stream=True)

    async with client.post(body) as response:
        events = await events_of(response)

    names = [name for name, _ in events]
    assert names == [data["type"] for _, data in events]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    deltas = [data["delta"]["type"] for _, data in events if data["type"] == "content_block_delta"]
    assert deltas.index("signature_delta") == deltas.count("thinking_delta")
    assert set(deltas[deltas.index("signature_delta") + 1 :]) == {"text_delta"}


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


async def test_openai_usage_comes_in_an_extra_chunk_only_on_request(start: Any):
    client = await start("openai_chat")
    body = request("openai_chat", "Hi", stream=True)

    async with client.post(body) as response:
        without = await events_of(response)
    async with client.post({**body, "stream_options": {"include_usage": True}}) as response:
        asked = await events_of(response)

    assert without[-1][1] == asked[-1][1] == "[DONE]"
    assert not any("usage" in data for _, data in without[:-1])
    assert asked[-2][1]["choices"] == []
    assert asked[-2][1]["usage"]["total_tokens"] > 0
    assert all(data["usage"] is None for _, data in asked[:-2])


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
@pytest.mark.parametrize(
    ("script", "keeps_outcome", "keeps_terminator"),
    [("[[no-terminator]]", True, False), ("[[no-outcome]]", False, False), ("", True, True)],
)
async def test_a_stream_can_lack_its_end(
    start: Any, dialect: Any, script: str, keeps_outcome: bool, keeps_terminator: bool
):
    client = await start(dialect)

    async with client.post(request(dialect, f"Hi {script}", stream=True)) as response:
        text = await response.text()

    assert (('"finish_reason":"stop"' in text) or ('"stop_reason":"end_turn"' in text)) == keeps_outcome
    assert (text.endswith("[DONE]\n\n") or "event: message_stop" in text) == keeps_terminator


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_stream_can_end_in_an_error(start: Any, dialect: Any):
    client = await start(dialect)

    async with client.post(request(dialect, "Hi [[stream-error]]", stream=True)) as response:
        events = await events_of(response)

    assert response.status == 200
    assert "error" in events[-1][1]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_breaks_the_connection_after_some_of_the_answer(start: Any, dialect: Any, stream: bool):
    client = await start(dialect)
    received: list[bytes] = []

    with pytest.raises(aiohttp.ClientError):
        await receive(client.post(request(dialect, "Hi [[cut]]", stream=stream)), received)

    assert received
    assert client.emulator.counters.requests[0].cut == "server"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_no_client_knows_yet_can_be_sent(start: Any, dialect: Any):
    client = await start(dialect)

    async with client.post(request(dialect, "Hi [[novel]] [[wrong-model]]", stream=True)) as response:
        text = await response.text()

    assert "hologram" in text
    assert "weather" in text
    assert '"model":"emulated-other-model"' in text


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


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_faults_of_the_script_wait_until_the_tools_have_answered(start: Any, dialect: Any):
    client = await start(dialect)

    answer = await client.json(request(dialect, "Look [[tools:2]] [[overloaded]]", tools=True))

    assert len(calls_in(dialect, answer)) == 2


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_cut_can_fall_into_the_tool_calls(start: Any, dialect: Any):
    client = await start(dialect)

    with pytest.raises(aiohttp.ClientError):
        async with client.post(request(dialect, "Look [[tools:2]] [[cut-call]]", tools=True, stream=True)) as response:
            await response.read()

    assert client.emulator.counters.requests[0].cut == "server"


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


@pytest.mark.parametrize("script", ["[[text:5]]", "[[tools:2]]", "[[refuse]]", "[[filter]]"])
async def test_openai_answers_have_the_shape_the_vendor_publishes(start: Any, script: str):
    path = Path(__file__).parents[3] / "shared" / "specs" / "openai.json"
    if not path.exists():
        pytest.skip("the published schemas are not here")
    spec = json.loads(path.read_text(encoding="utf-8"))
    client = await start("openai_chat")
    body = request("openai_chat", script, tools=True)

    whole = await client.json(body)
    async with client.post({**body, "stream": True, "stream_options": {"include_usage": True}}) as response:
        chunks = [data for _, data in (await events_of(response))[:-1]]

    for root, found in (("response", [whole]), ("chunk", chunks)):
        schema = {"$ref": f"#/components/schemas/{spec['roots'][f'openai.chat.{root}']}"}
        checker = jsonschema.Draft202012Validator({**schema, "components": spec["components"]})
        for one in found:
            checker.validate(one)
