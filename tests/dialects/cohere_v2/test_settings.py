"""What tools, schemas and settings say in the vendor's own way, and what is named where it has no word."""

from collections.abc import Callable
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Logprobs,
    Origin,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    SchemaOutput,
    Severity,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    user,
)
from offramp_providers.dialects.cohere_v2 import DIALECT
from offramp_providers.dialects.openai_chat import DIALECT as OPENAI

Encode = Callable[..., tuple[Any, list[tuple[str, str]]]]


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


LOOK = FunctionTool("look", schema=SCHEMA)


ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({**ASK, **body}, {}, issuer)


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
