"""Each rule of the emulated Cohere, with a twin it accepts and a twin it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.cohere_v2.validator import RULES, error_body, validate
from offramp_providers.emulator.rules import Rejection, ValidatorState
from support.cassettes import recordings
from support.vendor_rules import rule_broken

HEADERS = {"authorization": "Bearer k"}
STATE = ValidatorState(key="k", models=frozenset({"command-a-plus-05-2026"}), also_recalled=True)
USER = {"role": "user", "content": "Hello"}
CLOSED: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CALL: dict[str, Any] = {"id": "look_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "look_1", "content": "two units"}
DOCUMENT = {"id": "d", "data": {"text": "Two units."}}


def tool(name: str = "look", **schema: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {**CLOSED, **schema}}}


def later(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [USER, *messages]}


def calling(*answers: dict[str, Any], **call: Any) -> dict[str, Any]:
    return later({"role": "assistant", "tool_plan": "Look.", "tool_calls": [{**CALL, **call}]}, *answers)


def form(key: str = "json_schema", **schema: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_object", key: {**CLOSED, **schema}}}


def images(count: int) -> dict[str, Any]:
    return later(
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.example"}}] * count}
    )


def fields(count: int) -> dict[str, Any]:
    names = {f"f{number}": {"type": "string"} for number in range(count)}
    return {"strict_tools": True, "tools": [tool(properties=names, required=["f0"])]}


# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "key": ({}, {"headers": {"authorization": "Bearer wrong"}}),
    "known_parameters": ({"priority": 1}, {"top_p": 0.5}),
    "required": ({}, {"model": None}),
    "setting_shapes": ({"safety_mode": "STRICT"}, {"safety_mode": "LOOSE"}),
    "model_exists": ({}, {"model": "command-99"}),
    "temperature_range": ({"temperature": 1}, {"temperature": 1.1}),
    "p_range": ({"p": 0.99}, {"p": 1}),
    "k_range": ({"k": 500}, {"k": 501}),
    "seed_range": ({"seed": 0}, {"seed": -1}),
    "frequency_penalty_range": ({"frequency_penalty": 1}, {"frequency_penalty": 1.1}),
    "presence_penalty_range": ({"presence_penalty": 0}, {"presence_penalty": -0.1}),
    "one_penalty": ({"presence_penalty": 1}, {"presence_penalty": 1, "frequency_penalty": 1}),
    "stop_count": ({"stop_sequences": ["a"] * 5}, {"stop_sequences": ["a"] * 6}),
    "token_budget": (
        {"thinking": {"type": "enabled", "token_budget": 1}},
        {"thinking": {"type": "enabled", "token_budget": 0}},
    ),
    "priority_range": ({"priority": 999}, {"priority": 1000}),
    "tool_names": ({"tools": [tool("look_2")]}, {"tools": [tool("look-2")]}),
    "strict_fields": (fields(200), fields(201)),
    "tools_for_choice": ({"tool_choice": "REQUIRED", "tools": [tool()]}, {"tool_choice": "REQUIRED"}),
    "documents_not_empty": ({"documents": ["Two units."]}, {"documents": []}),
    "document_ids": ({"documents": [DOCUMENT, {**DOCUMENT, "id": "e"}]}, {"documents": [DOCUMENT, DOCUMENT]}),
    "format_without_documents": (
        {"response_format": {"type": "text"}, "documents": [DOCUMENT]},
        {"response_format": {"type": "json_object"}, "documents": [DOCUMENT]},
    ),
    "roles": (later({"role": "system", "content": "Be brief."}), later({"role": "developer", "content": "Be brief."})),
    "result_id": (calling(RESULT), calling({"role": "tool", "content": "two"})),
    "call_type": (calling(RESULT), calling(RESULT, type="custom")),
    "message_shapes": (
        later({"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}]}, USER),
        later({"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"}]}, USER),
    ),
    "not_empty": (
        calling(RESULT)
        | later({"role": "assistant", "content": [{"type": "text", "text": ""}], "tool_calls": [CALL]}, RESULT),
        later({"role": "user", "content": ""}),
    ),
    "unique_ids": (
        calling(
            RESULT,
            {"role": "assistant", "tool_calls": [{**CALL, "id": "look_2"}]},
            {**RESULT, "tool_call_id": "look_2"},
        ),
        calling(RESULT, {"role": "assistant", "tool_calls": [CALL]}, RESULT),
    ),
    "results_follow_calls": (calling(RESULT), calling({**RESULT, "tool_call_id": "look_9"})),
    "image_count": (images(20), images(21)),
    "last_turn": (
        later({"role": "assistant", "content": "Yes."}, USER),
        later({"role": "assistant", "content": "Yes."}),
    ),
    "schema_root": (form(), form(type="array")),
    "schema_required": (form("schema"), form("schema", required=[])),
    "schema_keywords": (form(properties={"a": {"anyOf": []}}), form(properties={"a": {"minimum": 1}})),
    "schema_formats": (form(properties={"a": {"format": "uuid"}}), form(properties={"a": {"format": "email"}})),
    "schema_patterns": (form(properties={"a": {"pattern": "[A-Z]"}}), form(properties={"a": {"pattern": "^A"}})),
}


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(validate, {"model": "command-a-plus-05-2026", "messages": [USER]}, changes, state, HEADERS)


def test_every_rule_has_twins() -> None:
    assert set(TWINS) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", TWINS)
def test_the_accepted_twin_passes_all_rules(rule: str) -> None:
    assert judge(TWINS[rule][0]) is None


@pytest.mark.parametrize("rule", TWINS)
def test_the_rejected_twin_fails_this_very_rule(rule: str) -> None:
    assert judge(TWINS[rule][1]) == rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_enforced_by_default_only_if_it_was_read_at_the_vendor(rule: Any) -> None:
    found = judge(TWINS[rule.id][1], ValidatorState(key="k", models=STATE.models))

    assert (found is None) == (rule.evidence in ("T", "R"))


def test_strict_tools_are_held_to_the_schema_rules_and_others_are_not() -> None:
    loose = {"tools": [tool(required=[])]}

    assert judge(loose) is None
    assert judge({**loose, "strict_tools": True}) == "schema_required"
    assert judge({"strict_tools": True, "tools": [tool(properties={}, required=[])]}) is None


def test_an_error_is_a_sentence_and_the_id_of_the_request() -> None:
    rejection = validate({"model": "m", "messages": [USER], "top_k": 3}, HEADERS, ValidatorState())

    assert isinstance(rejection, Rejection)
    assert error_body(rejection, "r") == {"id": "r", "message": "invalid request: top_k: is not a known parameter"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "messages",
    "tools",
    "tool_choice",
    "response_format",
    "stop_sequences",
    "documents",
    "thinking",
    "strict_tools",
]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any) -> None:
    judge(later({"role": "assistant", "tool_calls": content}, {"role": "user", "content": [content]}) | changes)
    judge(form(properties={"a": content}, required=content))


def test_what_the_real_vendor_accepted_is_accepted() -> None:
    refused = {}
    for row in recordings("cohere.v2.chat"):
        body = (row.get("request") or {}).get("body")
        if body and row["response"]["status"] == 200:
            found = validate(body, HEADERS, ValidatorState(also_recalled=True))
            refused |= {row["id"]: found} if found else {}

    assert refused == {}
