"""Each rule of the emulated Ollama server, with a twin it accepts and a twin it refuses."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin
from offramp_providers.dialects.ollama_native import DIALECT
from offramp_providers.emulator.ollama_native.rules import RULES
from offramp_providers.emulator.ollama_native.validator import validate
from offramp_providers.emulator.rules import ValidatorState
from support.cassettes import recordings
from support.conversations import requests
from support.vendor_rules import rule_broken

STATE = ValidatorState(models=frozenset({"qwen3"}), also_recalled=True)
USER = {"role": "user", "content": "Hello"}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
OWN = Origin(developer="acme", host="self", dialect=DIALECT.name, model="qwen3")
ELSEWHERE = Origin(developer="acme", host="acme", dialect="elsewhere", model="acme-1")

# rule: (changes of the body that are accepted, changes that are refused); None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "shapes": ({"stream": False, "keep_alive": "5m"}, {"keep_alive": "soon"}),
    "think_levels": ({"think": "max"}, {"think": "minimal"}),
    "top_logprobs_range": ({"top_logprobs": 20}, {"top_logprobs": 21}),
    "model_named": ({}, {"model": None}),
    "model_known": ({}, {"model": "qwen99"}),
    "option_types": ({"options": {"stop": ["a"], "odd": "x"}}, {"options": {"stop": "a"}}),
    "roles": ({"messages": [{"role": "Tool", "content": "x"}]}, {"messages": [{"role": "developer", "content": "x"}]}),
    "format": ({"format": {"type": "object"}}, {"format": "json_object"}),
    "tool_parameters": ({"tools": [TOOL]}, {"tools": [{"type": "function", "function": {"name": "look"}}]}),
    "context_size": (
        {"truncate": True, "options": {"num_ctx": 4}},
        {"truncate": False, "options": {"num_ctx": 4}},
    ),
}

REFUSED: list[dict[str, Any]] = [
    {"messages": "hi"},
    {"messages": [{"role": "user", "content": ["a"]}]},
    {"messages": [{"role": "user", "images": ["https://a.example/b.png"]}]},
    {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "look", "arguments": "{}"}}]}]},
    {"messages": [{"role": "tool", "tool_name": 1}]},
    {"tools": [{"type": "function", "function": {"name": "look", "parameters": {"properties": {"a": True}}}}]},
    {"tools": [{"type": "function", "function": {"name": "look", "parameters": {"required": "a"}}}]},
    {"stream": "yes"},
    {"think": 3},
]


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(validate, {"model": "qwen3", "messages": [USER]}, changes, state, {})


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
    found = judge(TWINS[rule.id][1], ValidatorState(models=STATE.models))

    assert (found is None) == (rule.evidence in ("T", "R"))


@pytest.mark.parametrize("changes", REFUSED, ids=str)
def test_what_does_not_fit_the_servers_types_is_refused(changes: dict[str, Any]):
    assert judge(changes) == "shapes"


def test_null_and_unknown_fields_are_passed_over():
    assert judge({"odd": 1, "messages": [{**USER, "name": "x", "images": None}]}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["messages", "tools", "format", "options", "think", "stream", "truncate", "top_logprobs", "model"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any):
    judge({"messages": [USER, {"role": "assistant", "tool_calls": content}, content], **changes})
    judge({"tools": [{"type": "function", "function": {"name": "x", "parameters": content}}]})


def test_what_the_real_server_accepted_is_accepted():
    for row in recordings("ollama.chat"):
        if row["response"]["status"] == 200:
            assert validate(row["request"]["body"], {}, ValidatorState(also_recalled=True)) is None, row["id"]


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(requests([ELSEWHERE]))
def test_any_conversation_from_elsewhere_is_accepted(request_: GenerateRequest):
    body = DIALECT.encode_request(request_, Target(origin=OWN)).body

    assert validate({**body, "model": "qwen3"}, {}, STATE) is None
