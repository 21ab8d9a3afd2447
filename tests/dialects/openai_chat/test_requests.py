"""Conversations: messages, calls, results and reasoning, said as the dialect and its host know them, or named."""

from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    Cache,
    Citation,
    Compaction,
    DataSource,
    GenerateRequest,
    JsonOutput,
    Media,
    Message,
    Opaque,
    Origin,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolChoiceNamed,
    ToolResult,
    Unknown,
    UrlSource,
    Wire,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.openai_chat import DIALECT

PNG = "iVBORw0KGgoAAAANSUhEUg=="


def _decode(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({"model": "m", "messages": [], **body}, {}, issuer)


def test_a_plain_conversation_needs_no_list_and_no_loss(encode: Any) -> None:
    request = GenerateRequest((system("Be brief."), user("Hello"), assistant("Hi"), user("Bye")), model="m")

    body, losses = encode(request)

    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"},
            {"role": "user", "content": "Bye"},
        ],
    }
    assert losses == []


def test_usage_of_a_stream_is_always_asked_for_and_never_seen(encode: Any, issuer: Origin) -> None:
    body, losses = encode(GenerateRequest((user("Hello"),), stream=True))

    assert body["stream_options"] == {"include_usage": True}
    assert losses == []
    assert _decode({"stream": True, "stream_options": {"include_usage": True}}, issuer).stream is True


def test_an_authors_own_choice_on_usage_is_kept(issuer: Origin) -> None:
    body = {"model": "m", "messages": [], "stream": True}

    encoded = DIALECT.encode_request(_decode(body, issuer), Target(origin=issuer))

    assert encoded.body == body


def test_results_of_a_turn_stand_in_one_message(encode: Any, issuer: Origin) -> None:
    results = [{"role": "tool", "tool_call_id": name, "content": f"result {name}"} for name in ("a", "b")]

    request = _decode({"messages": results}, issuer)
    body, losses = encode(request)

    assert [message.role for message in request.messages] == ["tool"]
    assert [part.call_id for part in request.messages[0].parts if isinstance(part, ToolResult)] == ["a", "b"]
    assert (body["messages"], losses) == (results, [])


def test_a_failed_result_says_so_in_its_text(encode: Any) -> None:
    failed = ToolResult("c1", (Text("no such file"),), status="error")

    body, losses = encode(GenerateRequest((Message("tool", (failed,)),)))

    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "[error]"},
        {"type": "text", "text": "no such file"},
    ]
    assert losses == [("tool_result.status", "messages[0].parts[0].status")]


def test_images_of_results_move_behind_all_results_of_the_turn(encode: Any) -> None:
    image = Media(DataSource(PNG), kind="image", media_type="image/png")
    results = (ToolResult("c1", (Text("a map"), image)), ToolResult("c2", (Text("fine"),)))

    body, losses = encode(GenerateRequest((Message("tool", results),)))

    assert [message["role"] for message in body["messages"]] == ["tool", "tool", "user"]
    assert body["messages"][0] == {"role": "tool", "tool_call_id": "c1", "content": "a map"}
    assert body["messages"][2]["content"][1]["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    assert losses == [("media.moved", "messages[0].parts[0].parts[1]")]


@pytest.mark.parametrize(
    ("treatment", "kinds", "code"),
    [("keep", ["image_url"], None), ("drop", [], "media.unsupported")],
)
def test_a_host_may_keep_or_drop_images_of_results(
    encode: Any, treatment: str, kinds: list[str], code: str | None
) -> None:
    image = Media(UrlSource("https://x.example/a.png"), kind="image")

    body, losses = encode(
        GenerateRequest((Message("tool", (ToolResult("c1", (image,)),)),)), {"tool_result_media": treatment}
    )

    assert [block["type"] for block in body["messages"][0]["content"]] == kinds
    assert [found for found, _ in losses] == ([code] if code else [])


def test_reasoning_goes_back_to_its_own_host_in_its_own_field(issuer: Origin, router: Origin) -> None:
    wire = [{"role": "assistant", "content": "4", "reasoning": "2 and 2"}]
    request = DIALECT.decode_request({"model": "m", "messages": wire}, {}, router)

    own = DIALECT.encode_request(request, Target(origin=router))
    foreign = DIALECT.encode_request(request, Target(origin=issuer))

    assert own.body["messages"] == wire
    assert foreign.body["messages"] == [{"role": "assistant", "content": "4"}]
    assert [(loss.code, loss.path) for loss in foreign.losses] == [("reasoning.foreign", "messages[0].parts[0]")]


def test_foreign_reasoning_and_state_never_turn_into_text(encode: Any, other: Origin) -> None:
    thought = Reasoning("secret plan", opaque=(Opaque("signature", "sig-1"),))
    said = Text("Done.", opaque=(Opaque("item_id", "id-1"),))
    request = GenerateRequest((user("Go"), Message("assistant", (thought, said), origin=other)))

    body, losses = encode(request)

    assert "secret plan" not in str(body)
    assert "sig-1" not in str(body)
    assert "id-1" not in str(body)
    assert losses == [("reasoning.foreign", "messages[1].parts[0]"), ("opaque.foreign", "messages[1].parts[1].opaque")]


def test_an_official_profile_sends_no_reasoning_even_to_its_issuer(encode: Any, issuer: Origin) -> None:
    request = GenerateRequest((Message("assistant", (Reasoning("hm"), Text("4")), origin=issuer),))

    body, losses = encode(request, {"reasoning_field": ""})

    assert body["messages"] == [{"role": "assistant", "content": "4"}]
    assert losses == [("reasoning.foreign", "messages[0].parts[0]")]


def test_the_order_of_an_assistants_parts_is_fixed(encode: Any) -> None:
    call = ToolCall("c1", "f", "{}")

    body, losses = encode(GenerateRequest((assistant("a", call, "b"),)))

    message = body["messages"][0]
    assert [block["text"] for block in message["content"]] == ["a", "b"]
    assert message["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert losses == [("part_order", "messages[0].parts[2]")]


def test_arguments_are_kept_to_the_letter_and_injected_only_elsewhere(encode: Any, issuer: Origin) -> None:
    strange = ToolCall("c1", "f", '{"a" : 1,')
    silent = ToolCall("c2", "f", None)

    body, losses = encode(GenerateRequest((assistant(strange, silent),)))
    own, _ = encode(GenerateRequest((Message("assistant", (silent,), origin=issuer),)))

    arguments = [call["function"]["arguments"] for call in body["messages"][0]["tool_calls"]]
    assert arguments == ['{"a" : 1,', "{}"]
    assert losses == [("arguments.injected", "messages[0].parts[1].arguments_json")]
    assert own["messages"][0]["tool_calls"][0]["function"] == {"name": "f"}


def test_custom_calls_and_tools_come_back(issuer: Origin) -> None:
    body = {
        "model": "m",
        "messages": [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "1"},
        ],
        "tools": [{"type": "custom", "custom": {"name": "sql"}}],
        "tool_choice": {"type": "custom", "custom": {"name": "sql"}},
    }

    request = _decode(body, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    call = request.messages[0].parts[0]
    assert isinstance(call, ToolCall)
    assert call.arguments_json == "select 1"
    assert isinstance(request.tool_choice, ToolChoiceNamed)
    assert (encoded.body, encoded.losses) == (body, ())


def test_deprecated_functions_pair_calls_and_results(issuer: Origin) -> None:
    body = {
        "model": "m",
        "functions": [{"name": "f", "parameters": {"type": "object"}}],
        "function_call": {"name": "f"},
        "messages": [
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        ],
    }

    request = _decode(body, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    first, result, second = (message.parts[0] for message in request.messages)
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert isinstance(result, ToolResult)
    assert result.call_id == first.call_id != second.call_id
    assert (encoded.body, encoded.losses) == (body, ())


def test_a_new_result_answers_a_deprecated_call_in_kind(issuer: Origin) -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    request = _decode({"messages": [call]}, issuer)
    asked = request.messages[0].parts[0]
    assert isinstance(asked, ToolCall)
    answered = GenerateRequest((*request.messages, Message("tool", (ToolResult(asked.call_id, (Text("1"),)),))))

    encoded = DIALECT.encode_request(answered, Target(origin=issuer))

    assert encoded.body["messages"] == [call, {"role": "function", "name": "f", "content": "1"}]


def test_refusals_of_the_history_keep_their_field(encode: Any) -> None:
    body, losses = encode(GenerateRequest((assistant(Refusal("No.", category="cyber")), user(Refusal("No.")))))

    assert body["messages"][0] == {"role": "assistant", "content": None, "refusal": "No."}
    assert losses == [
        ("refusal.category", "messages[0].parts[0].category"),
        ("refusal.rewritten", "messages[1].parts[0]"),
    ]


def test_what_is_another_dialects_is_named_part_by_part(encode: Any, other: Origin) -> None:
    wire = Wire(dialect="anthropic_messages", fields={"caller": {"type": "direct"}, "nothing": None})
    call = ToolCall("c1", "f", "{}", wire=wire)
    cited = Text("a", citations=(Citation(dialect="anthropic_messages", raw={}),))
    vendor = ToolCall("s1", "web_search", "{}", executor="vendor")
    novel = Unknown(dialect="anthropic_messages", vendor_type="hologram", raw={})
    message = Message("assistant", (cited, vendor, novel, Compaction("so far"), call), origin=other)

    body, losses = encode(GenerateRequest((message,)))

    assert body["messages"][0]["content"] == "a"
    assert losses == [
        ("citations", "messages[0].parts[0].citations"),
        ("vendor_tool", "messages[0].parts[1]"),
        ("unknown_part", "messages[0].parts[2]"),
        ("compaction", "messages[0].parts[3]"),
        ("vendor_field", "messages[0].parts[4].wire.fields.caller"),
    ]


def test_a_message_whose_parts_are_all_lost_is_named_too(encode: Any, other: Origin) -> None:
    body, losses = encode(GenerateRequest((user("hi"), Message("assistant", (Reasoning("x"),), origin=other))))

    assert len(body["messages"]) == 1
    assert losses == [("reasoning.foreign", "messages[1].parts[0]"), ("message.empty", "messages[1]")]


def test_plain_json_and_absent_content_keep_their_spelling(issuer: Origin, encode: Any) -> None:
    messages = [
        {"role": "user", "content": None},
        {"role": "user"},
        {"role": "user", "content": []},
        {"role": "user", "content": ""},
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": ""}}]},
    ]
    request = _decode({"messages": messages, "response_format": {"type": "json_object"}, "stop": "x"}, issuer)

    body, losses = encode(request)

    assert request.output == JsonOutput()
    assert request.stop == ("x",)
    assert (body["messages"], body["stop"], losses) == (messages, "x", [])


def test_opaque_state_of_calls_and_results_is_named(encode: Any, other: Origin) -> None:
    state = (Opaque("item_id", "fc_1"),)
    call = Message("assistant", (ToolCall("c1", "f", "{}", opaque=state, cache=Cache()),), origin=other)
    result = Message("tool", (ToolResult("c1", (Text("1"),), opaque=state, cache=Cache()),))

    body, losses = encode(GenerateRequest((call, result)))

    assert "fc_1" not in str(body)
    assert losses == [
        ("cache", "messages[0].parts[0].cache"),
        ("opaque.foreign", "messages[0].parts[0].opaque"),
        ("cache", "messages[1].parts[0].cache"),
        ("opaque.foreign", "messages[1].parts[0].opaque"),
    ]


def test_residue_of_reasoning_and_refusals_that_has_no_place_is_named(encode: Any, issuer: Origin) -> None:
    wire = Wire(dialect=DIALECT.name, fields={"beside": 1})
    message = Message("assistant", (Reasoning("hm", wire=wire), Refusal("No.", wire=wire)), origin=issuer)

    body, losses = encode(GenerateRequest((message,)))

    assert body["messages"] == [{"role": "assistant", "content": None, "reasoning_content": "hm", "refusal": "No."}]
    assert losses == [
        ("vendor_field", "messages[0].parts[0].wire.fields.beside"),
        ("vendor_field", "messages[0].parts[1].wire.fields.beside"),
    ]
