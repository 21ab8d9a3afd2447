"""Each rule of the emulated Gemini vendor, with a twin it accepts and a twin it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.gemini.sources import STAND_IN
from offramp_providers.emulator.gemini.validator import RULES, validate
from offramp_providers.emulator.rules import ValidatorState
from offramp_providers.emulator.signatures import Issuer
from support.cassettes import recordings
from support.vendor_rules import rule_broken

PATH = "/v1beta/models/gemini-3-flash:generateContent"
HEADERS = {"x-goog-api-key": "k", ":path": PATH}
ISSUER = Issuer("acme", 7)
STATE = ValidatorState(key="k", models=frozenset({"gemini-3-flash"}), issuer=ISSUER, also_recalled=True)
USER = {"role": "user", "parts": [{"text": "Hello"}]}
SIGNED = ISSUER.sign("thought", "look", b"nonce")
CALL: dict[str, Any] = {"functionCall": {"name": "look", "args": {}, "id": "1"}, "thoughtSignature": SIGNED}
RESULT: dict[str, Any] = {"functionResponse": {"name": "look", "response": {"output": "two"}, "id": "1"}}


def turns(*contents: Any) -> dict[str, Any]:
    return {"contents": [USER, *contents]}


def called(call: Any = CALL, *results: Any) -> dict[str, Any]:
    return turns({"role": "model", "parts": [call]}, {"role": "user", "parts": list(results or (RESULT,))})


def generating(**settings: Any) -> dict[str, Any]:
    return {"generationConfig": settings}


def function(**more: Any) -> dict[str, Any]:
    return {"tools": [{"functionDeclarations": [{"name": "look", **more}]}]}


def held(schema: dict[str, Any], key: str = "responseJsonSchema") -> dict[str, Any]:
    return generating(**{key: schema, "responseMimeType": "application/json"})


def calling(mode: str, *names: str) -> dict[str, Any]:
    return {**function(), "toolConfig": {"functionCallingConfig": {"mode": mode, "allowedFunctionNames": list(names)}}}


# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "key": ({}, {"headers": {"x-goog-api-key": "wrong"}}),
    "known_fields": ({"cachedContent": "cachedContents/1"}, {"messages": []}),
    "contents_required": ({}, {"contents": None}),
    "shapes": (generating(topK=4), generating(topK="4")),
    "function_names": (function(name="a.b:c-d"), function(name="1a")),
    "one_schema": (
        function(parametersJsonSchema={"type": "object"}),
        function(parametersJsonSchema={"type": "object"}, parameters={"type": "OBJECT"}),
    ),
    "schema_mime_type": (held({"type": "object"}), generating(responseJsonSchema={"type": "object"})),
    "json_keywords": (
        held({"anyOf": [{"type": "null"}, {"type": "string"}]}),
        held({"type": "string", "minLength": 3}),
    ),
    "openapi_keywords": (
        held({"type": "STRING", "minLength": 3}, "responseSchema"),
        held({"type": "OBJECT", "patternProperties": {}}, "responseSchema"),
    ),
    "ref_siblings": (
        held({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}),
        held({"$ref": "#/$defs/a", "description": "A.", "$defs": {"a": {"type": "string"}}}),
    ),
    "model_exists": ({}, {"headers": {":path": "/v1beta/models/gemini-9:generateContent"}}),
    "temperature_range": (generating(temperature=2), generating(temperature=2.1)),
    "stop_count": (generating(stopSequences=["a"] * 5), generating(stopSequences=["a"] * 6)),
    "candidate_range": (generating(candidateCount=8), generating(candidateCount=9)),
    "allowed_names": (calling("ANY", "look"), calling("AUTO", "look")),
    "roles": (turns({"parts": [{"text": "a"}]}), turns({"role": "assistant", "parts": [{"text": "a"}]}, USER)),
    "one_kind": (
        turns({"role": "model", "parts": [{"thoughtSignature": STAND_IN}]}, USER),
        turns({"role": "user", "parts": [{"text": "a", "inlineData": {"mimeType": "image/png", "data": ""}}]}),
    ),
    "responses_follow": (called(), turns({"role": "model", "parts": [CALL]}, USER)),
    "responses_match": (
        called(CALL, {"functionResponse": {"name": "look", "response": {}}}),
        called(CALL, {"functionResponse": {"name": "look", "response": {}, "id": "2"}}),
    ),
    "signed_calls": (
        called({**CALL, "thoughtSignature": STAND_IN}),
        called({"functionCall": CALL["functionCall"]}),
    ),
    "own_signatures": (called(), called({**CALL, "thoughtSignature": Issuer("bolt", 7).sign("thought", "look", b"n")})),
    "user_last": (turns({"role": "model", "parts": [{"text": "a"}]}, USER), turns({"role": "model", "parts": []})),
}


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> str | None:
    return rule_broken(validate, {"contents": [USER]}, changes, state, HEADERS)


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


def test_parallel_calls_need_one_signature_and_each_step_its_own():
    second = {"functionCall": {**CALL["functionCall"], "id": "2"}}
    answers = {"role": "user", "parts": [RESULT, {"functionResponse": {**RESULT["functionResponse"], "id": "2"}}]}
    step = {"role": "model", "parts": [CALL, second]}

    assert judge(turns(step, answers)) is None
    assert judge(turns(step, answers, step, answers)) is None
    assert judge(turns(step, answers, {"role": "model", "parts": [second, CALL]}, answers)) == "signed_calls"


def test_calls_of_an_earlier_turn_need_no_signature():
    bare = {"functionCall": CALL["functionCall"]}

    assert judge({"contents": [*called(bare)["contents"], {"role": "model", "parts": [{"text": "a"}]}, USER]}) is None


def test_both_spellings_of_a_name_are_read():
    assert judge({"contents": None, "generation_config": {"max_output_tokens": "x"}, **turns()}) == "shapes"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["contents", "tools", "toolConfig", "generationConfig", "systemInstruction"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_no_body_makes_the_validator_stumble(changes: dict[str, Any], content: Any):
    judge({"contents": [USER, {"role": "model", "parts": content}, {"parts": [content]}], **changes})
    judge(held(content if isinstance(content, dict) else {"properties": {"a": content}}))


@pytest.mark.parametrize("api", ["gemini.generateContent", "gemini.streamGenerateContent"])
def test_what_the_real_vendor_accepted_is_accepted(api: str):
    refused: dict[str, str] = {}
    for row in recordings(api):
        if row["vendor"] == "gemini" and row["request"].get("body") and row["response"].get("status", 200) < 400:
            headers = {"x-goog-api-key": "k", ":path": row["request"]["path"]}
            rejection = validate(row["request"]["body"], headers, ValidatorState(also_recalled=True))
            refused |= {} if rejection is None else {row["id"]: rejection.message}

    assert refused == {}
