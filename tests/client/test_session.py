"""A conversation through the front door: tools, streams, interruptions and hand-off."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

# ruff: noqa: PT012  # what is raised while a stream is read needs the stream around it
from offramp import (
    AnyResponse,
    Batch,
    FunctionTool,
    Interrupted,
    MaxTurnsExceeded,
    Message,
    OutcomeKind,
    PartStart,
    ProviderError,
    ProviderErrorKind,
    ResponseEnd,
    ResponseStart,
    Selector,
    ServedModelMismatch,
    SessionError,
    Text,
    TextDelta,
    ToolCall,
    ToolError,
    ToolResult,
)
from offramp.contracts.ledger import interrupted
from offramp.state import open_store, prohibit
from offramp.types import Outcome

Answer = Callable[..., AnyResponse]

started: list[str] = []


def units_near(place: str) -> list[str]:
    """Units near a place."""
    started.append(place)
    return ["alpha"]


@pytest.fixture(autouse=True)
def _fresh():
    started.clear()


def calls(*places: str) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(f"call_{number}", "units_near", f'{{"place": "{place}"}}') for number, place in enumerate(places)
    )


def cut_after(text: str, cause: Any) -> list[Any]:
    return [
        Batch((ResponseStart(),)),
        Batch((PartStart(0, Text("")), TextDelta(0, text))),
        cause,
        Batch((ResponseEnd(Outcome(OutcomeKind.COMPLETED)),)),
    ]


def order(deployment: Any, selector: str) -> None:
    store = open_store(f"sqlite:{deployment.path.parent / 'state.db'}")
    prohibit(store, Selector.parse(selector), reason="ORDER-1", by="test")
    store.close()


async def test_run_executes_parallel_calls_and_answers_them_in_call_order(deployment: Any, answer: Answer):
    deployment.a.script += [answer(*calls("x", "y"), kind=OutcomeKind.TOOL_CALLS), answer("two units")]
    case = deployment.mission.session("case")

    response = await case.run("Who is near?", tools=[units_near])

    assert response.text == "two units"
    assert sorted(started) == ["x", "y"]
    results = case.messages[2]
    assert results.role == "tool"
    assert [part.call_id for part in results.parts] == ["call_0", "call_1"]


async def test_a_session_goes_on_after_a_restart(deployment: Any, answer: Answer):
    deployment.a.script += [answer("one"), answer("two")]
    await deployment.mission.session("case").run("first")

    await deployment.again().mission("triage").session("case").run("second")

    assert [message.text for message in deployment.a.requests[-1].messages] == ["first", "one", "second"]


async def test_a_stream_gives_its_text_and_is_kept(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("hello there"))
    case = deployment.mission.session("case")

    async with case.stream("hi") as stream:
        text = "".join([piece async for piece in stream.text])

    assert text == stream.response.text == "hello there"
    assert case.messages[-1].text == "hello there"


async def test_a_word_of_another_model_is_never_shown(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("hello there", model="other-model"))
    case = deployment.mission.session("case")

    with pytest.raises(ServedModelMismatch):
        async with case.stream("hi"):
            pytest.fail("the stream was shown")
    with pytest.raises(SessionError, match="nothing is left to resume"):
        await case.resume()

    assert deployment.b.calls == []


async def test_an_order_in_mid_stream_interrupts_and_resume_continues_elsewhere(deployment: Any, answer: Answer):
    never = asyncio.Event()
    deployment.a.script.append(cut_after("half of", never))
    deployment.b.script.append(answer("a whole answer"))
    case = deployment.mission.session("case")

    with pytest.raises(Interrupted) as caught:
        async with case.stream("hi") as stream:
            async for _ in stream.text:
                order(deployment, "developer:acme")
    resumed = await case.resume()

    assert caught.value.partial is not None
    assert caught.value.partial.text == "half of"
    assert resumed.text == "a whole answer"
    assert [message.text for message in deployment.b.requests[-1].messages] == ["hi"]
    assert [(message.text, message.status) for message in case.messages] == [
        ("hi", "complete"),
        ("half of", "interrupted"),
        ("a whole answer", "complete"),
    ]


async def test_after_a_hand_off_the_conversation_stays_where_it_is(deployment: Any, answer: Answer):
    deployment.a.script.append(ProviderError("down", kind=ProviderErrorKind.TIMEOUT))
    deployment.b.script += [answer("one"), answer("two")]
    case = deployment.mission.session("case")
    await case.run("first")

    await deployment.again().mission("triage").session("case").run("second")

    assert len(deployment.a.requests) == 1


@pytest.mark.parametrize(
    "kind", [ProviderErrorKind.CONTENT_FILTER, ProviderErrorKind.MALFORMED, ProviderErrorKind.UNKNOWN]
)
async def test_what_may_be_an_answer_is_not_asked_again(deployment: Any, kind: ProviderErrorKind):
    deployment.a.script.append(cut_after("half", ProviderError("?", kind=kind, phase="mid_stream")))
    case = deployment.mission.session("case")

    with pytest.raises(ProviderError):
        async with case.stream("hi") as stream:
            await stream.collect()
    with pytest.raises(SessionError, match="nothing is left to resume"):
        await case.resume()

    assert deployment.b.calls == []


async def test_leaving_a_stream_early_keeps_what_had_come(deployment: Any, answer: Answer):
    deployment.a.script += [cut_after("half", asyncio.Event()), answer("again")]
    case = deployment.mission.session("case")

    async with case.stream("hi") as stream:
        async for _ in stream.text:
            break
    resumed = await case.resume()

    assert case.messages[1].status == "interrupted"
    assert resumed.text == "again"


class Died(BaseException):
    """Stands for the end of the process."""


async def test_a_tool_that_cancels_itself_leaves_its_fate_unknown(deployment: Any, answer: Answer):
    deployment.a.script.append(answer(*calls("x"), kind=OutcomeKind.TOOL_CALLS))

    async def units_near(place: str) -> str:
        """Units near a place."""
        raise asyncio.CancelledError

    with pytest.raises(ToolError, match="fate is not known"):
        await deployment.mission.session("case").run("Who?", tools=[units_near])


async def test_a_call_of_unknown_fate_is_never_started_again(deployment: Any, answer: Answer):
    deployment.a.script += [answer(*calls("x"), kind=OutcomeKind.TOOL_CALLS), answer("done")]

    async def dies(place: str) -> str:
        """Units near a place."""
        started.append(place)
        raise Died

    dies.__name__ = "units_near"
    with pytest.raises(Died):
        await deployment.mission.session("case").run("Who?", tools=[dies])
    case = deployment.again().mission("triage").session("case")

    with pytest.raises(ToolError, match="fate is not known"):
        await case.resume(tools=[units_near])
    settled = await case.run(Message("tool", (ToolResult("call_0", (Text("it had run"),)),)), tools=[units_near])

    assert settled.text == "done"
    assert started == ["x"]


async def test_calls_that_were_never_started_run_on_resume(deployment: Any, answer: Answer):
    deployment.a.script += [answer(*calls("x"), kind=OutcomeKind.TOOL_CALLS), answer("done")]
    await deployment.mission.session("case").generate("Who?", tools=[units_near])

    response = await deployment.again().mission("triage").session("case").resume(tools=[units_near])

    assert response.text == "done"
    assert started == ["x"]


async def test_waiting_calls_refuse_other_input(deployment: Any, answer: Answer):
    deployment.a.script.append(answer(*calls("x"), kind=OutcomeKind.TOOL_CALLS))
    case = deployment.mission.session("case")
    await case.generate("Who?", tools=[units_near])

    with pytest.raises(SessionError, match="wait for results"):
        await case.run("never mind")


async def test_a_tool_declared_by_hand_is_left_to_the_caller(deployment: Any, answer: Answer):
    deployment.a.script.append(answer(*calls("x"), kind=OutcomeKind.TOOL_CALLS))
    case = deployment.mission.session("case")

    response = await case.run("Who?", tools=[FunctionTool("units_near")])

    assert response.outcome.kind is OutcomeKind.TOOL_CALLS
    assert started == []


async def test_a_tool_that_nobody_offered_is_answered_as_missing(deployment: Any, answer: Answer):
    invented = ToolCall("call_0", "launch", "{}")
    deployment.a.script += [answer(invented, kind=OutcomeKind.TOOL_CALLS), answer("sorry")]
    case = deployment.mission.session("case")

    await case.run("Who?", tools=[units_near])

    assert case.messages[2].parts[0].status == "error"


async def test_a_loop_without_end_is_stopped(deployment: Any, answer: Answer):
    deployment.a.script += [answer(*calls("x"), kind=OutcomeKind.TOOL_CALLS) for _ in range(3)]

    with pytest.raises(MaxTurnsExceeded):
        await deployment.mission.run("Who?", tools=[units_near], max_turns=3)

    assert len(deployment.a.calls) == 3


async def test_a_user_message_is_said_once_though_two_vendors_were_tried(deployment: Any, answer: Answer):
    deployment.a.script.append(ProviderError("down", kind=ProviderErrorKind.TIMEOUT))
    deployment.b.script.append(answer("hi"))
    case = deployment.mission.session("case")

    await case.run("hello")

    assert [message.text for message in case.messages] == ["hello", "hi"]


async def test_the_same_system_prompt_in_each_turn_is_said_once(deployment: Any, answer: Answer):
    deployment.a.script += [answer("one"), answer("two")]
    case = deployment.mission.session("case")

    await case.run("first", system="Be brief.")
    await case.run("second", system="Be brief.")

    assert [message.role for message in case.messages] == ["system", "user", "assistant", "user", "assistant"]


async def test_two_writers_of_one_conversation_are_told_apart(deployment: Any, answer: Answer):
    deployment.a.script += [cut_after("slow", asyncio.Event()), answer("other")]
    other = deployment.again().mission("triage").session("case")

    with pytest.raises(SessionError, match="another writer"):
        async with deployment.mission.session("case").stream("hi") as slow:
            async for _ in slow.text:
                await other.run("me too")
                break

    assert other.messages[-1].text == "other"


async def test_conversations_whose_turn_was_cut_off_are_listed(deployment: Any):
    deployment.a.script.append(cut_after("half", ProviderError("?", kind=ProviderErrorKind.STREAM_INTERRUPTED)))
    case = deployment.mission.session("case-17")
    with pytest.raises(Interrupted):
        async with case.stream("hi") as stream:
            await stream.collect()

    found = await interrupted(deployment.client._parts.ledger)

    assert [one.conversation for one in found] == ["case-17"]


async def test_resume_has_nothing_to_do_after_a_whole_answer(deployment: Any, answer: Answer):
    deployment.a.script.append(answer("whole"))
    case = deployment.mission.session("case")
    await case.run("hi")

    with pytest.raises(SessionError, match="nothing is left to resume"):
        await case.resume()
