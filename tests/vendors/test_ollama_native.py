"""What is peculiar to Ollama's own API reaches the wire by its profile, and a call goes through over a socket."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from offramp.catalog import load_profile
from offramp.errors import CapabilityError, ProviderError, ProviderErrorKind
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Message,
    OutcomeKind,
    ResponseFailed,
    Text,
    ToolCall,
    ToolResult,
    fold,
    user,
)
from offramp_providers.emulator import EmulatorConfig, serve
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken

Make = Callable[..., Any]
ASK = GenerateRequest((user("How high is the water?"),))
LOOK = FunctionTool(
    "look", schema={"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
)


def test_a_call_that_does_not_stream_says_so_and_asks_for_no_cutting(endpoint: Make, prepare: Make):
    call = prepare(endpoint("ollama-native", "qwen3", developer="alibaba", key=None), ASK)

    assert call.http.url == "http://localhost:11434/api/chat"
    assert json.loads(call.http.body) == {
        "model": "qwen3",
        "messages": [{"role": "user", "content": "How high is the water?"}],
        "stream": False,
        "truncate": False,
        "shift": False,
    }
    assert "authorization" not in call.http.headers


def test_the_size_of_the_context_is_the_endpoints_to_set(endpoint: Make, prepare: Make):
    own = endpoint("ollama-native", "qwen3", developer="alibaba", options={"num_ctx": 32768})

    assert json.loads(prepare(own, ASK).http.body)["options"] == {"num_ctx": 32768}


def test_a_stream_is_asked_for_in_lines(endpoint: Make, prepare: Make):
    call = prepare(endpoint("ollama-native", developer="alibaba"), GenerateRequest(ASK.messages, stream=True))

    assert call.http.headers["accept"] == "application/x-ndjson"


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "glm-5:cloud", "GLM-5:Cloud", "registry.x:5000/a:cloud"])
def test_a_model_that_somebody_else_runs_is_refused_by_name(model: str, endpoint: Make, prepare: Make):
    with pytest.raises(CapabilityError, match=r"ollama\.com"):
        prepare(endpoint("ollama-native", model, developer="openai"), ASK)


def test_a_model_of_the_cloud_may_be_allowed(endpoint: Make, prepare: Make):
    allowed = endpoint("ollama-native", "glm-5:cloud", developer="zai", options={"cloud_models": True})

    assert json.loads(prepare(allowed, ASK).http.body)["model"] == "glm-5:cloud"


@pytest.mark.parametrize("model", ["cloud", "cloudy:8b", "a/cloud:8b", "cloud-model:latest", "x:cloudy"])
def test_a_name_that_only_looks_like_it_is_sent(model: str, endpoint: Make, prepare: Make):
    assert json.loads(prepare(endpoint("ollama-native", model, developer="a"), ASK).http.body)["model"] == model


def test_a_servers_own_setting_is_added_as_a_vendor_option(endpoint: Make, prepare: Make):
    call = prepare(endpoint("ollama-native", developer="alibaba"), ASK, {"keep_alive": "10m"})

    assert json.loads(call.http.body)["keep_alive"] == "10m"


def test_what_the_profile_denies_is_what_the_dialect_names_as_lost(endpoint: Make, prepare: Make):
    claims = load_profile("ollama-native").capabilities

    assert {claims[name].support for name in ("tools.forced", "candidates", "citations")} == {"unsupported"}


# Over a socket.


async def ask(endpoint: Make, url: str, request: GenerateRequest, **table: Any) -> Any:
    provider = HttpProvider(endpoint("ollama-native", "qwen3", developer="alibaba", base_url=url, **table))
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
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        answer = await ask(endpoint, server.url, ASK)

        assert answer.outcome.kind is OutcomeKind.COMPLETED
        assert answer.origin.model == "qwen3"
        assert answer.text.startswith("Turn 1.")
        assert answer.usage.output_tokens > 0


async def test_a_stream_says_what_the_whole_answer_says(endpoint: Make):
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        whole = await ask(endpoint, server.url, ASK)
        streamed = fold(await ask(endpoint, server.url, GenerateRequest(ASK.messages, stream=True)))

        assert (streamed.text, streamed.outcome, streamed.usage) == (whole.text, whole.outcome, whole.usage)
        assert server.counters.summary()["streams_ended"] == 1


@pytest.mark.parametrize("streams", [True, False])
async def test_calls_are_made_and_their_results_quoted(endpoint: Make, streams: bool):
    asked = user("[[tools:look,look]] Look, please.")
    async with serve(EmulatorConfig("ollama_native", pace_s=0, also_recalled=True)) as server:
        first = await ask(endpoint, server.url, GenerateRequest((asked,), tools=(LOOK,), stream=streams))
        called = fold(first) if streams else first
        calls = [part for part in called.message.parts if isinstance(part, ToolCall)]
        results = tuple(ToolResult(call.call_id, (Text(f"{n} metres"),)) for n, call in enumerate(calls))
        then = GenerateRequest((asked, called.message, Message("tool", results)), tools=(LOOK,))

        answer = await ask(endpoint, server.url, then)

    assert called.outcome.kind is OutcomeKind.TOOL_CALLS
    assert [(call.name, "place" in json.loads(call.arguments_json or "")) for call in calls] == [("look", True)] * 2
    assert all(f"The tool says: {n} metres." in answer.text for n in range(2))
    assert answer.losses == ()


async def test_thinking_comes_back_apart_from_the_answer(endpoint: Make):
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        told = fold(await ask(endpoint, server.url, GenerateRequest((user("[[thinking]] Why?"),), stream=True)))

    assert [part.type for part in told.message.parts] == ["reasoning", "text"]


async def test_json_comes_back_where_it_was_asked_for(endpoint: Make):
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        answer = await ask(endpoint, server.url, GenerateRequest(ASK.messages, output=JsonOutput()))

    assert json.loads(answer.text)


@pytest.mark.parametrize("ending", ["cut", "no-outcome"])
async def test_a_stream_without_its_last_line_is_interrupted(endpoint: Make, ending: str):
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user(f"[[{ending}]] Go on."),), stream=True))

    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    assert (last.error.kind, last.error.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream")


async def test_an_error_between_the_lines_ends_the_stream(endpoint: Make):
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user("[[stream-error]] Go on."),), stream=True))

    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    assert last.error.phase == "mid_stream"
    assert "server busy" not in str(last.error)


async def test_a_prompt_beyond_the_context_is_refused_and_not_cut(endpoint: Make):
    async with serve(EmulatorConfig("ollama_native", pace_s=0, also_recalled=True)) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(endpoint, server.url, GenerateRequest((user("long " * 500),)), options={"num_ctx": 64})

    assert caught.value.kind is ProviderErrorKind.CONTEXT_EXCEEDED


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("overloaded", ProviderErrorKind.OVERLOADED),
        ("rate:1.5", ProviderErrorKind.RATE_LIMITED),
        ("server-error", ProviderErrorKind.SERVER),
        ("suspended", ProviderErrorKind.PERMISSION),
        ("retired", ProviderErrorKind.MODEL_NOT_FOUND),
    ],
)
async def test_each_failure_is_told_apart(endpoint: Make, fault: str, kind: ProviderErrorKind):
    async with serve(EmulatorConfig("ollama_native", pace_s=0)) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(endpoint, server.url, GenerateRequest((user(f"[[{fault}]] Now."),)))

    assert caught.value.kind is kind
