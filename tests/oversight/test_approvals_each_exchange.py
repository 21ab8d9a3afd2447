"""Each exchange is approved by itself, whether of a session, a tool loop or another operation."""

import json

import pytest

from offramp import (
    ApprovalNeeded,
    FunctionTool,
    Interrupted,
    Message,
    ModelInfo,
    ModelList,
    PolicyDenied,
    ProviderError,
    ProviderErrorKind,
    Text,
    ToolCall,
    ToolResult,
)
from support.overseen import Opens, sunny
from support.scripted_answers import said


async def test_each_exchange_of_a_session_is_approved_by_itself(opens: Opens):
    desk = await opens()
    session = desk.mission.session("case-17")
    desk.a.script[:] = [said(ToolCall("c1", "sunny", '{"place":"Ely"}')), said("dry feet")]
    with pytest.raises(ApprovalNeeded) as first:
        await session.run("Where?", tools=[sunny])
    one = desk.grant(first.value.request)
    with pytest.raises(ApprovalNeeded) as second:
        await session.run("Where?", tools=[sunny], approvals=[one])
    other = desk.grant(second.value.request)

    answer = await session.resume(tools=[sunny], approvals=[other])

    assert answer.text == "dry feet"
    assert desk.sent == 2


async def test_a_function_that_is_declared_by_hand_runs_only_when_somebody_has_seen_its_call(opens: Opens):
    desk = await opens()
    session, ran = desk.mission.session("case-17"), list[str]()
    by_hand = FunctionTool("sunny", description="Whether the sun shines.", schema={"type": "object"})
    desk.a.script[:] = [said(ToolCall("c1", "sunny", '{"place":"Ely"}')), said("dry feet")]
    with pytest.raises(ApprovalNeeded) as first:
        await session.run("Where?", tools=[by_hand])

    answer = await session.run("Where?", tools=[by_hand], approvals=[desk.grant(first.value.request)])
    (call,) = (part for part in answer.message.parts if isinstance(part, ToolCall))
    ran.append(sunny(**json.loads(call.arguments_json)))  # by whoever has looked at the arguments
    results = Message("tool", (ToolResult(call.call_id, (Text(ran[0]),)),))
    with pytest.raises(ApprovalNeeded) as second:
        await session.run(results, tools=[by_hand])
    told = await session.run(results, tools=[by_hand], approvals=[desk.grant(second.value.request)])

    assert (told.text, ran) == ("dry feet", ["sunny in Ely"])


async def test_no_function_runs_before_the_request_that_offers_it_is_approved(opens: Opens):
    desk = await opens()
    ran = list[str]()

    def note(place: str) -> str:
        """Note a place."""
        ran.append(place)
        return "noted"

    with pytest.raises(ApprovalNeeded):
        await desk.mission.session("case-17").run("Where?", tools=[note])

    assert (ran, desk.sent) == ([], 0)


async def test_after_an_interruption_the_conversation_needs_an_approval_of_its_own(opens: Opens):
    desk = await opens()
    session = desk.mission.session("case-17")
    cut = ProviderError("cut", kind=ProviderErrorKind.STREAM_INTERRUPTED, phase="mid_stream")
    with pytest.raises(ApprovalNeeded) as first:
        await session.generate("Where?")
    one = desk.grant(first.value.request)
    desk.a.script[:] = [cut]
    with pytest.raises((Interrupted, ProviderError)):
        await session.generate("Where?", approvals=[one])

    with pytest.raises(PolicyDenied):
        await session.resume(approvals=[one])

    assert desk.sent == 1


async def test_embeddings_and_lists_of_models_need_approval_too(opens: Opens):
    claim = 'embeddings = { support = "native", evidence = { level = "declared", checked = 2026-11-26 } }'
    desk = await opens(more=f"[endpoints.a.claims]\n{claim}\n")
    listed = ModelList((ModelInfo("m"),))
    desk.a.script[:] = [listed]

    with pytest.raises(ApprovalNeeded):
        await desk.mission.embed(["Flood at the depot"], subject="ann")
    with pytest.raises(ApprovalNeeded) as caught:
        await desk.mission.models()
    assert desk.sent == 0
    told = await desk.mission.models(approvals=[desk.grant(caught.value.request)])

    assert told.models == listed.models
