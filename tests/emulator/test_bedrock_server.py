"""The emulated Bedrock over a real socket: asked by AWS's own client, and by ours, with signatures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.catalog import load_profile
from offramp.contracts.endpoint import Endpoint
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Batch,
    FunctionTool,
    GenerateRequest,
    Identity,
    Message,
    OutcomeKind,
    Reasoning,
    ReasoningBudget,
    ReasoningSettings,
    RedactedReasoning,
    ResponseFailed,
    SchemaOutput,
    Text,
    ToolCall,
    ToolResult,
    fold,
    user,
)
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken

pytest.importorskip("botocore.auth", reason="botocore is not installed")

KEY = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY:token"
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-micro-v1:0"
PLACE = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
TOOLS = (FunctionTool("units_near", schema=PLACE), FunctionTool("water_level", schema=PLACE))
Ask = Callable[..., Awaitable[AnyResponse]]


@pytest.fixture
async def server() -> AsyncIterator[Emulator]:
    async with serve(EmulatorConfig("bedrock_converse", pace_s=0, key=KEY, also_recalled=True)) as emulator:
        yield emulator


def endpoint(server: Emulator, *, key: str = KEY, model: str = MODEL) -> Endpoint:
    profile = load_profile("bedrock")
    facts = profile.models.get(model)
    identity = Identity(
        endpoint="a", developer="anthropic", host="bedrock", model=model, region="us-east-1", account="acme"
    )
    options = {**profile.options, **(facts.options if facts else {})}
    return Endpoint(identity=identity, profile=profile, base_url=server.url, key=lambda: key, options=options)


async def send(server: Emulator, request: GenerateRequest, **settings: Any) -> AnyResponse:
    provider = HttpProvider(endpoint(server, **settings))
    try:
        return await provider.send(provider.prepare(request), token=OpenToken(provider.endpoint.identity))
    finally:
        await provider.aclose()


async def stream(server: Emulator, request: GenerateRequest, **settings: Any) -> list[Batch]:
    provider = HttpProvider(endpoint(server, **settings))
    call = provider.prepare(replace(request, stream=True))
    try:
        async with provider.stream(call, token=OpenToken(provider.endpoint.identity)) as reads:
            return [batch async for batches in reads for batch in batches]
    finally:
        await provider.aclose()


def asked(text: str, **fields: Any) -> GenerateRequest:
    return GenerateRequest((user(text),), **fields)


def failure(batches: list[Batch]) -> ProviderError:
    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    return last.error


# AWS's own client.


def official(server: Emulator, secret: str = KEY.split(":")[1]) -> Any:
    sessions: Any = pytest.importorskip("botocore.session")
    config: Any = pytest.importorskip("botocore.config")
    return sessions.Session().create_client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id=KEY.split(":", maxsplit=1)[0],
        aws_secret_access_key=secret,
        aws_session_token=KEY.split(":")[2],
        config=config.Config(retries={"total_max_attempts": 1}, proxies={}),
    )


@pytest.mark.parametrize("model", [MODEL, ARN])
async def test_aws_own_client_is_answered_whole_and_in_events(server: Emulator, model: str):
    client = official(server)
    messages = [{"role": "user", "content": [{"text": "Flood [[text:40]]"}]}]

    def ask() -> tuple[Any, list[Any]]:
        whole = client.converse(modelId=model, messages=messages)
        return whole, list(client.converse_stream(modelId=model, messages=messages)["stream"])

    whole, events = await asyncio.to_thread(ask)

    said = "".join(each["contentBlockDelta"]["delta"]["text"] for each in events if "contentBlockDelta" in each)
    assert said == whole["output"]["message"]["content"][0]["text"]
    assert [next(iter(each)) for each in events][-2:] == ["messageStop", "metadata"]
    assert whole["stopReason"] == "end_turn"


async def test_aws_own_client_reads_the_errors(server: Emulator):
    client = official(server)

    def ask(text: str) -> Any:
        return client.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": text}]}])

    with pytest.raises(client.exceptions.ThrottlingException):
        await asyncio.to_thread(ask, "[[rate:1]]")
    with pytest.raises(client.exceptions.ValidationException):
        await asyncio.to_thread(ask, "")
    with pytest.raises(official(server, "wrong").exceptions.ClientError, match="UnrecognizedClientException"):
        await asyncio.to_thread(
            lambda: official(server, "wrong").converse(
                modelId=MODEL, messages=[{"role": "user", "content": [{"text": "a"}]}]
            )
        )


# Ours.


@pytest.mark.parametrize("model", [MODEL, ARN])
@pytest.mark.parametrize("script", ["[[text:30]]", "[[tools:2]]", "[[refuse]]", "[[filter]]"])
async def test_a_stream_folds_to_the_whole_answer(server: Emulator, model: str, script: str):
    request = asked(f"Go {script}", tools=TOOLS)

    whole = await send(server, request, model=model)
    folded = fold(await stream(server, request, model=model))

    assert [_meaning(part) for part in folded.message.parts] == [_meaning(part) for part in whole.message.parts]
    assert (folded.outcome, replace(folded.usage, raw=None)) == (whole.outcome, replace(whole.usage, raw=None))
    assert whole.losses == ()


def _meaning(part: Any) -> Any:
    """Without what differs each time the same is asked."""
    return (part.name, part.arguments_json) if isinstance(part, ToolCall) else part


async def test_reasoning_goes_back_as_it_came_and_a_changed_one_is_refused(server: Emulator):
    thinking = ReasoningSettings(mode=ReasoningBudget(1024))
    request = asked("Go [[tools:1]] [[redacted]]", tools=TOOLS, reasoning=thinking)
    first = fold(await stream(server, request))
    call = next(part for part in first.message.parts if isinstance(part, ToolCall))
    result = Message("tool", (ToolResult(call.call_id, (Text("two units"),)),))

    answer = await send(server, replace(request, messages=(*request.messages, first.message, result)))

    assert any(isinstance(part, RedactedReasoning) for part in first.message.parts)
    assert "two units" in answer.text
    thought = next(part for part in first.message.parts if isinstance(part, Reasoning))
    changed = tuple(replace(p, text="other") if p is thought else p for p in first.message.parts)
    with pytest.raises(ProviderError) as caught:
        await send(
            server,
            replace(request, messages=(*request.messages, replace(first.message, parts=changed), result)),
        )
    assert caught.value.kind is ProviderErrorKind.INVALID_REQUEST


async def test_an_answer_follows_the_schema(server: Emulator):
    answer = await send(server, asked("Go", output=SchemaOutput(PLACE, name="place")))

    assert '"place"' in answer.text


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("[[rate:1]]", ProviderErrorKind.RATE_LIMITED),
        ("[[overloaded]]", ProviderErrorKind.OVERLOADED),
        ("[[server-error]]", ProviderErrorKind.SERVER),
        ("[[quota]]", ProviderErrorKind.QUOTA_EXHAUSTED),
        ("[[retired]]", ProviderErrorKind.MODEL_NOT_FOUND),
        ("[[suspended]]", ProviderErrorKind.PERMISSION),
    ],
)
async def test_a_failure_is_told_by_its_name(server: Emulator, script: str, kind: ProviderErrorKind):
    with pytest.raises(ProviderError) as caught:
        await send(server, asked(f"Go {script}"))

    assert caught.value.kind is kind
    assert caught.value.request_id
    assert caught.value.retry_after_s == (1.0 if kind is ProviderErrorKind.RATE_LIMITED else None)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("[[cut]]", ProviderErrorKind.STREAM_INTERRUPTED),
        ("[[no-outcome]]", ProviderErrorKind.STREAM_INTERRUPTED),
        ("[[stream-error]]", ProviderErrorKind.OVERLOADED),
    ],
)
async def test_a_stream_that_breaks_off_in_the_middle_is_a_failure(
    server: Emulator, script: str, kind: ProviderErrorKind
):
    batches = await stream(server, asked(f"Go {script} [[text:60]]"))

    error, partial = failure(batches), fold(batches)
    assert (error.kind, error.phase) == (kind, "mid_stream")
    assert partial.text
    assert partial.message.status == "interrupted"


async def test_a_stream_without_its_counts_is_complete_and_its_counts_are_unknown(server: Emulator):
    answer = fold(await stream(server, asked("Go [[no-terminator]]")))

    assert (answer.outcome.kind, answer.usage.input_tokens) == (OutcomeKind.COMPLETED, None)


async def test_what_is_novel_is_kept(server: Emulator):
    whole = await send(server, asked("Go [[novel]]"))
    streamed = fold(await stream(server, asked("Go [[novel]]")))

    assert [part.type for part in whole.message.parts] == ["text", "unknown"]
    assert streamed.outcome.kind is OutcomeKind.COMPLETED


async def test_the_model_that_a_router_chose_is_told(server: Emulator):
    answer = await send(server, asked("Go [[wrong-model]]"))

    assert answer.origin is not None
    assert answer.origin.model == "emulated-other-model"
    assert (await send(server, asked("Go"))).origin == replace(answer.origin, model=None)


@pytest.mark.parametrize("key", ["AKIDEXAMPLE:wrong:token", "OTHER:wrong", KEY.rpartition(":")[0], "an-api-key"])
async def test_another_s_signature_is_refused(server: Emulator, key: str):
    with pytest.raises(ProviderError) as caught:
        await send(server, asked("Go"), key=key)

    assert caught.value.kind is ProviderErrorKind.AUTHENTICATION
    assert "wJalr" not in str(caught.value)


async def test_an_api_key_opens_without_a_signature():
    async with serve(EmulatorConfig("bedrock_converse", pace_s=0, key="bedrock-api-key-YWJj")) as server:
        answer = await send(server, asked("Go"), key="bedrock-api-key-YWJj")

    assert answer.text


async def test_requests_and_bytes_are_counted(server: Emulator):
    await send(server, asked("Go"))
    await stream(server, asked("Go"))

    counted = server.counters.summary()
    assert (counted["requests_complete"], counted["streams_ended"]) == (2, 1)
    assert counted["bytes_received"] > 1000
