"""Settings, schemas and tools: said as the host and the model take them, or named."""

from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Logprobs,
    Message,
    Origin,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    RoutingField,
    SchemaOutput,
    Text,
    ToolChoiceAny,
    VendorTool,
    Wire,
    system,
    user,
)
from offramp_providers.dialects.openai_chat import DIALECT


def _decode(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({"model": "m", "messages": [], **body}, {}, issuer)


def test_bounds_and_persons_have_two_spellings(encode: Any, issuer: Origin) -> None:
    old = _decode({"max_tokens": 5, "user": "u"}, issuer)

    kept, _ = encode(old)
    profiled, _ = encode(old, {"max_tokens_field": "max_completion_tokens", "end_user_field": "safety_identifier"})
    usual, _ = encode(GenerateRequest((), max_output_tokens=5, end_user="u"))

    assert (old.max_output_tokens, old.end_user) == (5, "u")
    assert (kept["max_tokens"], kept["user"]) == (5, "u")
    assert (profiled["max_completion_tokens"], profiled["safety_identifier"]) == (5, "u")
    assert (usual["max_completion_tokens"], usual["safety_identifier"]) == (5, "u")


def test_a_canonical_setting_wins_over_residue_of_its_name(issuer: Origin) -> None:
    wire = Wire(dialect=DIALECT.name, fields={"temperature": None, "model": "other", "messages": "x"})

    encoded = DIALECT.encode_request(
        GenerateRequest((user("hi"),), model="m", temperature=0.5, wire=wire), Target(origin=issuer)
    )

    assert (encoded.body["temperature"], encoded.body["model"]) == (0.5, "m")
    assert encoded.body["messages"] == [{"role": "user", "content": "hi"}]


def test_fields_that_decide_who_sees_the_data_are_typed(issuer: Origin, encode: Any) -> None:
    request = _decode({"models": ["x/y"], "provider": {"order": ["z"]}}, issuer)
    foreign = RoutingField(dialect="anthropic_messages", name="mcp_servers", raw=[])

    body, losses = encode(GenerateRequest((), routing=(*request.routing, foreign)))

    assert [field.name for field in request.routing] == ["models", "provider"]
    assert request.wire is not None
    assert request.wire.fields == {}
    assert (body["models"], body["provider"]) == (["x/y"], {"order": ["z"]})
    assert losses == [("routing_field", "routing[2]")]


def test_what_the_host_rejects_is_left_out_and_named(encode: Any) -> None:
    body, losses = encode(
        GenerateRequest((), temperature=0.0, stop=("x",), max_output_tokens=4), {"rejects": ("temperature", "stop")}
    )

    assert body == {"model": "gpt-5.4", "messages": [], "max_completion_tokens": 4}
    assert losses == [("setting.unsupported", "temperature"), ("setting.unsupported", "stop")]


def test_values_outside_of_the_range_are_clamped_and_named(encode: Any) -> None:
    request = GenerateRequest((), temperature=3.0, presence_penalty=-9, stop=tuple("abcde"), logprobs=Logprobs(top=99))

    body, losses = encode(request)

    assert (body["temperature"], body["presence_penalty"], body["stop"]) == (2.0, -2.0, ["a", "b", "c", "d"])
    assert (body["logprobs"], body["top_logprobs"]) == (True, 20)
    assert {code for code, _ in losses} == {"setting.clamped"}
    assert [path for _, path in losses] == ["temperature", "presence_penalty", "stop", "logprobs.top"]


def test_roles_are_written_as_the_host_knows_them(encode: Any) -> None:
    request = GenerateRequest((Message("developer", (Text("a"),)), system("b")))

    plain, none = encode(request)
    old, losses = encode(request, {"developer_role": False})
    new, _ = encode(request, {"system_role": False})

    assert ([each["role"] for each in plain["messages"]], none) == (["developer", "system"], [])
    assert [each["role"] for each in old["messages"]] == ["system", "system"]
    assert [each["role"] for each in new["messages"]] == ["developer", "developer"]
    assert losses == [("role.rewritten", "messages[0].role")]


def test_effort_is_moved_to_the_nearest_that_the_model_takes(encode: Any) -> None:
    request = GenerateRequest((), reasoning=ReasoningSettings(effort="max"))

    body, losses = encode(request, {"efforts": ("low", "high")})
    refused, named = encode(request, {"efforts": ()})

    assert (body["reasoning_effort"], losses) == ("high", [("reasoning.effort", "reasoning.effort")])
    assert ("reasoning_effort" in refused, named) == (False, [("setting.unsupported", "reasoning.effort")])


def test_modes_of_reasoning_are_named_or_said_by_effort(encode: Any) -> None:
    off = GenerateRequest((), reasoning=ReasoningSettings(mode=ReasoningOff()))
    budget = GenerateRequest((), reasoning=ReasoningSettings(mode=ReasoningBudget(100)))

    assert encode(off)[1] == [("setting.unsupported", "reasoning.mode")]
    assert encode(off, {"efforts": ("none", "low")})[0]["reasoning_effort"] == "none"
    assert encode(budget)[1] == [("reasoning.budget", "reasoning.mode")]


@pytest.mark.parametrize(
    "spelled",
    [
        {"reasoning": {"effort": "low", "exclude": True}},
        {"thinking": {"type": "disabled"}},
        {"reasoning": {"max_tokens": 9}},
    ],
)
def test_hosts_own_words_for_reasoning_are_understood(spelled: dict[str, Any], issuer: Origin, encode: Any) -> None:
    request = _decode(spelled, issuer)

    body, losses = encode(request)

    assert request.reasoning is not None
    assert ({key: body[key] for key in spelled}, losses) == (spelled, [])


def test_a_schema_gets_a_name_and_strict_only_where_it_can_be_held(encode: Any) -> None:
    fits = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    optional = {"type": "object", "properties": {"a": {"type": "integer"}}}

    closed, losses = encode(GenerateRequest((), output=SchemaOutput(fits, strict=True)))
    loose, named = encode(GenerateRequest((), output=SchemaOutput(optional, name="a b", strict=True)))

    assert closed["response_format"]["json_schema"] == {
        "name": "response",
        "schema": {**fits, "additionalProperties": False},
        "strict": True,
    }
    assert losses == [("schema.injected", "output.schema"), ("output.name.injected", "output.name")]
    assert loose["response_format"]["json_schema"] == {
        "name": "a_b",
        "schema": {
            "type": "object",
            "properties": {"a": {"type": ["integer", "null"]}},
            "required": ["a"],
            "additionalProperties": False,
        },
        "strict": True,
    }
    assert named == [("schema.nullable", "output.schema"), ("output.name.rewritten", "output.name")]


@pytest.mark.parametrize(
    ("optional", "sent"),
    [
        ({"type": "string", "default": "x"}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"enum": ["a"], "type": "string"}, {"anyOf": [{"enum": ["a"], "type": "string"}, {"type": "null"}]}),
        ({"$ref": "#/$defs/p"}, {"anyOf": [{"$ref": "#/$defs/p"}, {"type": "null"}]}),
    ],
)
def test_an_optional_property_of_an_answer_is_asked_for_as_nullable(
    encode: Any, optional: dict[str, Any], sent: dict[str, Any]
) -> None:
    definition = {"type": "object", "properties": {}, "additionalProperties": False}
    schema = {"type": "object", "properties": {"a": optional}, "$defs": {"p": definition}}

    body, losses = encode(GenerateRequest((), output=SchemaOutput(schema, name="n", strict=True)))

    written = body["response_format"]["json_schema"]
    assert (written["schema"]["properties"]["a"], written["schema"]["required"], written["strict"]) == (
        sent,
        ["a"],
        True,
    )
    assert losses == [("schema.nullable", "output.schema")]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"oneOf": []}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}, "required": ["a"]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"anyOf": [{"type": "object"}]},
        {"type": "object", "$defs": {"x": {"not": {}}}},
        {"type": "object", "properties": {"a": {"items": {"default": 1}}}, "required": ["a"]},
    ],
)
def test_strict_is_dropped_for_what_the_subset_cannot_say(schema: dict[str, Any], encode: Any) -> None:
    body, losses = encode(GenerateRequest((), tools=(FunctionTool("f", schema=schema, strict=True),)))

    assert body["tools"][0]["function"] == {"name": "f", "parameters": schema, "strict": False}
    assert losses == [("schema.strict", "tools[0].strict")]


def test_settings_of_tools_are_not_sent_without_tools(encode: Any) -> None:
    tool = VendorTool(dialect="anthropic_messages", vendor_type="bash_1", raw={})
    request = GenerateRequest((), tools=(tool,), tool_choice=ToolChoiceAny(), parallel_tool_calls=False)

    body, losses = encode(request)

    assert body == {"model": "gpt-5.4", "messages": []}
    assert losses == [
        ("vendor_tool", "tools[0]"),
        ("setting.unsupported", "tool_choice"),
        ("setting.unsupported", "parallel_tool_calls"),
    ]


def test_a_tool_name_that_the_vendor_refuses_is_an_error_before_sending(encode: Any) -> None:
    with pytest.raises(CapabilityError, match="letters, digits"):
        encode(GenerateRequest((), tools=(FunctionTool("a.b"),)))
