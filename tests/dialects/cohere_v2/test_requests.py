"""What a request says in the vendor's own way, and what it says instead where it has no word."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    Citation,
    DataSource,
    FunctionTool,
    GenerateRequest,
    Logprobs,
    Media,
    Message,
    Origin,
    Reasoning,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    Refusal,
    SchemaOutput,
    Severity,
    Text,
    TextSource,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    ToolResult,
    UrlSource,
    assistant,
    user,
)
from offramp_providers.dialects.cohere_v2 import DIALECT
from offramp_providers.dialects.openai_chat import DIALECT as OPENAI

Encode = Callable[..., tuple[Any, list[tuple[str, str]]]]
PNG = "iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
LOOK = FunctionTool("look", schema=SCHEMA)
CALL = ToolCall("c", "look", '{"a":"x"}')
ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({**ASK, **body}, {}, issuer)


def sent(encode: Encode, *messages: Message, **settings: Any) -> tuple[list[Any], list[tuple[str, str]]]:
    body, losses = encode(GenerateRequest(messages, **settings))
    return body["messages"], losses


# Documents.

DOCUMENTS = [
    "Two units.",
    {"id": "d1", "data": {"text": "Three units.", "title": "log.txt"}},
    {"data": "Four units."},
    {"data": {"snippet": "Five units.", "rank": 2}},
    {"data": 7},
]


def test_documents_are_read_into_the_last_question_and_stand_beside_the_messages_again(issuer: Origin, encode: Encode):
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]

    request = read({"messages": messages, "documents": DOCUMENTS}, issuer)

    asked = request.messages[-1]
    found = [
        part.source.text for part in asked.parts if isinstance(part, Media) and isinstance(part.source, TextSource)
    ]
    assert found == ["Two units.", "Three units.", "Four units.", '{"snippet":"Five units.","rank":2}']
    assert asked.text == "c"
    assert encode(request) == ({"model": "m", "messages": messages, "documents": DOCUMENTS}, [])


def test_documents_are_said_to_another_vendor(issuer: Origin, other: Origin):
    request = read({"documents": DOCUMENTS[:2]}, issuer)

    encoded = OPENAI.encode_request(request, Target(origin=other))

    blocks = [block["text"] for block in encoded.body["messages"][0]["content"]]
    assert blocks == ["Two units.", "Three units.", "hi"]
    assert {loss.severity for loss in encoded.losses} <= {Severity.COSMETIC, Severity.BEHAVIOURAL}


def test_a_document_that_nobody_can_read_is_named_as_missing(issuer: Origin, other: Origin):
    encoded = OPENAI.encode_request(read({"documents": DOCUMENTS[4:]}, issuer), Target(origin=other))

    assert [(loss.code, loss.severity) for loss in encoded.losses] == [("unknown_part", Severity.MATERIAL)]


def test_a_document_of_an_earlier_question_still_stands_beside_and_is_named(issuer: Origin, encode: Encode):
    first = read({"documents": DOCUMENTS[:1]}, issuer).messages[0]

    body, losses = encode(GenerateRequest((first, assistant("two"), user("and now?"))))

    assert body["documents"] == DOCUMENTS[:1]
    assert losses == [("media.moved", "messages[0].parts[0]")]


def test_what_a_document_beside_the_messages_cannot_hold_is_named(issuer: Origin, encode: Encode):
    asked = read({"documents": DOCUMENTS[:1]}, issuer).messages[0]
    edited = replace(asked, parts=(replace(asked.parts[0], media_type="text/plain", name="log.txt"), *asked.parts[1:]))

    body, losses = encode(GenerateRequest((edited,)))

    assert body["documents"] == [{"data": {"text": "Two units.", "title": "log.txt"}}]
    assert losses == [("media_type", "messages[0].parts[0].media_type")]


def test_documents_without_a_question_stay_where_they_are(issuer: Origin, encode: Encode):
    body = {"model": "m", "messages": [{"role": "system", "content": "s"}], "documents": DOCUMENTS}

    assert encode(read(body, issuer)) == (body, [])


def test_a_document_of_another_vendors_is_written_as_text(encode: Encode):
    document = Media(TextSource("Two units."), kind="document", name="log.txt")

    messages, losses = sent(encode, user(document, "hi"))

    assert messages[0]["content"] == [{"type": "text", "text": "Two units."}, {"type": "text", "text": "hi"}]
    assert losses == [("media.rewritten", "messages[0].parts[0]"), ("media.name", "messages[0].parts[0].name")]


# A field that holds the answer back.


@pytest.mark.parametrize(
    ("mode", "severity"),
    [("STRICT", Severity.MATERIAL), ("CONTEXTUAL", Severity.BEHAVIOURAL), ("OFF", Severity.BEHAVIOURAL)],
)
def test_a_strict_safety_mode_that_cannot_be_said_elsewhere_is_a_missing_constraint(
    issuer: Origin, other: Origin, mode: str, severity: Severity
):
    encoded = OPENAI.encode_request(read({"safety_mode": mode}, issuer), Target(origin=other))

    assert [(loss.code, loss.path, loss.severity) for loss in encoded.losses] == [
        ("vendor_field", "wire.fields.safety_mode", severity)
    ]


# The assistant's turns.


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


# Results.


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


def test_an_image_keeps_its_level_of_detail(encode: Encode):
    image = Media(UrlSource("https://a.example/b.png"), kind="image", detail="low")

    messages, losses = sent(encode, user(image))

    block = {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low"}}
    assert (messages[0]["content"], losses) == ([block], [])


# Tools.


def test_strictness_is_one_word_for_all_tools(encode: Encode, issuer: Origin):
    strict, loose = FunctionTool("a", schema=SCHEMA, strict=True), FunctionTool("b", schema=SCHEMA)
    bound = FunctionTool("c", schema={**SCHEMA, "properties": {"a": {"minimum": 1}}}, strict=True)
    open_ = FunctionTool("d", schema={"type": "object", "properties": {"a": {}}}, strict=True)
    bare = FunctionTool("e", schema={"type": "object", "properties": {}}, strict=True)
    shapeless = FunctionTool("f", strict=True)

    def told(*tools: FunctionTool) -> Any:
        body, losses = encode(GenerateRequest((user("hi"),), tools=tools))
        return body.get("strict_tools"), losses

    assert told(strict, strict) == (True, [])
    assert told(strict, loose) == (None, [("schema.strict", "tools[0].strict")])
    assert told(bound) == told(open_) == (None, [("schema.strict", "tools[0].strict")])
    assert told(strict, bare) == (True, [])
    assert told(shapeless)[0] is None
    assert told(FunctionTool("a", schema=SCHEMA, strict=False)) == (False, [])
    body = {"tools": [{"type": "function", "function": {"name": "a", "parameters": SCHEMA}}], "strict_tools": True}
    assert [tool.strict for tool in read(body, issuer).tools if isinstance(tool, FunctionTool)] == [True]


@pytest.mark.parametrize(
    ("choice", "word", "lost"),
    [
        (ToolChoiceAuto(), None, []),
        (ToolChoiceAny(), "REQUIRED", []),
        (ToolChoiceNone(), "NONE", []),
        (ToolChoiceNamed("gone"), None, [("setting.unsupported", "tool_choice")]),
    ],
)
def test_a_choice_has_two_words(encode: Encode, choice: Any, word: str | None, lost: Any):
    body, losses = encode(GenerateRequest((user("hi"),), tools=(LOOK,), tool_choice=choice))

    assert (body.get("tool_choice"), losses) == (word, lost)


def test_a_named_tool_is_offered_alone(encode: Encode):
    tools = (FunctionTool("a", schema=SCHEMA), LOOK)

    body, losses = encode(GenerateRequest((user("hi"),), tools=tools, tool_choice=ToolChoiceNamed("look")))

    assert (body["tool_choice"], [tool["function"]["name"] for tool in body["tools"]]) == ("REQUIRED", ["look"])
    assert losses == [("tool_choice.emulated", "tools[0]"), ("tool_choice.emulated", "tool_choice")]


def test_a_tool_without_a_schema_takes_nothing(encode: Encode):
    body, losses = encode(GenerateRequest((user("hi"),), tools=(FunctionTool("look", description="Looks."),)))

    function = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert losses == [("schema.injected", "tools[0].schema")]


def test_a_choice_among_no_tools_is_named(encode: Encode):
    body, losses = encode(GenerateRequest((user("hi"),), tool_choice=ToolChoiceAny()))

    assert ("tool_choice" in body, losses) == (False, [("setting.unsupported", "tool_choice")])


@pytest.mark.parametrize("name", ["look-up", "2look", "lóok", ""])
def test_a_name_that_the_vendor_refuses_is_refused(encode: Encode, name: str):
    with pytest.raises(CapabilityError, match="not accepted"):
        encode(GenerateRequest((user("hi"),), tools=(FunctionTool(name),)))


# Schemas.


def told_schema(encode: Encode, schema: Any, **options: Any) -> tuple[Any, list[tuple[str, str]]]:
    body, losses = encode(GenerateRequest((user("hi"),), output=SchemaOutput(schema)), options)
    return body.get("response_format", {}).get("json_schema"), losses


def test_what_the_vendor_cannot_enforce_is_taken_out_by_name(encode: Encode):
    inner = {"type": "integer", "minimum": 1, "format": "int32", "pattern": "^a"}

    sent_schema, losses = told_schema(encode, {**SCHEMA, "properties": {"a": {"oneOf": [inner, {"format": "uuid"}]}}})

    assert sent_schema["properties"] == {"a": {"anyOf": [{"type": "integer"}, {"format": "uuid"}]}}
    where = "output.schema.properties.a.oneOf"
    assert sorted(losses) == [
        ("schema.keyword", path) for path in (where, *(f"{where}[0].{k}" for k in ("format", "minimum", "pattern")))
    ]


@pytest.mark.parametrize(
    "keyword",
    [
        *("allOf", "not", "maximum", "minimum", "minItems", "maxItems", "minLength", "maxLength", "uniqueItems"),
        *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties", "propertyNames"),
        *("contains", "minContains", "maxContains", "patternProperties", "if", "then", "else"),
        *("dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
    ],
)
def test_a_keyword_that_the_vendor_does_not_support_is_not_sent(encode: Encode, keyword: str):
    inner = {"type": "array", "items": {keyword: {}, "description": keyword}}

    sent_schema, losses = told_schema(encode, {**SCHEMA, "properties": {"a": inner}})

    assert sent_schema["properties"]["a"] == {"type": "array", "items": {"description": keyword}}
    assert losses == [("schema.keyword", f"output.schema.properties.a.items.{keyword}")]


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["a"]},
        {"const": 1},
        {"pattern": "[A-Z]{3}"},
        {"format": "date-time"},
        {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/b"}]},
        {"type": "object", "properties": {"b": {}}, "required": ["b"], "additionalProperties": {"type": "string"}},
    ],
)
def test_what_the_vendor_supports_is_sent_as_it_is(encode: Encode, schema: Any):
    whole = {**SCHEMA, "properties": {"a": schema}, "$defs": {"b": {"type": "string"}}}

    assert told_schema(encode, whole) == (whole, [])


def test_an_object_that_requires_nothing_is_narrowed_by_name(encode: Encode):
    sent_schema, losses = told_schema(encode, {"type": "object", "properties": {"a": {}, "b": {}}})

    assert sent_schema["required"] == ["a"]
    assert losses == [("schema.injected", "output.schema.required")]


@pytest.mark.parametrize(
    "schema", [{}, {"type": "array"}, {"type": "object"}, {**SCHEMA, "properties": {"a": {"type": "object"}}}]
)
def test_a_schema_that_no_answer_can_be_held_to_is_a_missing_constraint(encode: Encode, schema: Any):
    assert told_schema(encode, schema) == (None, [("output.schema", "output")])


def test_a_host_may_take_any_schema(encode: Encode):
    assert told_schema(encode, {"type": "array"}, schema_subset=False) == ({"type": "array"}, [])


def test_the_older_name_of_a_schema_is_kept(issuer: Origin, encode: Encode):
    body = {**ASK, "response_format": {"type": "json_object", "schema": {"type": "array"}}}

    request = read(body, issuer)

    assert isinstance(request.output, SchemaOutput)
    assert encode(request) == (body, [])


# Settings.


@pytest.mark.parametrize(
    ("settings", "body", "lost"),
    [
        ({"top_p": 1.0, "top_k": 900}, {"p": 0.99, "k": 500}, {"top_p", "top_k"}),
        ({"top_p": 0.5, "top_k": 40, "seed": 7}, {"p": 0.5, "k": 40, "seed": 7}, set()),
        ({"temperature": 1.5}, {"temperature": 1.0}, {"temperature"}),
        (
            {"frequency_penalty": -1, "presence_penalty": 0.5},
            {"frequency_penalty": 0.0},
            {"frequency_penalty", "presence_penalty"},
        ),
        ({"presence_penalty": 0.5}, {"presence_penalty": 0.5}, set()),
        ({"stop": ("a",) * 6}, {"stop_sequences": ["a"] * 5}, {"stop"}),
        ({"logprobs": Logprobs(top=3)}, {"logprobs": True}, {"logprobs.top"}),
        ({"candidates": 2, "parallel_tool_calls": False}, {}, {"candidates", "parallel_tool_calls"}),
        ({"candidates": 1, "parallel_tool_calls": True, "store": False, "metadata": {}}, {}, set()),
        ({"max_output_tokens": 9}, {"max_tokens": 9}, set()),
        ({"reasoning": ReasoningSettings(mode=ReasoningOff())}, {"thinking": {"type": "disabled"}}, set()),
        ({"reasoning": ReasoningSettings(effort="none")}, {"thinking": {"type": "disabled"}}, {"reasoning.effort"}),
        ({"reasoning": ReasoningSettings(effort="high")}, {}, {"reasoning.effort"}),
        (
            {"reasoning": ReasoningSettings(mode=ReasoningBudget(0))},
            {"thinking": {"type": "enabled", "token_budget": 1}},
            {"reasoning.mode.budget_tokens"},
        ),
    ],
)
def test_a_setting_is_said_within_its_range_or_named(encode: Encode, settings: Any, body: Any, lost: set[str]):
    found, losses = encode(GenerateRequest((user("hi"),), **settings))

    assert {key: found[key] for key in found.keys() - {"model", "messages"}} == body
    assert {path for _, path in losses} == lost


def test_sources_that_policy_has_allowed_are_asked(issuer: Origin, encode: Encode):
    body = {**ASK, "connectors": [{"id": "web-search"}]}

    request = read(body, issuer)

    assert [field.name for field in request.routing] == ["connectors"]
    assert encode(request) == (body, [])


def test_a_host_may_take_both_penalties(encode: Encode):
    asked = GenerateRequest((user("hi"),), frequency_penalty=0.5, presence_penalty=0.5)

    body, losses = encode(asked, {"both_penalties": True})

    assert (body["frequency_penalty"], body["presence_penalty"], losses) == (0.5, 0.5, [])
