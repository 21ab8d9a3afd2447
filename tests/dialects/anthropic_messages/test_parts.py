"""Parts that were written elsewhere: said where they can be, named where they cannot."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    Cache,
    Citation,
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
    RedactedReasoning,
    Refusal,
    Text,
    TextSource,
    ToolCall,
    ToolResult,
    Unknown,
    UrlSource,
    assistant,
    user,
)
from offramp_providers.dialects.anthropic_messages import DIALECT

Encode = Callable[..., tuple[Any, list[str]]]

PNG = "iVBORw0KGgoAAAANSUhEUg=="
LOOK = FunctionTool("look", schema={"type": "object", "properties": {}})


def said(encode: Encode, *messages: Message, **fields: Any) -> tuple[Any, list[str]]:
    """The messages on the wire, and the codes of the losses."""
    fields = {"max_output_tokens": 100} | fields
    body, losses = encode(GenerateRequest(messages, **fields))
    return body["messages"], losses


@pytest.mark.parametrize(
    ("part", "block", "losses"),
    [
        (Text(""), None, ["text.empty", "message.empty"]),
        (Text("x", opaque=(Opaque("item_id", "i"),)), {"type": "text", "text": "x"}, ["opaque.foreign"]),
        (Text("x", citations=(Citation(dialect="o", raw={}),)), {"type": "text", "text": "x"}, ["citations"]),
        (Refusal("no", category="c"), {"type": "text", "text": "no"}, ["refusal.rewritten", "refusal.category"]),
        (Reasoning("hm"), None, ["reasoning.foreign", "message.empty"]),
        (RedactedReasoning(opaque=(Opaque("redacted_data", "d"),)), None, ["reasoning.foreign", "message.empty"]),
        (Unknown(dialect="openai_chat", vendor_type="t", raw={}), None, ["unknown_part", "message.empty"]),
        (ToolCall("c", "n", "{}", executor="vendor"), None, ["vendor_tool", "message.empty"]),
        (Media(DataSource(PNG), kind="image", media_type="image/png"), None, ["media.unsupported", "message.empty"]),
    ],
)
def test_a_foreign_assistants_part_is_said_or_named(
    encode: Encode, other: Origin, part: Part, block: Any, losses: list[str]
) -> None:
    sent, found = said(encode, user("hi"), Message("assistant", (part,), origin=other), user("go"))

    assert [message["content"] for message in sent if message["role"] == "assistant"] == ([[block]] if block else [])
    assert [code for code in found if code != "message.merged"] == losses


@pytest.mark.parametrize(
    ("text", "sent", "losses"),
    [
        ('{"a":1}', {"a": 1}, []),
        ('{"a": 1}', {"a": 1}, ["arguments.respelled"]),
        ("", {}, ["arguments.injected"]),
        (None, {}, ["arguments.injected"]),
        ("[1]", {"arguments": [1]}, ["arguments.rewritten"]),
        ('{"a":', {"arguments": '{"a":'}, ["arguments.rewritten"]),
    ],
)
def test_arguments_become_an_object(
    encode: Encode, other: Origin, text: str | None, sent: Any, losses: list[str]
) -> None:
    call = Message("assistant", (ToolCall("c", "look", text),), origin=other)
    result = Message("tool", (ToolResult("c", ()),))

    wire, found = said(encode, user("hi"), call, result, tools=(LOOK,))

    assert wire[1]["content"][0]["input"] == sent
    assert found == losses


def test_an_id_that_the_vendor_refuses_is_rewritten_alike_in_call_and_result(encode: Encode) -> None:
    call, result = assistant(ToolCall("f.look:0", "look", "{}")), Message("tool", (ToolResult("f.look:0", ()),))

    sent, losses = said(encode, user("hi"), call, result, tools=(LOOK,))

    expected = "call_" + hashlib.sha256(b"f.look:0").hexdigest()[:24]
    assert sent[1]["content"][0]["id"] == sent[2]["content"][0]["tool_use_id"] == expected
    assert losses == ["call_id.rewritten", "call_id.rewritten"]


@pytest.mark.parametrize("status", ["denied", "interrupted"])
def test_the_text_tells_a_status_that_has_no_mark(encode: Encode, status: Any) -> None:
    result = Message("tool", (ToolResult("c", (), status=status),))

    sent, losses = said(encode, user("hi"), assistant(ToolCall("c", "look", "{}")), result, tools=(LOOK,))

    block = sent[2]["content"][0]
    assert block["is_error"] is True
    assert status in block["content"][0]["text"]
    assert losses == ["tool_result.status"]


@pytest.mark.parametrize(
    ("media", "source", "losses"),
    [
        (
            Media(DataSource(PNG), kind="image", detail="auto"),
            {"type": "base64", "data": PNG, "media_type": "image/png"},
            ["media_type.injected"],
        ),
        (
            Media(UrlSource("https://a.example/b"), kind="image", detail="high", name="n"),
            {"type": "url", "url": "https://a.example/b"},
            ["media.name", "media.detail"],
        ),
        (
            Media(TextSource("t"), kind="document", media_type="text/plain"),
            {"type": "text", "data": "t", "media_type": "text/plain"},
            [],
        ),
        (Media(DataSource("x"), kind="image", media_type="image/tiff"), None, ["media.unsupported"]),
        (Media(DataSource("x"), kind="audio", media_type="audio/wav"), None, ["media.unsupported"]),
        (Media(FileSource("f"), kind="document"), None, ["file.foreign"]),
    ],
)
def test_media_is_said_or_named(encode: Encode, media: Media, source: Any, losses: list[str]) -> None:
    sent, found = said(encode, user("look", media))

    assert [block["source"] for block in sent[0]["content"][1:]] == ([source] if source else [])
    assert found == losses


def test_more_than_four_cache_marks_lose_the_earliest(encode: Encode) -> None:
    parts = [Text(str(number), cache=Cache()) for number in range(6)]

    sent, losses = said(encode, user(*parts))

    assert ["cache_control" in block for block in sent[0]["content"]] == [False] * 2 + [True] * 4
    assert losses == ["cache", "cache"]


def test_own_reasoning_goes_back_signed_and_to_no_other_host(encode: Encode, issuer: Origin, reseller: Origin) -> None:
    thought = Reasoning("hm", opaque=(Opaque("signature", "s"),))
    request = GenerateRequest(
        (user("hi"), Message("assistant", (thought, Text("x")), origin=issuer), user("go")), max_output_tokens=9
    )

    body, losses = encode(request)
    elsewhere = DIALECT.encode_request(request, Target(origin=reseller))

    assert body["messages"][1]["content"][0] == {"type": "thinking", "thinking": "hm", "signature": "s"}
    assert losses == []
    assert [(loss.code, loss.path) for loss in elsewhere.losses] == [("reasoning.foreign", "messages[1].parts[0]")]
    assert "hm" not in str(elsewhere.body)


def test_reasoning_that_was_cut_off_before_its_signature_is_not_sent(encode: Encode, issuer: Origin) -> None:
    cut = Message(
        "assistant",
        (Reasoning("hm", opaque=(Opaque("signature", ""),)), Text("x")),
        origin=issuer,
        status="interrupted",
    )

    sent, losses = said(encode, user("hi"), cut, user("go"))

    assert [block["type"] for block in sent[1]["content"]] == ["text"]
    assert losses == ["status", "reasoning.unsigned"]
