"""Through LiteLLM to strict vendors: the emulators refuse what is wrong with a request, and misbehave when told to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import ProviderError
from offramp.types import (
    AnyResponse,
    Event,
    FunctionTool,
    GenerateRequest,
    OutcomeKind,
    ResponseEnd,
    ResponseFailed,
    SchemaOutput,
    TextDelta,
    ToolCall,
    Usage,
    changed,
    user,
)
from offramp.types.fold import Folder
from offramp_providers.emulator import EmulatorConfig, serve
from offramp_providers.engines.litellm import LitellmProvider
from offramp_providers.http_provider import HttpProvider
from support.long_tail import KEY, tail_endpoint
from support.open_token import OpenToken

pytestmark = pytest.mark.usefixtures("litellm")
CHAT, MESSAGES = "openai_chat", "anthropic_messages"
WAYS = {
    CHAT: ("openai/m1", "acme", "/v1"),
    MESSAGES: ("anthropic/claude-sonnet-5-5", "anthropic", ""),
}
NEAR = FunctionTool(
    "near", description="Units near a place.", schema={"type": "object", "properties": {"place": {"type": "string"}}}
)


def ask(text: str, **settings: Any) -> GenerateRequest:
    return GenerateRequest((user(text),), max_output_tokens=200, **settings)


class Emulated:
    """A provider of the long tail in front of an emulated vendor."""

    def __init__(self, provider: LitellmProvider) -> None:
        self.provider = provider

    async def send(self, request: GenerateRequest) -> AnyResponse:
        call = self.provider.prepare(request)
        return await self.provider.send(call, token=OpenToken(self.provider.endpoint.identity))

    async def stream(self, request: GenerateRequest) -> tuple[list[Event], AnyResponse]:
        call = self.provider.prepare(changed(request, stream=True))
        folder, events = Folder(), list[Event]()
        async with self.provider.stream(call, token=OpenToken(self.provider.endpoint.identity)) as reads:
            async for batches in reads:
                for batch in batches:
                    folder.add(batch)
                    events += batch.events
        return events, folder.response() if folder.failure is None else folder.interrupted(())


@asynccontextmanager
async def emulated(dialect: Any, model: str | None = None) -> AsyncGenerator[Emulated]:
    usual, developer, path = WAYS[dialect]
    model = model or usual
    async with serve(EmulatorConfig(dialect, pace_s=0)) as server:
        provider = LitellmProvider(tail_endpoint(model, developer=developer, base_url=server.url + path))
        try:
            yield Emulated(provider)
        finally:
            await provider.aclose()


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_a_strict_vendor_takes_the_request_and_its_answer_is_read(dialect: str):
    async with emulated(dialect) as vendor:
        whole = await vendor.send(ask("[[canary:HERON]]"))
        events, streamed = await vendor.stream(ask("[[canary:HERON]]"))

    for answer in (whole, streamed):
        assert "HERON" in answer.text
        assert answer.outcome.kind is OutcomeKind.COMPLETED
        assert (answer.usage.input_tokens or 0) > 0
        assert answer.origin is not None
        assert answer.origin.model is not None
        assert answer.origin.model.startswith(vendor.provider.endpoint.identity.model)
    assert sum(isinstance(event, TextDelta) for event in events) > 1


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_tool_calls_come_with_their_arguments(dialect: str, streams: bool):
    request = ask("[[tools:near]]", tools=(NEAR,))
    async with emulated(dialect) as vendor:
        answer = (await vendor.stream(request))[1] if streams else await vendor.send(request)

    calls = [part for part in answer.message.parts if isinstance(part, ToolCall)]
    assert [call.name for call in calls] == ["near"]
    assert calls[0].arguments_json.startswith("{")
    assert answer.outcome.kind is OutcomeKind.TOOL_CALLS


async def test_a_schema_reaches_the_vendor_as_it_is():
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    async with emulated(CHAT) as vendor:
        answer = await vendor.send(ask("Count.", output=SchemaOutput(schema, name="count")))

    assert answer.text.startswith("{")


async def told_directly(dialect: str, url: str, model: str, text: str) -> ProviderError:
    """The same error as a provider of the dialect itself tells it."""
    plain = scripted_endpoint("a", dialect=dialect, base_url=url, model=model)
    auth: Any = {CHAT: "bearer", MESSAGES: "x-api-key"}[dialect]
    headers = {"anthropic-version": "2023-06-01"} if dialect == MESSAGES else {}
    profile = replace(plain.profile, auth=auth, headers=headers)
    direct = HttpProvider(replace(plain, profile=profile, key=lambda: KEY))
    call = direct.prepare(ask(text))
    try:
        with pytest.raises(ProviderError) as raised:
            await direct.send(call, token=OpenToken(plain.identity))
    finally:
        await direct.aclose()
    return raised.value


@pytest.mark.parametrize(
    "directive",
    ["[[overloaded]]", "[[server-error]]", "[[rate:1.5]]", "[[quota]]", "[[retired]]", "[[suspended]]"],
)
@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_an_error_is_told_as_the_dialect_itself_tells_it(dialect: str, directive: str):
    async with emulated(dialect) as vendor:
        with pytest.raises(ProviderError) as raised:
            await vendor.send(ask(directive))
        endpoint = vendor.provider.endpoint
        direct = await told_directly(dialect, endpoint.base_url, endpoint.identity.model.partition("/")[2], directive)

    facts = ("kind", "status", "vendor_code", "retry_after_s", "phase")
    assert [getattr(raised.value, fact) for fact in facts] == [getattr(direct, fact) for fact in facts]


@pytest.mark.parametrize("directive", ["[[cut]]", "[[no-outcome]]", "[[stream-error]]"])
@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_a_stream_that_does_not_end_is_a_failure(dialect: str, directive: str):
    async with emulated(dialect) as vendor:
        try:
            events, answer = await vendor.stream(ask(f"{directive} [[text:30]]"))
        except ProviderError as error:  # LiteLLM had not read the first piece when the connection was lost
            assert error.phase == "before_first_output"  # noqa: PT017  # which of the two comes is the network's to say
            return

    assert isinstance(events[-1], ResponseFailed)
    assert not any(isinstance(event, ResponseEnd) for event in events)
    assert answer.message.status == "interrupted"


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_a_stream_without_its_terminator_has_ended_all_the_same(dialect: str):
    async with emulated(dialect) as vendor:
        events, _ = await vendor.stream(ask("[[no-terminator]]"))

    assert not isinstance(events[-1], ResponseFailed)
    assert any(isinstance(event, ResponseEnd) for event in events)


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
async def test_another_model_that_answers_is_told(dialect: str, streams: bool):
    request = ask("[[wrong-model]]")
    async with emulated(dialect) as vendor:
        answer = (await vendor.stream(request))[1] if streams else await vendor.send(request)

    assert answer.origin is not None
    assert not str(answer.origin.model).startswith(vendor.provider.endpoint.identity.model)


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(("dialect", "directive"), [(CHAT, "[[filter]]"), (MESSAGES, "[[refuse]]")])
async def test_a_refusal_is_a_refusal(dialect: str, directive: str, streams: bool):
    async with emulated(dialect) as vendor:
        answer = (await vendor.stream(ask(directive)))[1] if streams else await vendor.send(ask(directive))

    assert answer.outcome.kind in (OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER)


async def test_counts_that_litellm_makes_up_are_unknown():
    # It leaves out the wish for usage on the way to this vendor, and counts words by itself.
    async with emulated(CHAT, "deepinfra/m1") as vendor:
        _, answer = await vendor.stream(ask("[[text:30]]"))

    assert (answer.text != "", answer.usage) == (True, Usage())
