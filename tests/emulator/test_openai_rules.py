"""Each rule of the emulated OpenAI vendor, with a twin it accepts and a twin it refuses."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.openai_chat.validator import RULES, validate
from offramp_providers.emulator.rules import ValidatorState
from support.vendor_rules import rule_broken

HEADERS = {"authorization": "Bearer k"}
STATE = ValidatorState(key="k", models=frozenset({"gpt-4o", "gpt-5", "o1"}), also_recalled=True)
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "units_near", "parameters": {"type": "object"}}}
CALL: dict[str, Any] = {"id": "call_1", "type": "function", "function": {"name": "units_near", "arguments": "{}"}}
USER = {"role": "user", "content": "Hello"}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "two units"}
TEXT = {"type": "text", "text": "a"}
CLOSED: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def assistant(**more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "Hello", **more}


def later(message: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [USER, message, USER]}


def calling(*answers: dict[str, Any], call: Any = CALL) -> dict[str, Any]:
    return {"tools": [TOOL], "messages": [USER, {"role": "assistant", "tool_calls": [call]}, *answers]}


def strict(name: str = "triage", **schema: Any) -> dict[str, Any]:
    form = {"name": name, "strict": True, "schema": {**CLOSED, **schema}}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "key": ({}, {"headers": {"authorization": "Bearer wrong"}}),
    "no_top_k": ({"top_p": 1}, {"top_k": 5}),
    "no_foreign_fields": ({"reasoning_effort": "low"}, {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    "known_parameters": ({"user": "u"}, {"stop_sequences": ["x"]}),
    "required": ({}, {"messages": None}),
    "setting_shapes": ({"stream": True}, {"stream": "yes"}),
    "model_exists": ({"model": "gpt-5"}, {"model": "gpt-99"}),
    "temperature_range": ({"temperature": 2}, {"temperature": 2.1}),
    "top_p_range": ({"top_p": 0}, {"top_p": 1.1}),
    "frequency_penalty_range": ({"frequency_penalty": -2}, {"frequency_penalty": 2.1}),
    "presence_penalty_range": ({"presence_penalty": 2}, {"presence_penalty": -2.1}),
    "n_range": ({"n": 1}, {"n": 0}),
    "top_logprobs_range": ({"logprobs": True, "top_logprobs": 20}, {"logprobs": True, "top_logprobs": 21}),
    "stop_count": ({"stop": ["a"] * 4}, {"stop": ["a"] * 5}),
    "stop_ended": ({"model": "o1", "stop": "a"}, {"model": "gpt-5", "stop": "a"}),
    "logit_bias_range": ({"logit_bias": {"5": 100}}, {"logit_bias": {"5": 101}}),
    "old_limit": ({"model": "gpt-5", "max_completion_tokens": 9}, {"model": "gpt-5", "max_tokens": 9}),
    "metadata_size": ({"metadata": {"a": "b" * 512}}, {"metadata": {"a": "b" * 513}}),
    "safety_identifier_size": ({"safety_identifier": "s" * 64}, {"safety_identifier": "s" * 65}),
    "tool_names": (
        {"tools": [TOOL]},
        {"tools": [{"type": "function", "function": {"name": "n" * 65}}]},
    ),
    "format_name": (strict("n" * 64), strict("n" * 65)),
    "two_limits": ({"max_tokens": 9}, {"max_tokens": 9, "max_completion_tokens": 9}),
    "fixed_sampling": ({"model": "gpt-5", "temperature": 1}, {"model": "gpt-5", "temperature": 0.5}),
    "logprobs_first": ({"logprobs": True, "top_logprobs": 1}, {"top_logprobs": 1}),
    "tool_count": ({"tools": [TOOL] * 128}, {"tools": [TOOL] * 129}),
    "tools_for_choice": ({"tools": [TOOL], "tool_choice": "auto"}, {"tool_choice": "auto"}),
    "tool_choice_exists": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "units_near"}}},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "b"}}},
    ),
    "stream_options_for_stream": (
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream_options": {"include_usage": True}},
    ),
    "roles": (later({"role": "developer", "content": "Be brief."}), later({"role": "model", "content": "x"})),
    "foreign_state": (later(assistant()), later(assistant(reasoning_content="Hm."))),
    "foreign_parts": (
        later(assistant(content=[TEXT])),
        later(assistant(content=[{"type": "tool_use", "id": "toolu_1", "name": "a", "input": {}}])),
    ),
    "tool_content": (
        calling({**RESULT, "content": [TEXT]}),
        calling({**RESULT, "content": [{"type": "image_url", "image_url": {"url": "u"}}]}),
    ),
    "assistant_content": (
        later(assistant(content=[{"type": "refusal", "refusal": "No."}])),
        later(assistant(content=[{"type": "image_url", "image_url": {"url": "u"}}])),
    ),
    "arguments_are_text": (
        calling(RESULT),
        calling(RESULT, call={**CALL, "function": {"name": "units_near", "arguments": {}}}),
    ),
    "message_shapes": (
        calling(RESULT),
        calling({"role": "tool", "tool_call_id": "call_1", "content": []}),
    ),
    "results_answer_calls": (calling(RESULT), calling(RESULT, {**RESULT, "tool_call_id": "call_9"})),
    "calls_are_answered": (calling(RESULT, USER), calling(USER)),
    "assistant_not_empty": (later(assistant()), later({"role": "assistant", "content": None})),
    "strict_root": (strict(), strict(type="array")),
    "strict_required": (
        strict(properties={"a": {"type": "string"}}, required=["a"]),
        strict(properties={"a": {"type": "string"}}),
    ),
    "strict_closed": (strict(), strict(additionalProperties=True)),
    "strict_keywords": (
        strict(properties={"default": {"type": "string"}}, required=["default"]),
        strict(properties={"a": {"type": "string", "default": "x"}}, required=["a"]),
    ),
}


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(validate, {"model": "gpt-4o", "messages": [USER]}, changes, state, HEADERS)


def test_every_rule_has_twins():
    assert set(TWINS) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", TWINS)
def test_the_accepted_twin_passes_all_rules(rule: str):
    assert judge(TWINS[rule][0]) is None


@pytest.mark.parametrize("rule", TWINS)
def test_the_rejected_twin_fails_this_very_rule(rule: str):
    assert judge(TWINS[rule][1]) == rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_enforced_by_default_only_if_it_was_read_at_the_vendor(rule: Any):
    found = judge(TWINS[rule.id][1], ValidatorState(key="k", models=STATE.models))

    assert (found is None) == (rule.evidence in ("T", "R"))


@pytest.mark.parametrize("key", ["signature", "thinking", "reasoning", "reasoning_details", "cache_control"])
def test_state_of_another_vendor_is_refused_in_messages_parts_and_calls(key: str):
    assert judge(later(assistant(**{key: "x"}))) == "foreign_state"
    assert judge(later(assistant(content=[{**TEXT, key: "x"}]))) == "foreign_state"
    assert judge(calling(RESULT, call={**CALL, key: "x"})) == "foreign_state"


@pytest.mark.parametrize("key", ["reasoning", "output_config", "max_output_tokens"])
def test_a_parameter_of_another_vendor_is_refused(key: str):
    assert judge({key: {}}) == "no_foreign_fields"


def test_an_error_names_the_parameter_and_a_code():
    rejection = validate({"model": "gpt-4o", "messages": [USER], "top_k": 3}, HEADERS, STATE)

    assert rejection is not None
    assert (rejection.status, rejection.param, rejection.code) == (400, "top_k", "unknown_parameter")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["messages", "tools", "tool_choice", "response_format", "stop", "metadata", "logit_bias", "stream_options"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any):
    judge(
        {
            "messages": [USER, {"role": "assistant", "tool_calls": content}, {"role": "user", "content": [content]}],
            **changes,
        }
    )
    judge(strict(properties={"a": content}, required=content))


def recorded() -> list[Any]:
    folder = Path(os.environ.get("OFFRAMP_CASSETTES", Path(__file__).parents[3] / "shared" / "cassettes"))
    path = folder / "openai.chat.jsonl"
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the recorded traffic is not here"))]
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    kept = [
        row
        for row in rows
        if (row.get("request") or {}).get("host") == "api.openai.com" and row["response"].get("status") == 200
    ]
    return [pytest.param(row, id=row["id"]) for row in kept]


@pytest.mark.parametrize("row", recorded())
def test_what_the_real_vendor_accepted_is_accepted(row: Any):
    assert validate(row["request"]["body"], HEADERS, ValidatorState(also_recalled=True)) is None
