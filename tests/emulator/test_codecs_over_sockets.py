"""Our codecs talk to the strict vendors that were written without them, over real sockets."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    AnyResponse,
    FunctionTool,
    GenerateRequest,
    Message,
    Origin,
    OutcomeKind,
    Reasoning,
    ReasoningSettings,
    SchemaOutput,
    Text,
    ToolCall,
    ToolResult,
    WireEvent,
    fold,
    user,
)
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.vendor_requests import PLACE, parse

PATHS = {"gemini": "/v1beta", "openai_responses": "/v1"}
DIALECTS = tuple(PATHS)
LOOK = FunctionTool("units_near", description="Looks.", schema=PLACE)
LEVEL = FunctionTool("water_level", schema=PLACE)


class Caller:
    """Says canonical requests to one emulated vendor."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session
        self.spoken = SPOKEN[emulator.config.dialect]
        self.origin: Origin = self.spoken.origin

    async def post(self, request: GenerateRequest) -> tuple[int, bytes, dict[str, str]]:
        encoded = self.spoken.dialect.encode_request(request, Target(origin=self.origin))
        url = self.emulator.url + PATHS[self.spoken.name] + encoded.path
        headers = {name: text for name, text in self.spoken.headers.items() if not name.startswith(":")}
        async with self.session.post(url, json=encoded.body, headers={**headers, **encoded.headers}) as response:
            return response.status, await response.read(), dict(response.headers)

    async def answer(self, request: GenerateRequest) -> AnyResponse:
        status, body, headers = await self.post(request)
        assert status == 200, body
        if not request.stream:
            return self.spoken.dialect.decode_response(json.loads(body), headers, self.origin)
        decoder = self.spoken.dialect.stream_decoder({}, self.origin)
        events = [WireEvent(data=data, event=name) for name, data in parse(body)]
        return fold([*(decoder.decode(event) for event in events), decoder.finish()])


@pytest.fixture(params=DIALECTS)
async def caller(request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    async with AsyncExitStack() as stack:
        config = EmulatorConfig(request.param, pace_s=0, key="k", also_recalled=True)
        emulator = await stack.enter_async_context(serve(config))
        yield Caller(emulator, await stack.enter_async_context(aiohttp.ClientSession()))


def ask(text: str, **more: Any) -> GenerateRequest:
    return GenerateRequest((user(text),), **more)


def content(answer: AnyResponse) -> list[Any]:
    """What was said, without ids and seals, which differ from answer to answer."""
    return [
        (part.name, part.arguments_json) if isinstance(part, ToolCall) else getattr(part, "text", None)
        for part in answer.message.parts
        if not (isinstance(part, Text) and not part.text)
    ]


@pytest.mark.parametrize("script", ["[[text:30]]", "[[tools:2]]", "[[refuse]]", "[[filter]]", "[[thinking]]"])
async def test_a_stream_says_what_the_whole_answer_says(caller: Caller, script: str):
    request = ask(f"Go {script}", tools=(LOOK, LEVEL))

    whole, streamed = await caller.answer(request), await caller.answer(replace(request, stream=True))

    assert content(whole) == content(streamed)
    assert (whole.outcome.kind, whole.usage.output_tokens) == (streamed.outcome.kind, streamed.usage.output_tokens)


async def test_calls_are_answered_round_by_round_and_its_own_state_is_taken_back(caller: Caller):
    tools = (LOOK, LEVEL)
    history: list[Message] = [user("Look [[tools:2]] [[rounds:2]] [[thinking]]")]
    for _ in range(2):
        asked = GenerateRequest(tuple(history), tools=tools, stream=True, reasoning=ReasoningSettings(effort="low"))
        answer = await caller.answer(asked)
        calls = [part for part in answer.message.parts if isinstance(part, ToolCall)]
        assert len({call.call_id for call in calls}) == 2
        results = tuple(ToolResult(call.call_id, (Text(f"result of {call.name}"),)) for call in calls)
        history += [answer.message, Message("tool", results)]

    last = await caller.answer(GenerateRequest(tuple(history), tools=tools))

    assert last.outcome.kind is OutcomeKind.COMPLETED
    assert "result of units_near" in last.text
    assert any(part.opaque for message in history for part in message.parts)
    assert {record.status for record in caller.emulator.counters.requests} == {200}


async def test_a_history_of_another_issuer_is_refused_where_its_state_is_forged(caller: Caller):
    answer = await caller.answer(ask("Look [[tools:1]] [[thinking]]", tools=(LOOK,)))
    call = next(part for part in answer.message.parts if isinstance(part, ToolCall))
    result = Message("tool", (ToolResult(call.call_id, (Text("two"),)),))
    spoiled = tuple(
        replace(part, opaque=tuple(replace(each, data="Zm9yZ2Vk") for each in part.opaque if each.kind != "item_id"))
        for part in answer.message.parts
    )
    forged = replace(answer.message, parts=spoiled)

    status, _, _ = await caller.post(GenerateRequest((user("Look"), forged, result), tools=(LOOK,)))

    assert status == 400


async def test_structured_output_fits_its_schema(caller: Caller):
    answer = await caller.answer(ask("Say", output=SchemaOutput(PLACE, name="place"), stream=True))

    assert {"place", "limit"} == set(json.loads(answer.text))


async def test_a_refusal_and_a_filter_are_told_apart_from_an_answer(caller: Caller):
    kinds = [(await caller.answer(ask(f"Go [[{word}]]", stream=True))).outcome.kind for word in ("refuse", "filter")]

    assert set(kinds) <= {OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER}


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("[[rate:1.5]]", "rate_limited"),
        ("[[overloaded]]", "overloaded"),
        ("[[server-error]]", "server"),
        ("[[suspended]]", "suspended"),
    ],
)
async def test_errors_are_told_apart(caller: Caller, script: str, kind: str):
    status, body, headers = await caller.post(ask(f"Hi {script}"))

    error = caller.spoken.dialect.decode_error(status, {k.lower(): v for k, v in headers.items()}, json.loads(body))

    assert error.kind.value == kind
    assert error.retry_after_s == (1.5 if "rate" in script else None)


@pytest.mark.parametrize("script", ["[[cut]]", "[[stream-error]]", "[[no-outcome]]"])
async def test_a_stream_that_breaks_off_has_no_good_outcome(caller: Caller, script: str):
    try:
        answer = await caller.answer(ask(f"Hi {script}", stream=True))
    except aiohttp.ClientError:
        return

    assert answer.outcome.kind in (OutcomeKind.UNKNOWN, OutcomeKind.ERROR)


async def test_what_no_client_knows_yet_is_kept_and_named(caller: Caller):
    answer = await caller.answer(ask("Hi [[novel]] [[wrong-model]]", stream=True))

    assert answer.outcome.kind is OutcomeKind.COMPLETED
    assert answer.origin is not None
    assert answer.origin.model == "emulated-other-model"
    assert any(part.type == "unknown" for part in answer.message.parts)


async def test_reasoning_is_shown_where_it_was_asked_for(caller: Caller):
    shown = ReasoningSettings(effort="low", mode=None)
    request = ask("Hi [[thinking]]", reasoning=shown, stream=True)

    answer = await caller.answer(request)

    thoughts = [part for part in answer.message.parts if isinstance(part, Reasoning)]
    assert all(part.opaque or part.text or part.summary for part in thoughts)
