"""Each rule of the emulated Anthropic vendor, with a twin it accepts and a twin it refuses."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.anthropic_messages.validator import RULES, validate
from offramp_providers.emulator.rules import ValidatorState
from offramp_providers.emulator.signatures import Issuer
from support.vendor_rules import rule_broken

HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
ISSUER = Issuer("acme", 7)
STATE = ValidatorState(
    key="k",
    issuer=ISSUER,
    models=frozenset({"claude-sonnet-4-5", "claude-opus-4-8", "claude-fable-5", "claude-sonnet-5", "claude-haiku-4-5"}),
    also_recalled=True,
)
OBJECT: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
TOOL = {"name": "units_near", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "units_near", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "two units"}
GENUINE = {"type": "thinking", "thinking": "Hm.", "signature": ISSUER.sign("thinking", "Hm.", b"one")}
FOREIGN = {"type": "thinking", "thinking": "Hm.", "signature": Issuer("other", 7).sign("thinking", "Hm.", b"one")}
CACHED = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks) or "Hello"}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks) or "Hello"}


def later(message: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [user(), message, user()]}


def calling(*answer: Any, **more: Any) -> dict[str, Any]:
    return {"tools": [TOOL], "messages": [user(), assistant(CALL), user(*answer)], **more}


def formatted(**schema: Any) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": {**OBJECT, **schema}}}}


def having(**properties: Any) -> dict[str, Any]:
    return formatted(properties=properties)


SYSTEM = {"role": "system", "content": "Be brief."}
LATE_SYSTEM = {"model": "claude-opus-4-8", "messages": [user(), SYSTEM]}
BUDGET = {"type": "enabled", "budget_tokens": 1024}
TREE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}}, "additionalProperties": False}
LEAF = {"type": "object", "properties": {}, "additionalProperties": False}

# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one_credential": ({}, {"headers": {"authorization": "Bearer k"}}),
    "key": ({"headers": {"x-api-key": None, "authorization": "Bearer k"}}, {"headers": {"x-api-key": "wrong"}}),
    "version_header": (
        {"headers": {"anthropic-version": "2026-10-21"}},
        {"headers": {"anthropic-version": "2023-01-01"}},
    ),
    "foreign_parameters": ({}, {"seed": 1}),
    "known_parameters": ({"container": "c"}, {"stop": ["x"]}),
    "max_tokens_required": ({"max_tokens": 0}, {"max_tokens": None}),
    "setting_shapes": ({"stream": True}, {"stream": "yes"}),
    "model_exists": ({"model": "claude-haiku-4-5"}, {"model": "claude-9"}),
    "max_tokens_range": ({"max_tokens": 0}, {"max_tokens": -1}),
    "temperature_range": ({"temperature": 1}, {"temperature": 1.1}),
    "top_p_range": ({"top_p": 1}, {"top_p": 1.1}),
    "top_k_range": ({"top_k": 0}, {"top_k": -1}),
    "sampling_removed": ({"model": "claude-opus-4-8"}, {"model": "claude-opus-4-8", "top_k": 5}),
    "sampling_default": (
        {"model": "claude-sonnet-5", "temperature": 1},
        {"model": "claude-sonnet-5", "temperature": 0.5},
    ),
    "sampling_once": ({"temperature": 0.5}, {"temperature": 0.5, "top_p": 0.5}),
    "stop_sequences_blank": ({"stop_sequences": ["END"]}, {"stop_sequences": [" "]}),
    "thinking_budget": ({"thinking": BUDGET}, {"thinking": BUDGET, "max_tokens": 1024}),
    "thinking_budget_ended": (
        {"model": "claude-opus-4-8", "thinking": {"type": "adaptive"}},
        {"model": "claude-opus-4-8", "thinking": BUDGET},
    ),
    "thinking_always_on": (
        {"model": "claude-fable-5", "thinking": {"type": "adaptive"}},
        {"model": "claude-fable-5", "thinking": {"type": "disabled"}},
    ),
    "tool_names": ({"tools": [TOOL]}, {"tools": [{**TOOL, "name": "units near"}]}),
    "tool_names_once": ({"tools": [TOOL, {**TOOL, "name": "b"}]}, {"tools": [TOOL, TOOL]}),
    "tool_choice_exists": (
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "units_near"}},
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "b"}},
    ),
    "messages_given": ({"messages": [user()]}, {"messages": []}),
    "roles": (later(assistant()), later({"role": "tool", "content": "x"})),
    "message_shapes": (later(assistant(CALL) | {"content": "x"}), later({"role": "assistant", "content": [{}]})),
    "first_is_user": ({"messages": [user(), assistant(), user()]}, {"messages": [assistant(), user()]}),
    "system_in_place": (LATE_SYSTEM, {**LATE_SYSTEM, "model": "claude-sonnet-4-5"}),
    "prefill": (
        {"messages": [user(), assistant()]},
        {"messages": [user(), assistant()], "model": "claude-sonnet-5"},
    ),
    "thinking_signature": (later(assistant(GENUINE)), later(assistant(FOREIGN))),
    "cache_breakpoints": ({"messages": [user(*[CACHED] * 4)]}, {"messages": [user(*[CACHED] * 5)]}),
    "text_not_empty": (later(assistant({"type": "text", "text": "a"})), later(assistant({"type": "text", "text": ""}))),
    "results_answer_calls": (calling(RESULT), calling(RESULT, {**RESULT, "tool_use_id": "toolu_9"})),
    "calls_are_answered": (calling(RESULT), calling({"type": "text", "text": "a"})),
    "results_first": (
        calling(RESULT, {"type": "text", "text": "a"}),
        calling({"type": "text", "text": "a"}, RESULT),
    ),
    "tools_declared": (calling(RESULT), calling(RESULT, tools=[])),
    "block_sides": (later(assistant(GENUINE)), {"messages": [user(GENUINE)]}),
    "format_keywords": (having(a={"type": "string"}), having(a={"type": "string", "maxLength": 3})),
    "format_min_items": (having(a={"type": "array", "minItems": 1}), having(a={"type": "array", "minItems": 2})),
    "format_closed": (formatted(), formatted(additionalProperties=True)),
    "format_formats": (having(a={"format": "date"}), having(a={"format": "phone"})),
    "format_recursion": (
        formatted(properties={"a": {"$ref": "#/$defs/leaf"}}, **{"$defs": {"leaf": LEAF}}),
        formatted(properties={"a": {"$ref": "#/$defs/tree"}}, **{"$defs": {"tree": TREE}}),
    ),
}


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(
        validate, {"model": "claude-sonnet-4-5", "max_tokens": 2000, "messages": [user()]}, changes, state, HEADERS
    )


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
    lenient = ValidatorState(key="k", issuer=ISSUER, models=STATE.models)

    found = judge(TWINS[rule.id][1], lenient)

    assert (found is None) == (rule.evidence in ("T", "R"))


@pytest.mark.parametrize(
    "block",
    [
        {**GENUINE, "thinking": "Hmm."},
        {**GENUINE, "signature": GENUINE["signature"][:-8] + "AAAAAAA="},
        {**GENUINE, "signature": "not base64 at all"},
        {**GENUINE, "signature": ""},
        {"type": "redacted_thinking", "data": "AAAA"},
        {"type": "redacted_thinking", "data": GENUINE["signature"]},
    ],
)
def test_thinking_is_refused_unless_it_is_unmodified(block: dict[str, Any]):
    assert judge(later(assistant(block))) == "thinking_signature"


def test_redacted_thinking_of_the_issuer_is_accepted():
    block = {"type": "redacted_thinking", "data": ISSUER.sign("redacted", "", b"one")}

    assert judge(later(assistant(block))) is None


@pytest.mark.parametrize(
    "messages",
    [
        [user(), SYSTEM, user()],
        [user(), assistant(), SYSTEM, assistant(), user()],
        [user(), {"role": "system", "content": [{"type": "image", "source": {"type": "url", "url": "u"}}]}],
    ],
)
def test_a_system_message_in_place_is_refused_out_of_its_place(messages: list[dict[str, Any]]):
    assert judge({"model": "claude-opus-4-8", "messages": messages}) == "system_in_place"


@pytest.mark.parametrize("key", ["tool_calls", "name", "reasoning_content"])
def test_a_message_with_another_dialects_field_is_refused(key: str):
    assert judge(later({**assistant(), key: "x"})) == "message_shapes"


@pytest.mark.parametrize("call", [{"input": "{}"}, {"id": "call 1"}, {"name": ""}])
def test_a_call_of_another_shape_is_refused(call: dict[str, Any]):
    assert judge(later(assistant({**CALL, **call}))) == "message_shapes"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["messages", "tools", "system", "thinking", "output_config", "tool_choice", "max_tokens", "output_format"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any):
    judge({"messages": [user(), {"role": "user", "content": [content]}], **changes})
    judge(formatted(properties={"a": content}))


def recorded() -> list[Any]:
    folder = Path(os.environ.get("OFFRAMP_CASSETTES", Path(__file__).parents[3] / "shared" / "cassettes"))
    path = folder / "anthropic.messages.jsonl"
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the recorded traffic is not here"))]
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    kept = [
        row
        for row in rows
        if (row.get("request") or {}).get("host") == "api.anthropic.com"
        and row["response"].get("status") == 200
        and not row.get("suspect_synthetic")
    ]
    return [pytest.param(row, id=row["id"]) for row in kept]


@pytest.mark.parametrize("row", recorded())
def test_what_the_real_vendor_accepted_is_accepted(row: Any):
    beta = {name: found for name, found in row["request"]["headers"].items() if name.lower() == "anthropic-beta"}

    # Signatures of the real issuer cannot be checked here; every other rule is on, recalled ones too.
    assert validate(row["request"]["body"], {**HEADERS, **beta}, ValidatorState(also_recalled=True)) is None
