"""Settings, tools and schemas: this vendor's names and ranges, and what lies outside of them."""

from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    Effort,
    FunctionTool,
    GenerateRequest,
    Message,
    Origin,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
    SchemaOutput,
    Severity,
    ToolChoiceAny,
    ToolChoiceNamed,
    user,
)
from offramp_providers.dialects.mistral import DIALECT

LOOK = FunctionTool("look", schema={"type": "object", "properties": {}})


def _asked(*messages: Message, **more: Any) -> GenerateRequest:
    return GenerateRequest(messages or (user("hi"),), **more)


def test_settings_have_this_vendors_names(encode: Any) -> None:
    body, losses = encode(_asked(seed=7, max_output_tokens=5, candidates=2, stop=("x",), metadata={"a": "b"}))

    assert losses == []
    assert body == {
        "model": "mistral-small-latest",
        "messages": [{"role": "user", "content": "hi"}],
        "random_seed": 7,
        "max_tokens": 5,
        "n": 2,
        "stop": ["x"],
        "metadata": {"a": "b"},
    }


@pytest.mark.parametrize(
    ("setting", "sent", "losses"),
    [
        ({"temperature": 1.0}, {"temperature": 1.0}, []),
        ({"temperature": 1.3}, {"temperature": 1.0}, [("setting.clamped", "temperature")]),
        ({"top_p": 1.5}, {"top_p": 1.0}, [("setting.clamped", "top_p")]),
        ({"seed": -1}, {}, [("setting.unsupported", "seed")]),
        ({"candidates": 0}, {"n": 1}, [("setting.clamped", "candidates")]),
        ({"top_k": 3}, {}, [("setting.unsupported", "top_k")]),
        ({"end_user": "u"}, {}, [("setting.unsupported", "end_user")]),
        ({"stop": ()}, {}, [("setting.unsupported", "stop")]),
        ({"tool_choice": ToolChoiceAny()}, {}, [("setting.unsupported", "tool_choice")]),
    ],
)
def test_what_lies_outside_of_the_vendors_range_is_named(
    encode: Any, setting: dict[str, Any], sent: dict[str, Any], losses: list[Any]
) -> None:
    body, named = encode(_asked(**setting))

    assert {key: held for key, held in body.items() if key not in ("model", "messages")} == sent
    assert named == losses


def test_a_host_may_take_a_higher_temperature(encode: Any) -> None:
    assert encode(_asked(temperature=1.3), {"temperature_limit": 1.5})[0]["temperature"] == 1.3


def test_a_field_that_a_host_rejects_is_left_out_by_our_name(encode: Any) -> None:
    body, losses = encode(_asked(seed=7), {"rejects": ("random_seed",)})

    assert "random_seed" not in body
    assert losses == [("setting.unsupported", "seed")]


@pytest.mark.parametrize(
    ("effort", "mode", "sent", "losses"),
    [
        ("high", None, "high", []),
        ("none", None, "none", []),
        ("low", None, "high", [("reasoning.effort", "reasoning.effort")]),
        ("max", None, "high", [("reasoning.effort", "reasoning.effort")]),
        (None, ReasoningOff(), "none", [("reasoning.effort", "reasoning.mode")]),
        (None, ReasoningAdaptive(), "high", [("reasoning.effort", "reasoning.mode")]),
        (
            None,
            ReasoningBudget(9),
            "high",
            [("reasoning.budget", "reasoning.mode"), ("reasoning.effort", "reasoning.effort")],
        ),
    ],
)
def test_whoever_asks_for_some_reasoning_gets_some(
    encode: Any, effort: Effort | None, mode: ReasoningMode | None, sent: str, losses: list[Any]
) -> None:
    body, named = encode(_asked(reasoning=ReasoningSettings(effort=effort, mode=mode)))

    assert (body["reasoning_effort"], named) == (sent, losses)


def test_a_model_that_takes_no_effort_is_sent_none(encode: Any) -> None:
    asked = ReasoningSettings(effort="high", mode=ReasoningOff())

    body, losses = encode(_asked(reasoning=asked), {"efforts": ()})

    assert "reasoning_effort" not in body
    assert losses == [("setting.unsupported", "reasoning.mode"), ("setting.unsupported", "reasoning.effort")]


def test_a_deprecated_reasoning_model_is_asked_by_its_prompt(encode: Any) -> None:
    body, losses = encode(
        _asked(reasoning=ReasoningSettings(mode=ReasoningAdaptive())), {"prompt_mode": True, "efforts": ()}
    )

    assert (body["prompt_mode"], losses) == ("reasoning", [])


def test_a_forced_choice_has_this_vendors_word_and_the_others_is_kept(issuer: Origin, encode: Any) -> None:
    assert encode(_asked(tools=(LOOK,), tool_choice=ToolChoiceAny()))[0]["tool_choice"] == "any"
    named = encode(_asked(tools=(LOOK,), tool_choice=ToolChoiceNamed("look")))[0]["tool_choice"]
    assert named == {"type": "function", "function": {"name": "look"}}
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [tool], "tool_choice": "required"}
    assert encode(DIALECT.decode_request(body, {}, issuer)) == (body, [])


def test_a_tool_without_parameters_gets_the_empty_object(encode: Any) -> None:
    body, losses = encode(_asked(tools=(FunctionTool("f", strict=True),)))

    assert body["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}
    assert losses == [("schema.injected", "tools[0].schema")]


def test_a_tool_name_that_is_not_taken_is_an_error_before_sending(encode: Any) -> None:
    with pytest.raises(CapabilityError, match="tool name"):
        encode(_asked(tools=(FunctionTool("a name"),)))


def test_a_schema_without_a_name_gets_one(encode: Any) -> None:
    body, losses = encode(_asked(output=SchemaOutput({"type": "object"}, strict=True)))

    form = {"name": "response", "schema": {"type": "object"}, "strict": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": form}
    assert losses == [("output.name.injected", "output.name")]


def test_a_default_that_is_said_is_no_loss_elsewhere_and_a_constraint_is_a_grave_one(issuer: Origin) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    elsewhere = replace(issuer, host="elsewhere", dialect="openai_chat")

    def lost(**more: Any) -> Any:
        request = DIALECT.decode_request({**body, **more}, {}, issuer)
        losses = DIALECT.encode_request(request, Target(origin=elsewhere)).losses
        return [(loss.path, loss.severity) for loss in losses]

    assert lost(safe_prompt=False) == []
    assert lost(safe_prompt=True) == [("wire.fields.safe_prompt", Severity.MATERIAL)]
    assert lost(guardrails=[{}]) == [("wire.fields.guardrails", Severity.MATERIAL)]
    assert lost(prompt_cache_key="k") == [("wire.fields.prompt_cache_key", Severity.BEHAVIOURAL)]


def test_strict_is_held_to_a_subset_where_the_host_says_so(encode: Any) -> None:
    tool = FunctionTool("f", schema={"type": "object", "properties": {"a": {"oneOf": []}}}, strict=True)

    sent, none = encode(_asked(tools=(tool,)))
    held, losses = encode(_asked(tools=(tool,)), {"strict_subset": True})

    assert (sent["tools"][0]["function"]["strict"], none) == (True, [])
    assert (held["tools"][0]["function"]["strict"], losses) == (False, [("schema.strict", "tools[0].strict")])
