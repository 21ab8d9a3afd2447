"""Messages, media and reasoning as this vendor takes them."""

from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    Cache,
    DataSource,
    FileSource,
    FunctionTool,
    GenerateRequest,
    Media,
    Message,
    Opaque,
    Origin,
    Part,
    Reasoning,
    Refusal,
    Text,
    TextSource,
    ToolCall,
    ToolResult,
    UrlSource,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.mistral import DIALECT

LOOK = FunctionTool("look", schema={"type": "object", "properties": {}})


def _asked(*messages: Message, **more: Any) -> GenerateRequest:
    return GenerateRequest(messages or (user("hi"),), **more)


def _calling(*ids: str, results: tuple[str, ...] | None = None) -> GenerateRequest:
    calls = assistant(*(ToolCall(each, "look", "{}") for each in ids))
    answered = Message("tool", tuple(ToolResult(each, (Text(each),)) for each in results or ids))
    return _asked(user("hi"), calls, answered, tools=(LOOK,))


def test_a_last_message_of_the_assistants_begins_the_answer_and_that_is_named(encode: Any) -> None:
    body, losses = encode(_asked(user("hi"), assistant("It")))

    assert body["messages"][-1] == {"role": "assistant", "content": "It", "prefix": True}
    assert losses == [("prefix.injected", "messages[1].wire.fields.prefix")]


def test_a_call_at_the_end_is_no_beginning_of_an_answer(encode: Any) -> None:
    body, _ = encode(_asked(user("hi"), assistant(ToolCall("aaaaaaaa1", "look", "{}")), tools=(LOOK,)))

    assert "prefix" not in body["messages"][-1]


def test_a_prefix_passes_as_it_was_written(issuer: Origin, encode: Any) -> None:
    last = {"role": "assistant", "content": "It", "prefix": True}
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}, last]}

    assert encode(DIALECT.decode_request(body, {}, issuer)) == (body, [])


def test_a_developers_message_is_the_systems_here(encode: Any) -> None:
    body, losses = encode(_asked(Message("developer", (Text("Be brief."),)), user("hi")))

    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert losses == [("role.rewritten", "messages[0].role")]


PNG = DataSource("iVBORw0KGgo=")


@pytest.mark.parametrize(
    ("part", "chunk", "losses"),
    [
        (
            Media(PNG, kind="image", media_type="image/png"),
            {"type": "image_url", "image_url": "data:image/png;base64,iVBORw0KGgo="},
            [],
        ),
        (
            Media(UrlSource("https://a.example/b"), kind="image", detail="low"),
            {"type": "image_url", "image_url": {"url": "https://a.example/b", "detail": "low"}},
            [],
        ),
        (
            Media(UrlSource("https://a.example/b.pdf"), kind="document", name="b.pdf"),
            {"type": "document_url", "document_url": "https://a.example/b.pdf", "document_name": "b.pdf"},
            [],
        ),
        (
            Media(DataSource("JVBERi0x"), kind="document"),
            {"type": "document_url", "document_url": "data:application/pdf;base64,JVBERi0x"},
            [("media_type.injected", "messages[0].parts[0].media_type")],
        ),
        (
            Media(DataSource("AA=="), kind="audio", media_type="audio/wav"),
            {"type": "input_audio", "input_audio": "AA=="},
            [("media_type", "messages[0].parts[0].media_type")],
        ),
        (
            Media(TextSource("words"), kind="document"),
            "words",
            [("media.rewritten", "messages[0].parts[0]")],
        ),
    ],
)
def test_media_have_this_vendors_chunks(encode: Any, part: Part, chunk: Any, losses: list[Any]) -> None:
    body, named = encode(_asked(user(part)))

    content = body["messages"][0]["content"]
    assert (content if isinstance(content, str) else content[0], named) == (chunk, losses)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (Media(DataSource("AA=="), kind="video", media_type="video/mp4"), "media.unsupported"),
        (Media(DataSource("AA=="), kind="image"), "media.unsupported"),
        (Media(UrlSource("https://a.example/b"), kind="audio"), "media.unsupported"),
        (Media(FileSource("file_1"), kind="document"), "file.foreign"),
        (Media(FileSource("file_1"), kind="image"), "file.foreign"),
    ],
)
def test_media_that_cannot_be_sent_are_named(encode: Any, part: Part, code: str) -> None:
    body, losses = encode(_asked(user("hi", part)))

    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert losses == [(code, "messages[0].parts[1]")]


def test_a_stored_file_goes_back_to_its_issuer_only(issuer: Origin, encode: Any) -> None:
    chunk = {"type": "file", "file_id": "f"}
    body = {"model": "m", "messages": [{"role": "user", "content": [chunk]}]}
    request = DIALECT.decode_request(body, {}, issuer)

    assert encode(request) == (body, [])
    elsewhere = replace(issuer, host="elsewhere")
    assert ("file.foreign", "messages[0].parts[0]") in encode(request, target=elsewhere)[1]


def test_own_reasoning_goes_back_and_others_is_named(issuer: Origin, other: Origin, encode: Any) -> None:
    def told(author: Origin) -> GenerateRequest:
        thought = Reasoning("Hm.", opaque=(Opaque("signature", "s"),))
        return _asked(user("hi"), Message("assistant", (thought, Text("Yes.")), origin=author), user("go on"))

    own, no_losses = encode(told(issuer))
    others, losses = encode(told(other))

    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "signature": "s"}
    assert own["messages"][1]["content"] == [thinking, {"type": "text", "text": "Yes."}]
    assert no_losses == []
    assert others["messages"][1]["content"] == "Yes."
    assert losses == [("reasoning.foreign", "messages[1].parts[0]")]


def test_what_thinking_has_no_place_for_is_named(issuer: Origin, encode: Any) -> None:
    thought = Reasoning("Hm.", summary="short", cache=Cache())

    _, losses = encode(_asked(user("hi"), Message("assistant", (thought, Text("Yes.")), origin=issuer), user("go on")))

    assert losses == [
        ("reasoning.foreign", "messages[1].parts[0].summary"),
        ("cache", "messages[1].parts[0].cache"),
    ]


def test_thinking_with_references_is_read_as_text_and_comes_back(issuer: Origin, encode: Any) -> None:
    listed = [{"type": "text", "text": "a"}, {"type": "reference", "reference_ids": [1]}, {"type": "text", "text": "b"}]
    content = [{"type": "thinking", "thinking": listed, "closed": False}, {"type": "text", "text": "c"}]
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": content}]
    body = {"model": "m", "messages": [*messages, {"role": "user", "content": "x"}]}

    request = DIALECT.decode_request(body, {}, issuer)

    assert [getattr(part, "text", None) for part in request.messages[1].parts] == ["ab", "c"]
    assert encode(request) == (body, [])


def test_a_reference_is_a_citation_of_the_text_before_it(issuer: Origin, encode: Any) -> None:
    first, second = {"type": "reference", "reference_ids": [1]}, {"type": "reference", "reference_ids": [2]}
    content = [{"type": "text", "text": "a"}, first, second, {"type": "text", "text": "b"}]
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": content}]
    body = {"model": "m", "messages": [*messages, {"role": "user", "content": "x"}]}

    request = DIALECT.decode_request(body, {}, issuer)

    said = request.messages[1].parts
    assert [[each.raw for each in part.citations] for part in said if isinstance(part, Text)] == [[first, second], []]
    assert encode(request) == (body, [])


def test_a_refusal_is_sent_as_text(encode: Any) -> None:
    body, losses = encode(_asked(user("hi"), assistant(Refusal("No.")), user("please")))

    assert body["messages"][1] == {"role": "assistant", "content": "No."}
    assert losses == [("refusal.rewritten", "messages[1].parts[0]")]


def test_a_text_after_a_call_is_named_as_moved(encode: Any) -> None:
    said = assistant(ToolCall("aaaaaaaa1", "look", "{}"), Text("Looking."))
    results = Message("tool", (ToolResult("aaaaaaaa1", (Text("x"),)),))

    _, losses = encode(_asked(user("hi"), said, results, tools=(LOOK,)))

    assert losses == [("part_order", "messages[1].parts[1]")]


def test_an_error_of_a_tool_is_said_in_words(encode: Any) -> None:
    request = _calling("aaaaaaaa1")
    failed = Message("tool", (ToolResult("aaaaaaaa1", (Text("boom"),), status="error"),))

    body, losses = encode(replace(request, messages=(*request.messages[:2], failed)))

    texts = [{"type": "text", "text": "[error]"}, {"type": "text", "text": "boom"}]
    assert body["messages"][2] == {"role": "tool", "tool_call_id": "aaaaaaaa1", "content": texts}
    assert losses == [("tool_result.status", "messages[2].parts[0].status")]


def test_arguments_as_an_object_are_text_for_us_and_an_object_again(issuer: Origin, encode: Any) -> None:
    call = {"id": "aaaaaaaa1", "function": {"name": "look", "arguments": {"a": [1]}}}
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "", "tool_calls": [call]}]
    body = {"model": "m", "messages": [*messages, {"role": "tool", "tool_call_id": "aaaaaaaa1", "content": "y"}]}

    request = DIALECT.decode_request(body, {}, issuer)

    called = request.messages[1].parts[0]
    assert isinstance(called, ToolCall)
    assert called.arguments_json == '{"a":[1]}'
    assert encode(request) == (body, [])


@pytest.mark.parametrize(
    "more",
    [
        {"safe_prompt": True},
        {"safe_prompt": False},
        {"prompt_mode": "reasoning"},
        {"prompt_mode": None},
        {"prompt_mode": "reasoning", "reasoning_effort": "xhigh"},
        {"guardrails": [{"block_on_error": True}]},
        {"prediction": {"type": "content", "content": "x"}},
        {"prompt_cache_key": "k"},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"temperature": 1.4, "stop": "x", "random_seed": None},
        {"metadata": {"a": 1}},
        {"tools": None, "tool_choice": "auto", "parallel_tool_calls": False},
        {"response_format": {"type": "json_object", "json_schema": None}},
    ],
    ids=str,
)
def test_the_vendors_own_fields_come_back(issuer: Origin, encode: Any, more: dict[str, Any]) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **more}

    assert encode(DIALECT.decode_request(body, {}, issuer)) == (body, [])


def test_a_system_message_holds_no_media(encode: Any) -> None:
    body, losses = encode(_asked(Message("system", (Text("a"), Media(PNG, kind="image"))), user("hi"), system("b")))

    assert body["messages"][0] == {"role": "system", "content": "a"}
    assert losses == [("media.unsupported", "messages[0].parts[1]")]


def _native(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "x"}, *messages], **more}


@pytest.mark.parametrize(
    "body",
    [
        _native({"role": "user", "content": [{"type": "input_audio", "input_audio": "AA=="}]}),
        _native({"role": "user", "content": [{"type": "input_audio", "input_audio": "https://a.example/b.wav"}]}),
        _native({"role": "user", "content": [{"type": "input_audio", "input_audio": "data:audio/wav;base64,AA=="}]}),
        _native({"role": "user", "content": [{"type": "hologram", "beam": 1}, "odd", None]}),
        _native({"role": "assistant", "content": "It"}),
        _native({"role": "assistant", "tool_calls": [{"id": "i", "function": {"name": "f", "arguments": 3}}]}),
        _native(
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": each, "function": {"name": "f", "arguments": "{}"}} for each in ("a", "b")],
            },
            {"role": "tool", "tool_call_id": "b", "content": "2"},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
        ),
        _native({"role": "tool", "content": "x", "tool_call_id": None}, {"role": "ghost"}, {"role": "tool"}),
    ],
    ids=str,
)
def test_what_its_author_wrote_is_sent_as_it_is(issuer: Origin, encode: Any, body: dict[str, Any]) -> None:
    assert encode(DIALECT.decode_request(body, {}, issuer)) == (body, [])


def test_a_chunk_that_nobody_knows_stays_with_its_issuer(issuer: Origin) -> None:
    body = _native({"role": "assistant", "content": [{"type": "hologram"}]}, {"role": "user", "content": "y"})
    request = DIALECT.decode_request(body, {}, issuer)

    encoded = DIALECT.encode_request(request, Target(origin=replace(issuer, host="elsewhere")))

    assert [each["role"] for each in encoded.body["messages"]] == ["user", "user"]
    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("unknown_part", "messages[1].parts[0]"),
        ("message.empty", "messages[1]"),
    ]


def test_nothing_that_can_be_said_is_stood_in_for_by_name(encode: Any) -> None:
    body, losses = encode(_asked(user(Media(DataSource("AA=="), kind="video"))))

    assert body["messages"] == [{"role": "user", "content": "(no message)"}]
    assert {code for code, _ in losses} == {"media.unsupported", "message.empty", "text.injected"}


def test_what_stands_beside_results_follows_as_the_users(encode: Any) -> None:
    request = _calling("aaaaaaaa1")
    beside = Message("tool", (Text("by the way"), ToolResult("aaaaaaaa1", (Text("x"),))))

    body, losses = encode(replace(request, messages=(*request.messages[:2], beside)))

    assert [each["role"] for each in body["messages"]] == ["user", "assistant", "tool", "user"]
    assert body["messages"][3]["content"] == [{"type": "text", "text": "by the way"}]
    assert ("role.moved", "messages[2].parts[0]") in losses


@pytest.mark.parametrize(
    ("data", "media_type"),
    [("iVBORw0KGgo=", "image/png"), ("/9j/AA==", "image/jpeg"), ("R0lGODdh", "image/gif"), ("UklGRg==", "image/webp")],
)
def test_the_bytes_tell_their_type_where_nobody_does(encode: Any, data: str, media_type: str) -> None:
    body, losses = encode(_asked(user(Media(DataSource(data), kind="image"))))

    assert body["messages"][0]["content"][0]["image_url"] == f"data:{media_type};base64,{data}"
    assert losses == [("media_type.injected", "messages[0].parts[0].media_type")]
