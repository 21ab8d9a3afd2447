"""Settings, tools and structured output, each way."""

from collections.abc import Callable
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Origin,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    SchemaOutput,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    VendorTool,
    user,
)
from offramp_providers.dialects.gemini import DIALECT

Encode = Callable[..., tuple[Any, list[str]]]
SCHEMA = {"type": "object", "properties": {"a": {"const": 1}}}
LOOK = FunctionTool("look", schema=SCHEMA)


def asked(**settings: Any) -> GenerateRequest:
    return GenerateRequest((user("hi"),), **settings)


def test_every_plain_setting_has_its_key(encode: Encode) -> None:
    body, losses = encode(
        asked(
            max_output_tokens=9,
            temperature=0.5,
            top_p=0.9,
            top_k=40,
            seed=7,
            candidates=2,
            presence_penalty=0.1,
            frequency_penalty=0.2,
            stop=("x",),
            logprobs=Logprobs(top=3),
            service_tier="flex",
            store=False,
        )
    )

    assert body["generationConfig"] == {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 40,
        "seed": 7,
        "candidateCount": 2,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "stopSequences": ["x"],
        "responseLogprobs": True,
        "logprobs": 3,
    }
    assert (body["serviceTier"], body["store"], losses) == ("flex", False, [])


def test_what_the_dialect_lacks_is_named(encode: Encode) -> None:
    body, losses = encode(
        asked(
            temperature=3,
            stop=("a", "", "b", "c", "d", "e", "f"),
            end_user="u",
            metadata={"k": "v"},
            service_tier="auto",
            parallel_tool_calls=False,
        )
    )

    assert body["generationConfig"] == {"temperature": 2, "stopSequences": ["a", "b", "c", "d", "e"]}
    assert sorted(losses) == ["setting.clamped", *["setting.unsupported"] * 6]


@pytest.mark.parametrize(
    ("reasoning", "config", "losses"),
    [
        (ReasoningSettings(mode=ReasoningOff()), {"thinkingBudget": 0}, []),
        (
            ReasoningSettings(mode=ReasoningBudget(512, display="summarized")),
            {"thinkingBudget": 512, "includeThoughts": True},
            [],
        ),
        (ReasoningSettings(mode=ReasoningAdaptive()), {"thinkingBudget": -1}, []),
        (ReasoningSettings(effort="high"), {"thinkingLevel": "HIGH"}, []),
        (ReasoningSettings(effort="max"), {"thinkingLevel": "HIGH"}, ["reasoning.effort"]),
        (ReasoningSettings(effort="none"), {"thinkingBudget": 0}, ["reasoning.effort"]),
        (
            ReasoningSettings(mode=ReasoningAdaptive(display="omitted"), effort="low"),
            {"includeThoughts": False, "thinkingLevel": "LOW"},
            [],
        ),
        # A budget and a level exclude each other.
        (ReasoningSettings(mode=ReasoningBudget(9), effort="low"), {"thinkingBudget": 9}, ["reasoning.effort"]),
    ],
)
def test_thinking_is_said_by_a_budget_or_by_a_level(
    encode: Encode, reasoning: ReasoningSettings, config: Any, losses: list[str]
) -> None:
    body, named = encode(asked(reasoning=reasoning))

    assert (body["generationConfig"]["thinkingConfig"], named) == (config, losses)


def test_a_model_that_cannot_stop_thinking_is_not_told_to(encode: Encode) -> None:
    body, losses = encode(asked(reasoning=ReasoningSettings(mode=ReasoningOff())), {"reasoning_off": False})

    assert "generationConfig" not in body
    assert losses == ["setting.unsupported"]


def test_json_schema_is_sent_as_it_is_and_only_what_stands_beside_a_reference_is_left_out(encode: Encode) -> None:
    schema = {"properties": {"a": {"$ref": "#/$defs/n", "description": "d"}}, "$defs": {"n": {"const": 1}}}

    body, losses = encode(asked(output=SchemaOutput(schema, name="n")))

    assert body["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": {"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"const": 1}}},
    }
    assert losses == ["output.name", "schema.keyword"]


def test_the_older_schema_is_read_as_json_schema_and_written_as_it_was(issuer: Origin) -> None:
    schema = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True, "maxLength": "5"}}}
    body = {"contents": [], "generationConfig": {"responseMimeType": "application/json", "responseSchema": schema}}

    request = DIALECT.decode_request(body, {}, issuer)

    assert isinstance(request.output, SchemaOutput)
    assert request.output.schema == {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"], "maxLength": 5}},
    }
    assert DIALECT.encode_request(request, Target(origin=issuer)).body == body


def test_json_without_a_schema_is_a_media_type(encode: Encode) -> None:
    body, losses = encode(asked(output=JsonOutput()))

    assert (body["generationConfig"], losses) == ({"responseMimeType": "application/json"}, [])


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoiceAuto(), {"mode": "AUTO"}),
        (ToolChoiceAny(), {"mode": "ANY"}),
        (ToolChoiceNone(), {"mode": "NONE"}),
        (ToolChoiceNamed("look"), {"mode": "ANY", "allowedFunctionNames": ["look"]}),
    ],
)
def test_every_choice_among_tools_has_a_mode(encode: Encode, issuer: Origin, choice: Any, config: Any) -> None:
    body, losses = encode(asked(tools=(LOOK,), tool_choice=choice))

    assert body["toolConfig"] == {"functionCallingConfig": config}
    assert DIALECT.decode_request(body, {}, issuer).tool_choice == choice
    assert losses == []


def test_validated_calls_are_a_free_choice_whose_rest_is_kept(issuer: Origin) -> None:
    inner = {"mode": "VALIDATED", "allowedFunctionNames": ["a", "b"]}
    body = {"contents": [], "toolConfig": {"functionCallingConfig": inner, "includeServerSideToolInvocations": True}}

    request = DIALECT.decode_request(body, {}, issuer)

    assert isinstance(request.tool_choice, ToolChoiceAuto)
    assert DIALECT.encode_request(request, Target(origin=issuer)).body == body


def test_functions_stand_together_and_a_foreign_vendors_tool_is_lost(encode: Encode) -> None:
    search = VendorTool(dialect="gemini", vendor_type="googleSearch", raw={"googleSearch": {}})
    foreign = VendorTool(dialect="openai_chat", vendor_type="x", raw={})
    strict = FunctionTool("hear", description="d", strict=True)

    body, losses = encode(asked(tools=(LOOK, strict, foreign, search)))

    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "look", "parametersJsonSchema": SCHEMA},
                {"name": "hear", "description": "d"},
            ]
        },
        {"googleSearch": {}},
    ]
    assert sorted(losses) == ["setting.unsupported", "vendor_tool"]


@pytest.mark.parametrize(
    "tools",
    [
        [],
        [{"functionDeclarations": [{"name": "a"}]}, {"functionDeclarations": [{"name": "b"}]}],
        [{"googleSearch": {}, "functionDeclarations": [{"name": "a"}]}, {"urlContext": {}}],
        [{"functionDeclarations": []}],
        [{"function_declarations": [{"name": "a"}]}, {"functionDeclarations": [{"name": "b"}]}],
        [{"functionDeclarations": [{"name": 7}]}, {}],
    ],
)
def test_tools_come_back_grouped_as_they_were(issuer: Origin, tools: Any) -> None:
    body = {"contents": [], "tools": tools}

    encoded = DIALECT.encode_request(DIALECT.decode_request(body, {}, issuer), Target(origin=issuer))

    assert (encoded.body, encoded.losses) == (body, ())
