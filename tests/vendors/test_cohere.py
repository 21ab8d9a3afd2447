"""What is peculiar to Cohere's API reaches the wire by its profile, and a call goes through over a socket."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from offramp.catalog import load_profile
from offramp.errors import CapabilityError, ConfigurationError, ProviderError, ProviderErrorKind
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Message,
    OutcomeKind,
    ReasoningAdaptive,
    ReasoningSettings,
    ResponseFailed,
    RoutingField,
    SchemaOutput,
    Text,
    ToolCall,
    ToolChoiceNamed,
    ToolResult,
    fold,
    user,
)
from offramp_providers.emulator import EmulatorConfig, serve
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken

Make = Callable[..., Any]
MODEL = "command-a-plus-05-2026"
ASK = GenerateRequest((user("How high is the water?"),))
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
LOOK, WAIT = FunctionTool("look", schema=SCHEMA, strict=True), FunctionTool("wait", schema=SCHEMA, strict=True)
STRICT = EmulatorConfig("cohere_v2", pace_s=0, key="made-up", also_recalled=True)


def test_the_key_is_a_bearer_token_and_the_version_stands_in_the_path(endpoint: Make, prepare: Make):
    call = prepare(endpoint("cohere", MODEL), ASK)

    assert call.http.url == "https://api.cohere.com/v2/chat"
    assert call.http.headers["authorization"] == "Bearer made-up"
    assert json.loads(call.http.body) == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "How high is the water?"}],
    }


def test_sources_that_are_asked_on_ones_behalf_are_refused(endpoint: Make, prepare: Make):
    asking = RoutingField(dialect="cohere_v2", name="connectors", raw=[{"id": "web-search"}])

    with pytest.raises(ConfigurationError):
        prepare(endpoint("cohere", MODEL), GenerateRequest(ASK.messages, routing=(asking,)))


def test_a_vendors_own_field_is_added_as_a_vendor_option(endpoint: Make, prepare: Make):
    call = prepare(endpoint("cohere", MODEL), ASK, {"safety_mode": "STRICT"})

    assert json.loads(call.http.body)["safety_mode"] == "STRICT"


def test_a_name_that_the_vendor_refuses_is_refused_here(endpoint: Make, prepare: Make):
    with pytest.raises(CapabilityError, match="look-up") as caught:
        prepare(endpoint("cohere", MODEL), GenerateRequest(ASK.messages, tools=(FunctionTool("look-up"),)))

    assert "underscores" in str(caught.value.mend)


def test_what_the_profile_denies_is_what_the_dialect_names_as_lost(endpoint: Make, prepare: Make):
    claims = load_profile("cohere").capabilities
    asked = GenerateRequest(ASK.messages, candidates=2, reasoning=ReasoningSettings(effort="high"))

    losses = {loss.path for loss in prepare(endpoint("cohere", MODEL), asked).losses}

    assert losses == {"candidates", "reasoning.effort"}
    assert {claims[name].support for name in ("candidates", "reasoning.effort")} == {"unsupported"}


# Over a socket.


async def ask(endpoint: Make, url: str, request: GenerateRequest) -> Any:
    provider = HttpProvider(endpoint("cohere", MODEL, base_url=url))
    try:
        call = provider.prepare(request)
        token = OpenToken(provider.endpoint.identity)
        if not request.stream:
            return await provider.send(call, token=token)
        async with provider.stream(call, token=token) as batches:
            return [batch async for several in batches for batch in several]
    finally:
        await provider.aclose()


async def test_a_whole_answer_comes_back(endpoint: Make):
    async with serve(STRICT) as server:
        answer = await ask(endpoint, server.url, ASK)

        assert answer.outcome.kind is OutcomeKind.COMPLETED
        assert answer.text.startswith("Turn 1.")
        assert answer.usage.output_tokens > 0
        assert answer.origin.model is None
        assert answer.origin.response_id


async def test_a_stream_says_what_the_whole_answer_says(endpoint: Make):
    async with serve(STRICT) as server:
        whole = await ask(endpoint, server.url, ASK)
        streamed = fold(await ask(endpoint, server.url, GenerateRequest(ASK.messages, stream=True)))

        assert (streamed.text, streamed.outcome, streamed.usage) == (whole.text, whole.outcome, whole.usage)
        assert server.counters.summary()["streams_ended"] == 1


@pytest.mark.parametrize("streams", [True, False])
async def test_calls_are_made_and_their_results_cited(endpoint: Make, streams: bool):
    asked = user("[[tools:look,look]] Look, please.")
    async with serve(STRICT) as server:
        first = await ask(endpoint, server.url, GenerateRequest((asked,), tools=(LOOK, WAIT), stream=streams))
        called = fold(first) if streams else first
        calls = [part for part in called.message.parts if isinstance(part, ToolCall)]
        results = tuple(ToolResult(call.call_id, (Text(f"{n} metres"),)) for n, call in enumerate(calls))
        then = GenerateRequest((asked, called.message, Message("tool", results)), tools=(LOOK, WAIT), stream=streams)

        last = await ask(endpoint, server.url, then)
        answer = fold(last) if streams else last

    assert called.outcome.kind is OutcomeKind.TOOL_CALLS
    assert [(call.name, "place" in json.loads(call.arguments_json or "")) for call in calls] == [("look", True)] * 2
    assert all(f"The tool says: {n} metres." in answer.text for n in range(2))
    (said,) = answer.message.parts
    assert [each.quoted for each in said.citations] == ["0 metres", "1 metres"]
    assert answer.losses == ()


async def test_a_tool_that_must_be_called_is_offered_alone(endpoint: Make):
    chosen = GenerateRequest(ASK.messages, tools=(WAIT, LOOK), tool_choice=ToolChoiceNamed("look"))

    async with serve(STRICT) as server:
        answer = await ask(endpoint, server.url, chosen)

    assert [part.name for part in answer.message.parts if isinstance(part, ToolCall)] == ["look"]
    assert {(loss.code, loss.path) for loss in answer.losses} == {
        ("tool_choice.emulated", "tool_choice"),
        ("tool_choice.emulated", "tools[0]"),
    }


async def test_thinking_comes_back_apart_from_the_answer(endpoint: Make):
    asked = GenerateRequest(ASK.messages, reasoning=ReasoningSettings(mode=ReasoningAdaptive()), stream=True)

    async with serve(STRICT) as server:
        told = fold(await ask(endpoint, server.url, asked))

    assert [part.type for part in told.message.parts] == ["reasoning", "text"]


async def test_an_answer_fits_the_schema_that_was_asked_for(endpoint: Make):
    async with serve(STRICT) as server:
        answer = await ask(endpoint, server.url, GenerateRequest(ASK.messages, output=SchemaOutput(SCHEMA)))

    assert set(json.loads(answer.text)) == {"place"}


@pytest.mark.parametrize("ending", ["cut", "no-outcome"])
async def test_a_stream_without_its_end_is_interrupted(endpoint: Make, ending: str):
    async with serve(STRICT) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user(f"[[{ending}]] Go on."),), stream=True))

    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    assert (last.error.kind, last.error.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream")


async def test_an_error_between_the_events_ends_the_stream(endpoint: Make):
    async with serve(STRICT) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user("[[stream-error]] Go on."),), stream=True))

    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    assert last.error.phase == "mid_stream"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("overloaded", ProviderErrorKind.OVERLOADED),
        ("rate:1.5", ProviderErrorKind.RATE_LIMITED),
        ("server-error", ProviderErrorKind.SERVER),
        ("suspended", ProviderErrorKind.PERMISSION),
        ("retired", ProviderErrorKind.MODEL_RETIRED),
        ("quota", ProviderErrorKind.QUOTA_EXHAUSTED),
    ],
)
async def test_each_failure_is_told_apart(endpoint: Make, fault: str, kind: ProviderErrorKind):
    async with serve(STRICT) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(endpoint, server.url, GenerateRequest((user(f"[[{fault}]] Now."),)))

    assert caught.value.kind is kind
    assert caught.value.retry_after_s == (1.5 if "rate" in fault else None)
    assert caught.value.request_id
