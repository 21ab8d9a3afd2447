"""Each rule of the emulated Mistral vendor, with a twin it accepts and a twin it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.mistral.validator import RULES, error_body, validate
from offramp_providers.emulator.rules import Rejection, ValidatorState
from support.cassettes import recordings
from support.vendor_rules import rule_broken

HEADERS = {"authorization": "Bearer k"}
STATE = ValidatorState(key="k", models=frozenset({"mistral-small-latest"}), also_recalled=True)
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CALL: dict[str, Any] = {"id": "aB3dE6gH9", "type": "function", "function": {"name": "look", "arguments": "{}"}}
OTHER = {**CALL, "id": "zzzzzzzz9"}
TEXT = {"type": "text", "text": "a"}
USER = {"role": "user", "content": "Hello"}
RESULT = {"role": "tool", "tool_call_id": "aB3dE6gH9", "content": "two units"}
SECOND = {**RESULT, "tool_call_id": "zzzzzzzz9"}
FORM = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True}}


def last(**message: Any) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant", "content": "It", **message}]}


def calling(*after: dict[str, Any], calls: Any = (CALL,)) -> dict[str, Any]:
    return {"tools": [TOOL], "messages": [USER, {"role": "assistant", "tool_calls": list(calls)}, *after]}


# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "key": ({}, {"headers": {"authorization": "Bearer wrong"}}),
    "known_parameters": ({"random_seed": 3, "safe_prompt": True, "prompt_mode": "reasoning"}, {"seed": 3}),
    "required": ({}, {"messages": None}),
    "setting_shapes": ({"stream": True, "reasoning_effort": "high"}, {"stream": "yes"}),
    "temperature_range": ({"temperature": 1}, {"temperature": 1.1}),
    "top_p_range": ({"top_p": 0}, {"top_p": 1.1}),
    "presence_penalty_range": ({"presence_penalty": 2}, {"presence_penalty": -2.1}),
    "frequency_penalty_range": ({"frequency_penalty": -2}, {"frequency_penalty": 2.1}),
    "not_negative": ({"max_tokens": 0, "random_seed": 0}, {"random_seed": -1}),
    "n_range": ({"n": 200}, {"n": 0}),
    "format_has_schema": ({"response_format": FORM}, {"response_format": {"type": "json_schema"}}),
    "tool_count": ({"tools": [TOOL] * 128}, {"tools": [TOOL] * 129}),
    "model_exists": ({}, {"model": "mistral-99"}),
    "tool_names": (
        {"tools": [TOOL]},
        {"tools": [{"type": "function", "function": {"name": "n" * 65, "parameters": {}}}]},
    ),
    "tool_choice_exists": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "look"}}},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "b"}}},
    ),
    "roles": ({"messages": [{"role": "system", "content": "x"}, USER]}, {"messages": [{**USER, "role": "developer"}]}),
    "message_shapes": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}]},
        {"messages": [{**USER, "name": "Ann"}]},
    ),
    "call_ids": (calling(RESULT), calling({**RESULT, "tool_call_id": "call_1"}, calls=[{**CALL, "id": "call_1"}])),
    "results_answer_calls": (calling(RESULT), calling(RESULT, SECOND)),
    "results_in_order": (
        calling(RESULT, SECOND, calls=[CALL, OTHER]),
        calling(SECOND, RESULT, calls=[CALL, OTHER]),
    ),
    "calls_are_answered": (calling(RESULT, USER), calling(USER)),
    "last_message": (last(prefix=True), last()),
    "prefix_is_last": (
        {"messages": [USER, {"role": "assistant", "content": "It", "prefix": False}, USER]},
        {"messages": [USER, {"role": "assistant", "content": "It", "prefix": True}, USER]},
    ),
}

ACCEPTED: list[dict[str, Any]] = [
    {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "a"}], "closed": True}],
    },
    {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "reference", "reference_ids": [1]}]},
    {"role": "user", "content": [{"type": "document_url", "document_url": "u", "document_name": "n"}]},
    {"role": "user", "content": [{"type": "file", "file_id": "f"}, {"type": "input_audio", "input_audio": "AA=="}]},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]},
    {"role": "assistant", "content": None, "tool_calls": None},
]
REFUSED: list[dict[str, Any]] = [
    {"role": "system", "content": [{"type": "image_url", "image_url": "u"}]},
    {"role": "user", "content": [{"type": "image", "source": {}}]},
    {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]},
    {"role": "assistant", "content": "a", "reasoning_content": "b"},
    {"role": "assistant", "content": "a", "refusal": "b"},
    {"role": "assistant", "tool_calls": [{**CALL, "type": "custom"}]},
    {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "look"}}]},
    {"role": "user"},
]


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(validate, {"model": "mistral-small-latest", "messages": [USER]}, changes, state, HEADERS)


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


@pytest.mark.parametrize("message", ACCEPTED, ids=str)
def test_what_the_schema_has_is_accepted(message: dict[str, Any]):
    assert judge({"messages": [USER, message, USER]}) is None


@pytest.mark.parametrize("message", REFUSED, ids=str)
def test_what_the_schema_lacks_is_refused(message: dict[str, Any]):
    assert judge({"messages": [USER, message, USER]}) == "message_shapes"


@pytest.mark.parametrize("call_id", ["", "abcdefgh", "abcdefghij", "abcd-efgh", "abcdefghé", None])
def test_an_id_that_is_not_nine_letters_and_digits_is_refused(call_id: Any):
    found = judge(calling({**RESULT, "tool_call_id": call_id}, calls=[{**CALL, "id": call_id or "x"}]))

    assert found == "call_ids"


def test_errors_have_the_shape_of_their_status():
    assert error_body(Rejection("r", 401, "t", "no")) == {"detail": "no"}
    assert error_body(Rejection("r", 422, "t", "no", "a.0.b")) == {
        "detail": [{"type": "value_error", "loc": ["body", "a", "0", "b"], "msg": "no"}]
    }
    assert error_body(Rejection("r", 400, "t", "no", code="3230")) == {
        "object": "error",
        "message": "no",
        "type": "t",
        "param": None,
        "code": "3230",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["messages", "tools", "tool_choice", "response_format", "stop", "metadata", "n", "max_tokens", "model"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any):
    judge({"messages": [USER, {"role": "assistant", "tool_calls": content}, content], **changes})
    judge({"messages": [{"role": "user", "content": [content]}, {"role": "tool", "tool_call_id": content}]})


def test_what_the_real_vendor_accepted_is_accepted():
    judged = 0
    for row in recordings("mistral.chat"):
        body = row["request"].get("body")
        if body and row["response"]["status"] == 200:
            found = validate(body, HEADERS, ValidatorState(also_recalled=True))
            assert found is None, (row["id"], found)
            judged += 1

    assert judged == 39
