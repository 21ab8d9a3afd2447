"""Conversations that were written elsewhere, in the order that the vendor demands."""

from collections.abc import Callable
from typing import Any

import pytest

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Message,
    Text,
    ToolCall,
    ToolResult,
    assistant,
    system,
    user,
)

Encode = Callable[..., tuple[Any, list[str]]]

PNG = "iVBORw0KGgoAAAANSUhEUg=="
LOOK = FunctionTool("look", schema={"type": "object", "properties": {}})


def said(encode: Encode, *messages: Message, **fields: Any) -> tuple[Any, list[str]]:
    """The messages on the wire, and the codes of the losses."""
    fields = {"max_output_tokens": 100} | fields
    body, losses = encode(GenerateRequest(messages, **fields))
    return body["messages"], losses


def test_leading_system_messages_stand_at_the_top(encode: Encode) -> None:
    body, losses = encode(
        GenerateRequest((system("a"), Message("developer", (Text("b"),)), user("hi")), max_output_tokens=9)
    )

    assert body["system"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert losses == ["role.rewritten", "message.merged"]


@pytest.mark.parametrize(("allowed", "losses"), [(False, ["role.moved", "message.merged"]), (True, [])])
def test_a_later_system_message_moves_to_the_top_where_it_may_not_stay(
    encode: Encode, allowed: bool, losses: list[str]
) -> None:
    messages = (system("a"), user("hi"), system("now"), assistant("ok"), user("go"))

    body, found = encode(GenerateRequest(messages, max_output_tokens=9), {"mid_conversation_system": allowed})

    assert found == losses
    assert (body["messages"][1]["role"] == "system") is allowed
    assert len(body["system"]) == (1 if allowed else 2)


def test_a_later_system_message_out_of_its_place_moves_even_where_it_is_allowed(encode: Encode) -> None:
    messages = (user("hi"), assistant("ok"), system("now"), user("go"))

    body, losses = encode(GenerateRequest(messages, max_output_tokens=9), {"mid_conversation_system": True})

    assert losses == ["role.moved"]
    assert body["system"] == [{"type": "text", "text": "now"}]


def test_results_and_the_users_words_are_one_message(encode: Encode) -> None:
    calls = assistant(ToolCall("a", "look", "{}"), ToolCall("b", "look", "{}"))
    results = Message("tool", (ToolResult("a", (Text("1"),)), ToolResult("b", (Text("2"),), status="error")))

    sent, losses = said(encode, user("hi"), calls, results, user("and?"), tools=(LOOK,))

    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert [block["type"] for block in sent[2]["content"]] == ["tool_result", "tool_result", "text"]
    assert sent[2]["content"][1]["is_error"] is True
    assert losses == []


def test_a_call_without_a_result_gets_one_that_says_so(encode: Encode) -> None:
    sent, losses = said(encode, user("hi"), assistant(ToolCall("a", "look", "{}")), user("and?"), tools=(LOOK,))

    assert [block["type"] for block in sent[2]["content"]] == ["tool_result", "text"]
    assert sent[2]["content"][0]["is_error"] is True
    assert losses == ["tool_result.injected"]


def test_a_result_without_a_call_is_named(encode: Encode) -> None:
    sent, losses = said(encode, user("hi"), Message("tool", (ToolResult("a", (Text("1"),)),)), user("and?"))

    assert len(sent) == 1
    assert losses == ["tool_result.orphan", "message.empty", "message.merged"]


def test_words_before_a_result_are_moved_behind_it(encode: Encode) -> None:
    late = Message("user", (Text("wait"), ToolResult("a", (Text("1"),))))

    sent, losses = said(encode, user("hi"), assistant(ToolCall("a", "look", "{}")), late, tools=(LOOK,))

    assert [block["type"] for block in sent[2]["content"]] == ["tool_result", "text"]
    assert losses == ["part_order"]


def test_a_history_with_calls_keeps_their_tools_declared(encode: Encode) -> None:
    history = (user("hi"), assistant(ToolCall("a", "look", "{}")), Message("tool", (ToolResult("a", ()),)))

    body, losses = encode(GenerateRequest(history, max_output_tokens=9))

    assert [tool["name"] for tool in body["tools"]] == ["look"]
    assert body["tool_choice"] == {"type": "none"}
    assert losses == ["tools.injected"]


def test_an_assistants_first_and_last_word_get_a_users_around_them(encode: Encode) -> None:
    sent, losses = said(encode, assistant("so"))

    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert losses == ["text.injected", "text.injected"]


def test_a_model_that_continues_the_assistant_does(encode: Encode) -> None:
    body, losses = encode(GenerateRequest((user("hi"), assistant("so")), max_output_tokens=9), {"prefill": True})

    assert body["messages"][-1]["role"] == "assistant"
    assert losses == []


def test_neighbours_of_one_role_are_joined_by_name(encode: Encode) -> None:
    sent, losses = said(encode, user("a"), user("b"))

    assert len(sent) == 1
    assert losses == ["message.merged"]
