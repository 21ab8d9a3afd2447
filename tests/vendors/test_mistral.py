"""Mistral by its profile, and calls that go through over a socket to a strict vendor."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from offramp.catalog import load_profile
from offramp.contracts.capability import Requirement
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Message,
    OutcomeKind,
    Reasoning,
    ReasoningAdaptive,
    ReasoningSettings,
    ResponseFailed,
    SchemaOutput,
    Text,
    ToolCall,
    ToolChoiceAny,
    ToolResult,
    assistant,
    fold,
    user,
)
from offramp_providers.dialects.mistral.options import DEFAULTS
from offramp_providers.emulator import EmulatorConfig, serve
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken

Make = Callable[..., Any]
ASK = GenerateRequest((user("How high is the water?"),))
PLACE: dict[str, Any] = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
LOOK = FunctionTool("look", schema=PLACE)
PROFILE = load_profile("mistral")
STRICT = EmulatorConfig("mistral", pace_s=0, key="made-up", also_recalled=True)


def test_the_profile_answers_what_was_read_of_the_vendor() -> None:
    unread = {"count_tokens", "determinism", "embeddings", "models"}
    unread |= {"output.audio", "output.images", "tools.streamed_arguments"}

    assert set(get_args(Requirement)) - set(PROFILE.capabilities) <= unread
    assert (PROFILE.developer, PROFILE.host, PROFILE.dialect) == ("mistral", "mistral", "mistral")


def test_only_options_that_the_dialect_documents_are_set() -> None:
    given = [*PROFILE.options, *(name for model in PROFILE.models.values() for name in model.options)]

    assert set(given) <= set(DEFAULTS)


def test_a_call_goes_to_its_address_with_its_key(endpoint: Make, prepare: Make) -> None:
    call = prepare(endpoint("mistral", "mistral-small-latest"), ASK)

    assert call.http.url == "https://api.mistral.ai/v1/chat/completions"
    assert call.http.headers["authorization"] == "Bearer made-up"
    assert json.loads(call.http.body) == {
        "model": "mistral-small-latest",
        "messages": [{"role": "user", "content": "How high is the water?"}],
    }


def test_a_deprecated_reasoning_model_is_asked_by_its_prompt(endpoint: Make, prepare: Make) -> None:
    asked = GenerateRequest(ASK.messages, reasoning=ReasoningSettings(mode=ReasoningAdaptive()))

    call = prepare(endpoint("mistral", "magistral-medium-latest"), asked)

    assert json.loads(call.http.body)["prompt_mode"] == "reasoning"
    assert call.losses == ()


def test_the_vendors_own_fields_are_vendor_options(endpoint: Make, prepare: Make) -> None:
    call = prepare(endpoint("mistral"), ASK, {"safe_prompt": True})

    assert json.loads(call.http.body)["safe_prompt"] is True


# Over a socket.


async def ask(endpoint: Make, url: str, request: GenerateRequest, model: str = "mistral-small-latest") -> Any:
    provider = HttpProvider(endpoint("mistral", model, base_url=f"{url}/v1"))
    try:
        call = provider.prepare(request)
        token = OpenToken(provider.endpoint.identity)
        if not request.stream:
            return await provider.send(call, token=token)
        async with provider.stream(call, token=token) as batches:
            return [batch async for several in batches for batch in several]
    finally:
        await provider.aclose()


async def test_a_whole_answer_comes_back(endpoint: Make) -> None:
    async with serve(STRICT) as server:
        answer = await ask(endpoint, server.url, ASK)

    assert answer.outcome.kind is OutcomeKind.COMPLETED
    assert answer.origin.model == "mistral-small-latest"
    assert answer.text.startswith("Turn 1.")
    assert answer.usage.output_tokens > 0


@pytest.mark.parametrize("script", ["", "[[thinking]]", "[[tools:look,look]]", "[[text:200]]"])
async def test_a_stream_says_what_the_whole_answer_says(endpoint: Make, script: str) -> None:
    asked = (user(f"{script} How high?"),)
    async with serve(STRICT) as server:
        whole = await ask(endpoint, server.url, GenerateRequest(asked, tools=(LOOK,)))
        streamed = fold(await ask(endpoint, server.url, GenerateRequest(asked, tools=(LOOK,), stream=True)))
        summary = server.counters.summary()

    assert [_said(part) for part in streamed.message.parts] == [_said(part) for part in whole.message.parts]
    assert (streamed.outcome, streamed.usage) == (whole.outcome, whole.usage)
    assert (summary["streams"], summary["streams_ended"]) == (1, 1)


def _said(part: Any) -> Any:
    """All but the id, which differs from answer to answer."""
    return (part.name, part.arguments_json) if isinstance(part, ToolCall) else (part.type, part.text)


@pytest.mark.parametrize("streams", [True, False])
async def test_calls_are_made_and_their_results_quoted(endpoint: Make, streams: bool) -> None:
    asked = user("[[tools:look,look]] Look, please.")
    async with serve(STRICT) as server:
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


async def test_a_history_of_another_vendors_is_accepted_in_any_order(endpoint: Make) -> None:
    calls = assistant(Text("Looking."), ToolCall("call_1", "look", "{}"), ToolCall("toolu-2", "look", "{}"))
    results = Message("tool", (ToolResult("toolu-2", (Text("two"),)), ToolResult("call_1", (Text("one"),))))
    asked = GenerateRequest((user("Look."), calls, results, user("And?")), tools=(LOOK,), tool_choice=ToolChoiceAny())

    async with serve(STRICT) as server:
        answer = await ask(endpoint, server.url, asked)

    assert answer.outcome.kind is OutcomeKind.TOOL_CALLS
    assert {loss.code for loss in answer.losses} == {"call_id.rewritten", "part_order"}


async def test_reasoning_comes_back_and_is_sent_on(endpoint: Make) -> None:
    effort = ReasoningSettings(effort="high")
    async with serve(STRICT) as server:
        first = await ask(endpoint, server.url, GenerateRequest(ASK.messages, reasoning=effort))
        then = GenerateRequest((*ASK.messages, first.message, user("Sure?")), reasoning=effort, stream=True)
        second = fold(await ask(endpoint, server.url, then))

    assert [type(part) for part in first.message.parts] == [Reasoning, Text]
    assert [type(part) for part in second.message.parts] == [Reasoning, Text]
    assert second.losses == ()


async def test_structured_answers_come_back(endpoint: Make) -> None:
    async with serve(STRICT) as server:
        schema = await ask(
            endpoint, server.url, GenerateRequest(ASK.messages, output=SchemaOutput(PLACE, name="p", strict=True))
        )
        free = await ask(endpoint, server.url, GenerateRequest(ASK.messages, output=JsonOutput()))

    assert set(json.loads(schema.text)) == {"place"}
    assert json.loads(free.text)


async def test_the_beginning_of_an_answer_is_taken(endpoint: Make) -> None:
    async with serve(STRICT) as server:
        answer = await ask(endpoint, server.url, GenerateRequest((user("How high?"), assistant("It is"))))

    assert [(loss.code, loss.action) for loss in answer.losses] == [("prefix.injected", "injected")]


@pytest.mark.parametrize("ending", ["cut", "no-outcome"])
async def test_a_stream_without_its_end_is_interrupted(endpoint: Make, ending: str) -> None:
    async with serve(STRICT) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user(f"[[{ending}]] Go on."),), stream=True))

    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    assert (last.error.kind, last.error.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream")


async def test_a_terminator_that_is_missing_is_not_missed(endpoint: Make) -> None:
    async with serve(STRICT) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user("[[no-terminator]] Go on."),), stream=True))

    assert fold(batches).outcome.kind is OutcomeKind.COMPLETED


async def test_an_error_in_a_stream_ends_it(endpoint: Make) -> None:
    async with serve(STRICT) as server:
        batches = await ask(endpoint, server.url, GenerateRequest((user("[[stream-error]] Go on."),), stream=True))

    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    assert last.error.phase == "mid_stream"


async def test_what_nobody_knows_yet_is_passed_over(endpoint: Make) -> None:
    async with serve(STRICT) as server:
        told = fold(await ask(endpoint, server.url, GenerateRequest((user("[[novel]] Go on."),), stream=True)))

    assert told.outcome.kind is OutcomeKind.COMPLETED


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("overloaded", ProviderErrorKind.OVERLOADED),
        ("rate:1.5", ProviderErrorKind.RATE_LIMITED),
        ("server-error", ProviderErrorKind.SERVER),
        ("suspended", ProviderErrorKind.PERMISSION),
        ("retired", ProviderErrorKind.MODEL_NOT_FOUND),
        ("quota", ProviderErrorKind.QUOTA_EXHAUSTED),
    ],
)
async def test_each_failure_is_told_apart(endpoint: Make, fault: str, kind: ProviderErrorKind) -> None:
    async with serve(STRICT) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(endpoint, server.url, GenerateRequest((user(f"[[{fault}]] Now."),)))

    assert caught.value.kind is kind
    assert caught.value.request_id
    assert caught.value.retry_after_s == (1.5 if fault == "rate:1.5" else None)


async def test_a_wrong_key_is_told(endpoint: Make) -> None:
    async with serve(EmulatorConfig("mistral", pace_s=0, key="another")) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(endpoint, server.url, ASK)

    assert caught.value.kind is ProviderErrorKind.AUTHENTICATION


async def test_a_model_that_does_not_exist_is_told(endpoint: Make) -> None:
    config = EmulatorConfig("mistral", pace_s=0, key="made-up", models=("mistral-small-latest",), also_recalled=True)
    async with serve(config) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(endpoint, server.url, ASK, model="odd")

    assert caught.value.kind is ProviderErrorKind.MODEL_NOT_FOUND
