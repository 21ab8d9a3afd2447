"""Each rule of the emulated Responses vendor, with a twin it accepts and a twin it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.openai_responses.validator import RULES, validate
from offramp_providers.emulator.rules import ValidatorState
from offramp_providers.emulator.signatures import Issuer
from support.cassettes import recordings
from support.vendor_rules import rule_broken

HEADERS = {"authorization": "Bearer k"}
ISSUER = Issuer("acme", 7)
STATE = ValidatorState(key="k", models=frozenset({"gpt-5.4"}), issuer=ISSUER, also_recalled=True)
USER = {"role": "user", "content": "Hello"}
CALL: dict[str, Any] = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "arguments": "{}"}
OUTPUT: dict[str, Any] = {"type": "function_call_output", "call_id": "call_1", "output": "two"}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]}


def thought(issuer: Issuer = ISSUER) -> dict[str, Any]:
    sealed = issuer.sign("reasoning", "rs_1", b"nonce")
    return {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": sealed}


def items(*given: Any) -> dict[str, Any]:
    return {"input": [USER, *given]}


def tool(**more: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False, **more}]}


def form(name: str) -> dict[str, Any]:
    return {"text": {"format": {"type": "json_schema", "name": name, "schema": {"type": "object"}, "strict": False}}}


# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "key": ({}, {"headers": {"authorization": "Bearer wrong"}}),
    "known_parameters": ({"top_p": 1}, {"stop": ["x"]}),
    "one_state": ({"conversation": "conv_1"}, {"conversation": "conv_1", "previous_response_id": "resp_1"}),
    "setting_shapes": (items(SAID, USER), items({**SAID, "content": [{"type": "input_image"}]}, USER)),
    "temperature_range": ({"temperature": 2}, {"temperature": 2.1}),
    "top_p_range": ({"top_p": 0}, {"top_p": 1.1}),
    "top_logprobs_range": ({"top_logprobs": 20}, {"top_logprobs": 21}),
    "least_bound": ({"max_output_tokens": 16}, {"max_output_tokens": 15}),
    "metadata_size": ({"metadata": {"a": "b" * 512}}, {"metadata": {"a": "b" * 513}}),
    "safety_identifier_size": ({"safety_identifier": "s" * 64}, {"safety_identifier": "s" * 65}),
    "format_name": (form("n" * 64), form("n" * 65)),
    "tool_names": (tool(), tool(name="a b")),
    "model_exists": ({}, {"model": "gpt-99"}),
    "previous_known": ({"previous_response_id": None}, {"previous_response_id": "resp_1"}),
    "roles": (items({"role": "developer", "content": "Be brief."}), items({"role": "tool", "content": "a"})),
    "outputs_answer": (items(CALL, OUTPUT), items(CALL, OUTPUT, {**OUTPUT, "call_id": "fc_1"})),
    "calls_answered": (items(CALL, OUTPUT), items(CALL, USER)),
    "reasoning_leads": (items(thought(), CALL, OUTPUT), items(thought(), USER)),
    "own_state": (items(thought(), SAID, USER), items(thought(Issuer("bolt", 7)), SAID, USER)),
}


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(validate, {"model": "gpt-5.4", "input": [USER]}, changes, state, HEADERS)


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
    found = judge(TWINS[rule.id][1], ValidatorState(key="k", models=STATE.models, issuer=ISSUER))

    assert (found is None) == (rule.evidence in ("T", "R"))


def test_an_output_is_found_by_its_call_id_and_not_by_the_id_of_the_item():
    assert judge(items({**CALL, "id": "fc_9"}, OUTPUT)) is None
    assert judge(items(CALL, {**OUTPUT, "call_id": CALL["id"]})) == "outputs_answer"


@pytest.mark.parametrize("key", ["n", "seed", "logit_bias", "presence_penalty", "messages", "max_tokens"])
def test_a_parameter_of_chat_completions_is_refused(key: str):
    assert judge({key: 1}) == "known_parameters"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["input", "tools", "tool_choice", "text", "reasoning", "metadata", "include"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any):
    judge({**items(content, {"role": "assistant", "content": content}), **changes})
    judge(items({**CALL, "call_id": content}, {"type": "reasoning", "summary": content}))


def test_what_the_real_vendor_accepted_is_accepted():
    refused: dict[str, str] = {}
    for row in recordings("openai.responses"):
        body = row["request"].get("body") or {"previous_response_id": "none"}
        stored = body.get("previous_response_id") is not None  # what was stored there is not stored here
        if row["vendor"] == "openai" and not stored and row["response"].get("status", 200) < 400:
            rejection = validate(body, HEADERS, ValidatorState(also_recalled=True))
            refused |= {} if rejection is None else {row["id"]: rejection.message}

    assert refused == {}
