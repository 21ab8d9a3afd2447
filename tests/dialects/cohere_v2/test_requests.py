"""What messages say in the vendor's own way, and what they say instead where it has no word."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.types import (
    Citation,
    DataSource,
    GenerateRequest,
    Media,
    Message,
    Origin,
    Reasoning,
    Refusal,
    Text,
    TextSource,
    ToolCall,
    ToolResult,
    UrlSource,
    assistant,
    user,
)
from offramp_providers.dialects.cohere_v2 import DIALECT

Encode = Callable[..., tuple[Any, list[tuple[str, str]]]]


PNG = "iVBORw0KGgo="


CALL = ToolCall("c", "look", '{"a":"x"}')


ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({**ASK, **body}, {}, issuer)


def sent(encode: Encode, *messages: Message, **settings: Any) -> tuple[list[Any], list[tuple[str, str]]]:
    body, losses = encode(GenerateRequest(messages, **settings))
    return body["messages"], losses


def test_what_another_model_said_ahead_of_its_calls_is_a_plan(encode: Encode, other: Origin):
    turn = Message("assistant", (Text("Looking."), CALL), origin=other)

    messages, losses = sent(encode, user("hi"), turn)

    assert messages[1] == {
        "role": "assistant",
        "tool_plan": "Looking.",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "look", "arguments": '{"a":"x"}'}}],
    }
    assert losses == []


def test_the_vendors_own_text_beside_calls_stays_content(issuer: Origin, encode: Encode):
    calls = [{"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    turn = {"role": "assistant", "content": [{"type": "text", "text": "a"}], "tool_plan": "b", "tool_calls": calls}

    request = read({"messages": [*ASK["messages"], turn]}, issuer)

    assert [part.type for part in request.messages[1].parts] == ["text", "text", "tool_call"]
    assert encode(request)[0]["messages"][1] == turn


def test_text_behind_calls_is_named_as_moved_and_joined(encode: Encode, other: Origin):
    turn = Message("assistant", (Text("a"), CALL, Text("b")), origin=other)

    messages, losses = sent(encode, user("hi"), turn)

    assert messages[1]["tool_plan"] == "ab"
    assert losses == [("part_order", "messages[1].parts[2]"), ("text.joined", "messages[1].parts[2]")]


def test_thinking_returns_to_its_own_host_only(encode: Encode, issuer: Origin, other: Origin):
    own = Message("assistant", (Reasoning("Hm."), Text("Yes.")), origin=issuer)
    foreign = Message("assistant", (Reasoning("Hm."), Text("Yes.")), origin=other)

    assert sent(encode, user("hi"), own) == (
        [
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}],
            },
        ],
        [],
    )
    assert sent(encode, user("hi"), foreign) == (
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Yes."}]}],
        [("reasoning.foreign", "messages[1].parts[0]")],
    )


def test_citations_return_to_their_own_host_only(encode: Encode, issuer: Origin, other: Origin):
    raw = {"start": 0, "end": 3, "text": "Yes", "sources": [], "type": "TEXT_CONTENT"}
    own = Text("Yes.", citations=(Citation(dialect=DIALECT.name, raw=raw),))

    messages, losses = sent(encode, user("hi"), Message("assistant", (own,), origin=issuer))
    elsewhere, lost = sent(encode, user("hi"), Message("assistant", (own,), origin=other))

    assert (messages[1]["citations"], losses) == ([raw], [])
    assert ("citations" in elsewhere[1], lost) == (False, [("citations", "messages[1].parts[0].citations")])


def test_citations_that_would_be_read_as_another_texts_are_named(encode: Encode, issuer: Origin):
    raw = {"start": 0, "end": 1, "text": "b", "type": "TEXT_CONTENT"}
    cited = Text("b", citations=(Citation(dialect=DIALECT.name, raw=raw),))

    messages, losses = sent(encode, user("hi"), Message("assistant", (Text("a"), cited), origin=issuer))

    assert "citations" not in messages[1]
    assert losses == [("citations", "messages[1].parts[1].citations")]


@pytest.mark.parametrize("part", [Refusal("No."), Text("No.")])
def test_a_refusal_is_said_in_words(encode: Encode, part: Any):
    messages, losses = sent(encode, user("hi"), assistant(part), user("why?"))

    assert messages[1] == {"role": "assistant", "content": [{"type": "text", "text": "No."}]}
    assert [code for code, _ in losses] == ["refusal.rewritten"] * (part.type == "refusal")


def test_a_turn_without_a_word_is_left_out_and_named(encode: Encode):
    messages, losses = sent(encode, user(""), user("hi"))

    assert messages == [{"role": "user", "content": "hi"}]
    assert losses == [("text.empty", "messages[0].parts[0]"), ("message.empty", "messages[0]")]


def test_a_developer_speaks_as_the_system(encode: Encode):
    messages, losses = sent(encode, Message("developer", (Text("Be brief."),)), user("hi"))

    assert messages[0] == {"role": "system", "content": "Be brief."}
    assert losses == [("role.rewritten", "messages[0].role")]


def test_a_plan_of_another_host_is_a_text_where_nothing_is_called(issuer: Origin, encode: Encode):
    calls = [{"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    turn = {"role": "assistant", "tool_plan": "Looking.", "tool_calls": calls}
    read_there = DIALECT.decode_request({"messages": [turn]}, {}, replace(issuer, host="elsewhere")).messages[0]

    messages, losses = sent(encode, user("hi"), replace(read_there, parts=read_there.parts[:1]))

    assert messages[1] == {"role": "assistant", "content": [{"type": "text", "text": "Looking."}]}
    assert losses == []


def test_a_message_of_no_known_role_returns_whole_to_its_own_host_only(issuer: Origin, encode: Encode):
    odd = {"role": "narrator", "content": "Meanwhile."}
    request = read({"messages": [odd, *ASK["messages"]]}, issuer)
    (part,) = request.messages[0].parts
    elsewhere = replace(request.messages[0], parts=(replace(part, origin=replace(issuer, host="elsewhere")),))

    assert encode(request)[0]["messages"][0] == odd
    assert sent(encode, elsewhere, user("hi")) == (
        [{"role": "user", "content": "hi"}],
        [("unknown_part", "messages[0].parts[0]"), ("message.empty", "messages[0]")],
    )


def results(*found: ToolResult) -> tuple[Message, ...]:
    return user("hi"), assistant(CALL), Message("tool", found)


def test_a_document_in_a_result_stays_a_document(encode: Encode):
    document = Media(TextSource("Two units."), kind="document", name="log.txt")

    messages, losses = sent(encode, *results(ToolResult("c", (document,))))

    block = {"type": "document", "document": {"data": {"text": "Two units.", "title": "log.txt"}}}
    assert (messages[2]["content"], losses) == ([block], [])


def test_an_image_in_a_result_goes_to_the_user(encode: Encode):
    image = Media(DataSource(PNG), kind="image", media_type="image/png")

    messages, losses = sent(encode, *results(ToolResult("c", (Text("see"), image))))

    assert messages[2] == {"role": "tool", "tool_call_id": "c", "content": "see"}
    assert messages[3]["content"][1] == {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    assert losses == [("media.moved", "messages[2].parts[0].parts[1]")]


def test_a_failed_result_says_so(encode: Encode):
    messages, losses = sent(encode, *results(ToolResult("c", (Text("gone"),), status="error")))

    assert messages[2]["content"] == [{"type": "text", "text": "[error]"}, {"type": "text", "text": "gone"}]
    assert losses == [("tool_result.status", "messages[2].parts[0].status")]


def test_a_result_without_its_call_is_named_as_missing(encode: Encode):
    messages, losses = sent(encode, *results(ToolResult("c", (Text("1"),)), ToolResult("x", (Text("2"),))))

    assert [message["role"] for message in messages] == ["user", "assistant", "tool"]
    assert losses == [("tool_result.orphan", "messages[2].parts[1]")]


def test_an_id_that_stands_for_two_calls_becomes_two_ids_and_the_results_follow(encode: Encode):
    first = (assistant(CALL, CALL), Message("tool", (ToolResult("c", (Text("1"),)), ToolResult("c", (Text("2"),)))))
    again = (assistant(CALL), Message("tool", (ToolResult("c", (Text("3"),)),)))

    messages, losses = sent(encode, user("hi"), *first, *again)

    calls = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    answered = [(message["tool_call_id"], message["content"]) for message in messages if message["role"] == "tool"]
    assert calls == ["c", "c_2", "c_3"]
    assert answered == [("c", "1"), ("c_2", "2"), ("c_3", "3")]
    assert {code for code, _ in losses} == {"call_id.rewritten"}
    assert len(losses) == 4


def test_the_vendors_own_ids_are_never_touched(issuer: Origin, encode: Encode):
    call = {"id": "", "type": "function", "function": {"name": "look", "arguments": ""}}
    turns = [{"role": "assistant", "tool_calls": [call, call]}, {"role": "tool", "tool_call_id": "x", "content": "1"}]

    assert encode(read({"messages": turns}, issuer)) == ({**ASK, "messages": turns}, [])


@pytest.mark.parametrize("kind", [{}, {"type": None}])
def test_a_call_without_a_type_stays_without(issuer: Origin, encode: Encode, kind: dict[str, Any]):
    call = {"id": "c", **kind, "function": {"name": "look", "arguments": "{}"}}
    turns = [*ASK["messages"], {"role": "assistant", "tool_calls": [call]}]

    assert encode(read({"messages": turns}, issuer)) == ({**ASK, "messages": turns}, [])


def test_a_call_without_arguments_gets_the_empty_object(encode: Encode):
    messages, losses = sent(encode, user("hi"), assistant(ToolCall("c", "look", "")))

    assert messages[1]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert losses == [("arguments.injected", "messages[1].parts[0].arguments_json")]


def test_a_document_has_no_level_of_detail_and_no_media_type_here_and_that_is_named(encode: Encode):
    document = Media(TextSource("Two units."), kind="document", name="log.txt", detail="low", media_type="text/plain")

    _, losses = sent(encode, *results(ToolResult("c", (document,))))

    assert losses == [
        ("media_type", "messages[2].parts[0].parts[0].media_type"),
        ("media.detail", "messages[2].parts[0].parts[0].detail"),
    ]


def test_an_image_keeps_its_level_of_detail(encode: Encode):
    image = Media(UrlSource("https://a.example/b.png"), kind="image", detail="low")

    messages, losses = sent(encode, user(image))

    block = {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low"}}
    assert (messages[0]["content"], losses) == ([block], [])


def test_a_question_of_which_nothing_can_be_said_leaves_the_last_word_to_the_user(encode: Encode):
    paper = Media(DataSource("JVBERi0x"), kind="document", media_type="application/pdf")

    said, losses = sent(encode, user("hi"), assistant("yes?"), Message("user", (paper,)))

    assert [each["role"] for each in said] == ["user", "assistant", "user"]
    assert ("text.injected", "messages") in losses


def test_an_answer_that_was_begun_stays_the_last_word(encode: Encode):
    said, losses = sent(encode, user("hi"), assistant("Well,"))

    assert [each["role"] for each in said] == ["user", "assistant"]
    assert ("text.injected", "messages") not in losses
