"""Settings that were written elsewhere: said, clamped, or named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    Cache,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Message,
    Origin,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    RoutingField,
    TextOutput,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    VendorTool,
    Wire,
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
    "fields",
    [
        {"candidates": 1},
        {"stream": False},
        {"output": TextOutput()},
        {"store": False},
        {"frequency_penalty": 0.0, "presence_penalty": 0},
        {"metadata": {}},
        {"parallel_tool_calls": True},
        {"tools": (replace(LOOK, strict=False),), "tool_choice": ToolChoiceAuto(), "parallel_tool_calls": True},
        {"tools": (LOOK,), "tool_choice": ToolChoiceNone(), "parallel_tool_calls": False},
    ],
)
def test_what_asks_for_nothing_more_than_happens_anyway_is_no_loss(encode: Encode, fields: dict[str, Any]) -> None:
    _, losses = said(encode, user("hi"), **fields)

    assert losses == []


@pytest.mark.parametrize(
    ("fields", "wire", "losses"),
    [
        ({"temperature": 1.5}, {"temperature": 1}, ["setting.clamped"]),
        ({"temperature": 0.5, "top_p": 0.9}, {"temperature": 0.5}, ["setting.unsupported"]),
        ({"top_p": 0.9, "top_k": 4}, {"top_p": 0.9, "top_k": 4}, []),
        ({"seed": 0}, {}, ["setting.unsupported"]),
        ({"logprobs": Logprobs()}, {}, ["setting.unsupported"]),
        ({"candidates": 2}, {}, ["setting.unsupported"]),
        ({"frequency_penalty": 0.5}, {}, ["setting.unsupported"]),
        ({"store": True}, {}, ["setting.unsupported"]),
        ({"metadata": {"a": "b"}}, {}, ["setting.unsupported"]),
        ({"service_tier": "flex"}, {}, ["setting.unsupported"]),
        ({"service_tier": "auto"}, {"service_tier": "auto"}, []),
        ({"end_user": "u1"}, {"metadata": {"user_id": "u1"}}, []),
        ({"stop": ("END", " ")}, {"stop_sequences": ["END"]}, ["setting.unsupported"]),
        ({"stop": ()}, {"stop_sequences": []}, []),
        ({"cache": Cache(300)}, {"cache_control": {"type": "ephemeral", "ttl": "5m"}}, []),
        ({"cache": Cache(600)}, {"cache_control": {"type": "ephemeral", "ttl": "5m"}}, ["setting.clamped"]),
        ({"output": JsonOutput()}, {}, ["setting.unsupported"]),
        ({"tool_choice": ToolChoiceAny()}, {}, ["setting.unsupported"]),
        ({"routing": (RoutingField(dialect="openai_chat", name="models", raw=[]),)}, {}, ["routing_field"]),
        ({"wire": Wire(dialect="openai_chat", fields={"verbosity": "low", "x": None})}, {}, ["vendor_field"]),
        ({"tools": (VendorTool(dialect="openai_chat", vendor_type="w", raw={}),)}, {}, ["vendor_tool"]),
    ],
)
def test_a_setting_is_said_or_named(
    encode: Encode, fields: dict[str, Any], wire: dict[str, Any], losses: list[str]
) -> None:
    body, found = encode(GenerateRequest((user("hi"),), max_output_tokens=9, **fields), {"sampling": True})

    assert {key: each for key, each in body.items() if key not in ("model", "max_tokens", "messages")} == wire
    assert found == losses


def test_a_missing_bound_is_taken_from_the_profile_and_named(encode: Encode) -> None:
    body, losses = encode(GenerateRequest((user("hi"),)))

    assert body["max_tokens"] == 100
    assert losses == ["max_output_tokens.injected"]


def test_a_missing_bound_without_a_default_is_refused_with_a_mend(issuer: Origin) -> None:
    with pytest.raises(CapabilityError, match="Set max_output_tokens"):
        DIALECT.encode_request(GenerateRequest((user("hi"),)), Target(origin=issuer))


@pytest.mark.parametrize(
    ("reasoning", "options", "wire", "losses"),
    [
        (ReasoningSettings(effort="low"), {}, {"output_config": {"effort": "low"}}, []),
        (ReasoningSettings(effort="minimal"), {}, {"output_config": {"effort": "low"}}, ["reasoning.effort"]),
        (
            ReasoningSettings(effort="xhigh"),
            {"efforts": ("low", "high", "max")},
            {"output_config": {"effort": "high"}},
            ["reasoning.effort"],
        ),
        (ReasoningSettings(effort="low"), {"efforts": ()}, {}, ["setting.unsupported"]),
        (ReasoningSettings(effort="none"), {}, {"thinking": {"type": "disabled"}}, ["reasoning.effort"]),
        (ReasoningSettings(mode=ReasoningOff()), {"reasoning_off": False}, {}, ["setting.unsupported"]),
        (
            ReasoningSettings(mode=ReasoningAdaptive(display="full")),
            {},
            {"thinking": {"type": "adaptive", "display": "summarized"}},
            ["setting.clamped"],
        ),
        (
            ReasoningSettings(mode=ReasoningBudget(2000)),
            {},
            {"thinking": {"type": "adaptive"}},
            ["reasoning.budget"],
        ),
        (
            ReasoningSettings(mode=ReasoningBudget(2000)),
            {"reasoning_budget": True},
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            [],
        ),
        (
            ReasoningSettings(mode=ReasoningBudget(9000)),
            {"reasoning_budget": True},
            {"thinking": {"type": "enabled", "budget_tokens": 2999}},
            ["setting.clamped"],
        ),
    ],
)
def test_reasoning_is_asked_for_as_the_model_takes_it(
    encode: Encode, reasoning: ReasoningSettings, options: dict[str, Any], wire: dict[str, Any], losses: list[str]
) -> None:
    body, found = encode(GenerateRequest((user("hi"),), max_output_tokens=3000, reasoning=reasoning), options)

    assert {key: body[key] for key in ("thinking", "output_config") if key in body} == wire
    assert found == losses


@pytest.mark.parametrize("options", [{}, {"sampling": False}])
def test_a_model_that_is_not_known_to_take_sampling_gets_none(encode: Encode, options: dict[str, Any]) -> None:
    request = GenerateRequest((user("hi"),), max_output_tokens=9, temperature=0.2, top_p=0.9, top_k=3)

    body, losses = encode(request, options)

    assert body.keys() == {"model", "max_tokens", "messages"}
    assert losses == ["setting.unsupported"] * 3


def test_a_choice_says_whether_calls_may_be_parallel(encode: Encode) -> None:
    named = GenerateRequest(
        (user("hi"),),
        max_output_tokens=9,
        tools=(LOOK,),
        tool_choice=ToolChoiceNamed("look"),
        parallel_tool_calls=False,
    )

    assert encode(named)[0]["tool_choice"] == {"type": "tool", "name": "look", "disable_parallel_tool_use": True}
    body, losses = encode(replace(named, tool_choice=None))
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert losses == ["tool_choice.injected"]
