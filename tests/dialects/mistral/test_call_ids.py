"""Ids of calls: nine letters and digits, alike in call and result."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Message,
    Text,
    ToolCall,
    ToolResult,
    assistant,
    user,
)
from offramp_providers.dialects.mistral.call_ids import sent_ids

LOOK = FunctionTool("look", schema={"type": "object", "properties": {}})


def _asked(*messages: Message, **more: Any) -> GenerateRequest:
    return GenerateRequest(messages or (user("hi"),), **more)


def _calling(*ids: str, results: tuple[str, ...] | None = None) -> GenerateRequest:
    calls = assistant(*(ToolCall(each, "look", "{}") for each in ids))
    answered = Message("tool", tuple(ToolResult(each, (Text(each),)) for each in results or ids))
    return _asked(user("hi"), calls, answered, tools=(LOOK,))


def _sent(body: Any) -> tuple[list[str], list[str]]:
    calls = [call["id"] for message in body["messages"] for call in message.get("tool_calls", ())]
    return calls, [message["tool_call_id"] for message in body["messages"] if message["role"] == "tool"]


def test_ids_of_nine_letters_and_digits_are_sent_as_they_are(encode: Any) -> None:
    body, losses = encode(_calling("aB3dE6gH9", "123456789"))

    assert _sent(body) == (["aB3dE6gH9", "123456789"], ["aB3dE6gH9", "123456789"])
    assert losses == []


def test_another_vendors_ids_are_rewritten_alike_in_call_and_result_and_named(encode: Any) -> None:
    body, losses = encode(_calling("call_1", "call-1"))

    calls, results = _sent(body)
    assert calls == results
    assert len(set(calls)) == 2
    assert all(len(each) == 9 and each.isalnum() for each in calls)
    assert {code for code, _ in losses} == {"call_id.rewritten"}
    assert len(losses) == 4


@given(st.lists(st.text(max_size=12) | st.from_regex(r"[a-zA-Z0-9]{9}", fullmatch=True), max_size=30))
def test_ids_never_collide_and_valid_ones_stay(ids: list[str]) -> None:
    sent = sent_ids(ids)

    assert len(set(sent.values())) == len(set(ids)) == len(sent)
    assert all(len(each) == 9 and each.isascii() and each.isalnum() for each in sent.values())
    assert all(sent[each] == each for each in ids if len(each) == 9 and each.isascii() and each.isalnum())


@given(st.lists(st.text(max_size=6), max_size=8), st.lists(st.text(max_size=6), max_size=8))
def test_a_conversation_that_grows_keeps_its_ids(earlier: list[str], later: list[str]) -> None:
    before, after = sent_ids(earlier), sent_ids([*earlier, *later])

    assert {each: after[each] for each in before} == before


def test_an_id_that_would_collide_gets_another() -> None:
    taken = sent_ids(["call_1"])["call_1"]

    sent = sent_ids(["call_1", taken])

    assert sent[taken] == taken
    assert sent["call_1"] != taken


def test_results_are_put_in_the_order_of_their_calls(encode: Any) -> None:
    body, losses = encode(_calling("aaaaaaaa1", "aaaaaaaa2", results=("aaaaaaaa2", "aaaaaaaa1")))

    assert _sent(body)[1] == ["aaaaaaaa1", "aaaaaaaa2"]
    assert losses == [("part_order", "messages[2].parts[1]"), ("part_order", "messages[2].parts[0]")]
