"""What a request of ours becomes on this wire: items, their ids and seals, settings, and what the vendor holds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    Cache,
    Citation,
    Compaction,
    DataSource,
    FileSource,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Media,
    Message,
    Opaque,
    Origin,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    Refusal,
    RoutingField,
    SchemaOutput,
    Text,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceNamed,
    ToolResult,
    Unknown,
    UrlSource,
    VendorTool,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.openai_responses import DIALECT

Encode = Callable[..., Any]


def _decoded(items: list[Any], issuer: Origin, **settings: Any) -> GenerateRequest:
    return DIALECT.decode_request({"model": "gpt-5.4", "input": items, **settings}, {}, issuer)


REASONING = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "Thought."}],
    "encrypted_content": "sealed",
}
MESSAGE = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "phase": "commentary",
    "content": [{"type": "output_text", "text": "Hi", "annotations": []}, {"type": "refusal", "refusal": "No."}],
}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{ }"}


def test_items_of_a_turn_are_the_parts_of_one_message_in_order(issuer: Origin) -> None:
    request = _decoded([REASONING, MESSAGE, CALL], issuer)

    (turn,) = request.messages
    assert [part.type for part in turn.parts] == ["reasoning", "text", "refusal", "tool_call"]
    assert turn.origin == issuer


def test_a_call_has_two_ids_and_only_one_of_them_is_ours(issuer: Origin) -> None:
    request = _decoded([CALL], issuer)

    call = request.messages[0].parts[0]
    assert isinstance(call, ToolCall)
    assert (call.call_id, call.arguments_json) == ("call_1", "{ }")
    assert call.opaque == (Opaque("item_id", "fc_1", scope="account"),)


def test_reasoning_goes_back_sealed_to_its_own_account(issuer: Origin, encode: Encode) -> None:
    body, losses = encode(_decoded([REASONING, CALL], issuer), target=issuer)

    assert (body["input"], losses) == ([REASONING, CALL], [])


def test_sealed_state_never_goes_to_another_account(issuer: Origin, encode: Encode) -> None:
    body, losses = encode(_decoded([REASONING, CALL], issuer), target=replace(issuer, account="theirs"))

    assert body["input"] == [{key: held for key, held in CALL.items() if key != "id"}]
    assert ("reasoning.unsigned", "messages[0].parts[0]") in losses
    assert ("opaque.foreign", "messages[0].parts[1].opaque[0]") in losses


def test_sealed_state_of_an_unknown_account_goes_nowhere(issuer: Origin, encode: Encode) -> None:
    nameless = replace(issuer, account=None)

    body, losses = encode(_decoded([REASONING, CALL], nameless), target=nameless)

    assert [item["type"] for item in body["input"]] == ["function_call"]
    assert ("reasoning.unsigned", "messages[0].parts[0]") in losses


def test_reasoning_of_another_host_is_not_sent(issuer: Origin, encode: Encode) -> None:
    _, losses = encode(_decoded([REASONING], issuer), target=replace(issuer, host="elsewhere"))

    assert ("reasoning.foreign", "messages[0].parts[0]") in losses


def test_plain_reasoning_goes_back_where_the_host_takes_it(issuer: Origin, encode: Encode) -> None:
    nameless = replace(issuer, account=None)
    item = {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "So."}]}

    body, _ = encode(_decoded([item], nameless), {"plain_reasoning": True}, target=nameless)

    assert body["input"] == [{key: held for key, held in item.items() if key != "id"}]


def test_several_pieces_of_reasoning_keep_their_borders(issuer: Origin, encode: Encode) -> None:
    pieces = [{"type": "reasoning_text", "text": "One. "}, {"type": "reasoning_text", "text": "Two."}]
    item = {"type": "reasoning", "id": "r", "summary": [], "content": pieces}

    request = _decoded([item], issuer)
    body, losses = encode(request, target=issuer)

    part = request.messages[0].parts[0]
    assert isinstance(part, Reasoning)
    assert part.text == "One. Two."
    assert (body["input"], losses) == ([item], [])


def test_a_compaction_is_opaque_and_lost_elsewhere(issuer: Origin, encode: Encode) -> None:
    request = _decoded([{"type": "compaction", "id": "cmp_1", "encrypted_content": "sealed"}], issuer)

    body, losses = encode(request, target=replace(issuer, account="theirs"))

    assert isinstance(request.messages[0].parts[0], Compaction)
    assert body["input"] == []
    assert ("compaction", "messages[0].parts[0]") in losses


def test_a_call_that_the_vendor_ran_is_no_call_of_ours(issuer: Origin, encode: Encode) -> None:
    item = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}}

    request = _decoded([item], issuer)
    _, losses = encode(request, target=replace(issuer, host="elsewhere"))

    call = request.messages[0].parts[0]
    assert isinstance(call, ToolCall)
    assert (call.executor, call.name, call.arguments_json) == (
        "vendor",
        "web_search",
        '{"type": "search", "query": "q"}',
    )
    assert losses == [("vendor_tool", "messages[0].parts[0]"), ("message.empty", "messages[0]")]


def test_an_item_that_refers_to_a_stored_one_never_leaves_its_host(issuer: Origin, encode: Encode) -> None:
    request = _decoded([{"type": "item_reference", "id": "msg_9"}], issuer)

    body, losses = encode(request, target=replace(issuer, host="elsewhere"))

    assert body["input"] == []
    assert ("unknown_part", "messages[0].parts[0]") in losses


@pytest.mark.parametrize("name", ["previous_response_id", "conversation", "prompt"])
def test_state_that_the_vendor_holds_is_a_routing_field(issuer: Origin, encode: Encode, name: str) -> None:
    request = _decoded([], issuer, **{name: "held"})

    body, losses = encode(request)

    held = RoutingField(dialect=DIALECT.name, name=name, raw="held", holds_history=name != "prompt")
    assert request.routing == (held,)
    assert (body[name], losses) == ("held", [])


def test_a_routing_field_of_another_dialect_is_lost(encode: Encode) -> None:
    field = RoutingField(dialect="anthropic_messages", name="container", raw="c")

    body, losses = encode(GenerateRequest((user("hi"),), routing=(field,)))

    assert "container" not in body
    assert losses == [("routing_field", "routing[0]")]


def test_instructions_are_the_leading_system_message(issuer: Origin, encode: Encode) -> None:
    request = _decoded([{"role": "developer", "content": "Be kind."}], issuer, instructions="Be brief.")

    body, losses = encode(request)

    assert [(message.role, message.text) for message in request.messages] == [
        ("system", "Be brief."),
        ("developer", "Be kind."),
    ]
    assert (body["instructions"], losses) == ("Be brief.", [])


def test_a_leading_system_message_becomes_the_instructions_and_a_later_one_stays(encode: Encode) -> None:
    body, losses = encode(GenerateRequest((system("First."), user("hi"), system("Later."))))

    assert body["instructions"] == "First."
    assert body["input"][1] == {"role": "system", "content": "Later."}
    assert losses == []


def test_what_another_assistant_said_is_said_as_a_string_each(encode: Encode, other: Origin) -> None:
    turn = Message("assistant", (Text("One."), Text("Two."), ToolCall("c", "f", "{}")), origin=other)

    body, losses = encode(GenerateRequest((user("hi"), turn)))

    assert body["input"][1:] == [
        {"role": "assistant", "content": "One."},
        {"role": "assistant", "content": "Two."},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    assert losses == []


def test_citations_cache_marks_and_refusals_of_others_are_named(encode: Encode, other: Origin) -> None:
    text = Text("x", citations=(Citation(dialect="acme", raw={}),), cache=Cache())

    _, losses = encode(GenerateRequest((user("hi"), Message("assistant", (text, Refusal("No.")), origin=other))))

    assert losses == [
        ("cache", "messages[1].parts[0]" + ".cache"),
        ("citations", "messages[1].parts[0].citations"),
        ("refusal.rewritten", "messages[1].parts[1]"),
    ]


def test_a_result_says_its_status_in_words(encode: Encode) -> None:
    result = ToolResult("c", (Text("boom"),), status="error")

    body, losses = encode(
        GenerateRequest((user("hi"), assistant(ToolCall("c", "f", "{}")), Message("tool", (result,))))
    )

    assert body["input"][-1]["output"] == [
        {"type": "input_text", "text": "[error]"},
        {"type": "input_text", "text": "boom"},
    ]
    assert losses == [("tool_result.status", "messages[2].parts[0].status")]


def test_images_stay_in_a_result(encode: Encode) -> None:
    image = Media(DataSource("iVBORw0KGgo"), kind="image", media_type="image/png")

    body, losses = encode(GenerateRequest((Message("tool", (ToolResult("c", (image,)),)),)))

    assert body["input"][0]["output"][0]["image_url"] == "data:image/png;base64,iVBORw0KGgo"
    assert losses == []


def test_a_result_of_a_custom_tool_has_its_own_type(issuer: Origin, encode: Encode) -> None:
    request = _decoded([{"type": "custom_tool_call", "call_id": "c", "name": "sql", "input": "SELECT 1"}], issuer)
    answered = replace(request, messages=(*request.messages, Message("tool", (ToolResult("c", (Text("1"),)),))))

    body, _ = encode(answered)

    assert body["input"][1] == {"type": "custom_tool_call_output", "call_id": "c", "output": "1"}


def test_a_long_call_id_is_rewritten_alike_for_a_call_and_its_result(encode: Encode) -> None:
    turns = (assistant(ToolCall("c" * 65, "f", "{}")), Message("tool", (ToolResult("c" * 65, ()),)))

    body, losses = encode(GenerateRequest(turns))

    call, result = body["input"]
    assert call["call_id"] == result["call_id"] != "c" * 65
    assert [code for code, _ in losses] == ["call_id.rewritten", "call_id.rewritten"]


def test_a_stored_file_is_read_by_its_issuer_only(encode: Encode, issuer: Origin) -> None:
    mine = Media(FileSource("file_1"), kind="image", origin=issuer)
    theirs = Media(FileSource("file_2"), kind="document")

    body, losses = encode(GenerateRequest((user(mine, theirs, "see"),)))

    assert body["input"][0]["content"][0]["file_id"] == "file_1"
    assert losses == [("file.foreign", "messages[0].parts[1]")]


def test_a_tool_without_a_word_on_strict_is_not_enforced(encode: Encode) -> None:
    body, losses = encode(GenerateRequest((user("hi"),), tools=(FunctionTool("f", schema={"type": "object"}),)))

    assert body["tools"][0]["strict"] is False
    assert losses == [("schema.injected", "tools[0].strict")]


def test_a_tool_of_another_vendor_is_lost_and_one_of_this_is_not(encode: Encode) -> None:
    tools = (
        VendorTool(dialect=DIALECT.name, vendor_type="web_search", raw={"type": "web_search"}),
        VendorTool(dialect="acme", vendor_type="x", raw={}),
    )

    body, losses = encode(GenerateRequest((user("hi"),), tools=tools, tool_choice=ToolChoiceAny()))

    assert (body["tools"], body["tool_choice"]) == ([{"type": "web_search"}], "required")
    assert losses == [("vendor_tool", "tools[1]")]


def test_a_name_that_the_vendor_refuses_is_refused_here() -> None:
    request = GenerateRequest((user("hi"),), tools=(FunctionTool("a b"),))

    with pytest.raises(CapabilityError, match="not accepted"):
        DIALECT.encode_request(request, Target(origin=Origin(developer="o", host="o", dialect=DIALECT.name)))


def test_a_named_choice_is_flat(encode: Encode) -> None:
    request = GenerateRequest((user("hi"),), tools=(FunctionTool("f", strict=False),), tool_choice=ToolChoiceNamed("f"))

    body, losses = encode(request)

    assert (body["tool_choice"], losses) == ({"type": "function", "name": "f"}, [])


def test_the_format_stands_under_text_beside_what_else_does(issuer: Origin, encode: Encode) -> None:
    text = {"verbosity": "low", "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}

    request = _decoded([], issuer, text=text)
    body, losses = encode(replace(request, output=JsonOutput()))

    assert isinstance(request.output, SchemaOutput)
    assert (body["text"], losses) == ({"verbosity": "low", "format": {"type": "json_object"}}, [])


@pytest.mark.parametrize("word", ["auto", "concise", "detailed"])
def test_effort_and_summary_pass_both_ways(issuer: Origin, encode: Encode, word: str) -> None:
    request = _decoded([], issuer, reasoning={"effort": "low", "summary": word, "context": "auto"})

    body, losses = encode(request)

    assert request.reasoning is not None
    assert request.reasoning.effort == "low"
    assert isinstance(request.reasoning.mode, ReasoningAdaptive)
    assert (body["reasoning"], losses) == ({"effort": "low", "summary": word, "context": "auto"}, [])


@pytest.mark.parametrize(
    ("settings", "written", "codes"),
    [
        (ReasoningSettings(mode=ReasoningBudget(2000)), None, ["reasoning.budget"]),
        (ReasoningSettings(mode=ReasoningOff()), None, ["setting.unsupported"]),
        (ReasoningSettings(mode=ReasoningAdaptive(display="full")), {"summary": "detailed"}, ["setting.clamped"]),
        (ReasoningSettings(mode=ReasoningAdaptive()), None, ["setting.unsupported"]),
        (ReasoningSettings(effort="max"), {"effort": "max"}, []),
    ],
)
def test_reasoning_is_said_by_effort_and_summary_alone(
    encode: Encode, settings: ReasoningSettings, written: Any, codes: list[str]
) -> None:
    body, losses = encode(GenerateRequest((user("hi"),), reasoning=settings))

    assert (body.get("reasoning"), [code for code, _ in losses]) == (written, codes)


def test_an_effort_that_the_model_lacks_is_moved_to_the_nearest(encode: Encode) -> None:
    request = GenerateRequest((user("hi"),), reasoning=ReasoningSettings(effort="minimal"))

    body, losses = encode(request, {"efforts": ("low", "high")})

    assert body["reasoning"] == {"effort": "low"}
    assert losses == [("reasoning.effort", "reasoning.effort")]


def test_log_probabilities_are_asked_for_by_a_word_beside_the_others(issuer: Origin, encode: Encode) -> None:
    include = ["reasoning.encrypted_content", "message.output_text.logprobs"]

    request = _decoded([], issuer, include=include, top_logprobs=3)
    kept, _ = encode(request)
    dropped, _ = encode(replace(request, logprobs=None))

    assert request.logprobs == Logprobs(top=3)
    assert (kept["include"], kept["top_logprobs"]) == (include, 3)
    assert dropped["include"] == ["reasoning.encrypted_content"]
    assert "top_logprobs" not in dropped


def test_settings_out_of_range_are_clamped_and_those_without_a_place_are_lost(encode: Encode) -> None:
    request = GenerateRequest((user("hi"),), temperature=3.0, max_output_tokens=1, stop=("x",), seed=1, candidates=2)

    body, losses = encode(request)

    assert (body["temperature"], body["max_output_tokens"]) == (2.0, 16)
    assert set(losses) == {
        ("setting.clamped", "temperature"),
        ("setting.clamped", "max_output_tokens"),
        ("setting.unsupported", "stop"),
        ("setting.unsupported", "seed"),
        ("setting.unsupported", "candidates"),
    }


def test_a_host_may_take_more_or_less(encode: Encode) -> None:
    request = GenerateRequest((user("hi"),), seed=1, temperature=1.0, end_user="u")
    options = {"further_settings": ("seed",), "rejects": ("temperature",), "end_user_field": "user"}

    body, losses = encode(request, options)

    assert (body["seed"], body["user"], "temperature" in body) == (1, "u", False)
    assert losses == [("setting.unsupported", "temperature")]


def test_neighbours_of_the_assistants_become_one_turn_by_name(encode: Encode) -> None:
    _, losses = encode(GenerateRequest((user("hi"), assistant("a"), assistant("b"))))

    assert losses == [("message.merged", "messages[2]")]


def test_an_unknown_item_of_another_dialect_is_lost(encode: Encode) -> None:
    part = Unknown(dialect="acme", vendor_type="x", raw={"type": "x"})

    body, losses = encode(GenerateRequest((user("hi", part),)))

    assert body["input"] == [{"role": "user", "content": "hi"}]
    assert losses == [("unknown_part", "messages[0].parts[1]")]


def test_a_cache_mark_goes_back_where_its_author_had_written_one(issuer: Origin, encode: Encode) -> None:
    block = {"type": "input_text", "text": "x", "prompt_cache_breakpoint": {"mode": "explicit"}}

    request = _decoded([{"role": "user", "content": [block]}], issuer)
    body, losses = encode(request)

    assert request.messages[0].parts[0].cache == Cache()
    assert (body["input"][0]["content"], losses) == ([block], [])


def test_a_document_goes_by_its_data_or_its_link(encode: Encode) -> None:
    data = Media(DataSource("JVBERi"), kind="document", media_type="application/pdf")
    link = Media(UrlSource("https://example.org/a.pdf"), kind="document", name="a.pdf")
    film = Media(UrlSource("https://example.org/a.mp4"), kind="video")

    body, losses = encode(GenerateRequest((user(data, link, film),)))

    assert body["input"][0]["content"] == [
        {"type": "input_file", "file_data": "data:application/pdf;base64,JVBERi", "filename": "document.pdf"},
        {"type": "input_file", "file_url": "https://example.org/a.pdf", "filename": "a.pdf"},
    ]
    assert losses == [
        ("media_name.injected", "messages[0].parts[0].name"),
        ("media.unsupported", "messages[0].parts[2]"),
    ]


def test_log_probabilities_beyond_the_range_are_clamped(encode: Encode) -> None:
    body, losses = encode(GenerateRequest((user("hi"),), logprobs=Logprobs(top=50)))

    assert (body["top_logprobs"], losses) == (20, [("setting.clamped", "logprobs.top")])


def test_a_tool_at_a_third_party_decides_who_sees_the_data(issuer: Origin, encode: Encode) -> None:
    remote = {"type": "mcp", "server_label": "s", "server_url": "https://example.org"}
    tools = [{"type": "web_search"}, remote, {"type": "file_search", "vector_store_ids": []}]

    request = _decoded([], issuer, tools=tools)
    body, losses = encode(request)
    alone, _ = encode(_decoded([], issuer, tools=[remote]))

    assert request.routing == (RoutingField(dialect=DIALECT.name, name="tools.mcp", raw=remote),)
    assert len(request.tools) == 2
    assert (body["tools"], losses) == (tools, [])
    assert alone["tools"] == [remote]


def test_a_routing_field_never_takes_the_place_of_a_setting(encode: Encode) -> None:
    field = RoutingField(dialect=DIALECT.name, name="model", raw="another")

    body, losses = encode(GenerateRequest((user("hi"),), model="m", routing=(field,)))

    assert (body["model"], losses) == ("m", [("routing_field", "routing[0]")])
