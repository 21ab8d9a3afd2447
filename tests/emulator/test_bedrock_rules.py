"""Each rule of the emulated Bedrock, with a twin it accepts and a twin it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.emulator.bedrock_converse.validator import RULES, error_body, validate
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.signatures import Issuer
from support.cassettes import recordings
from support.vendor_rules import rejection_of

ISSUER = Issuer("acme", 0)
STATE = ValidatorState(key="k", models=frozenset({"m"}), issuer=ISSUER, also_recalled=True)
HEADERS = {"authorization": "Bearer k"}
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/bedrock/aws4_request, SignedHeaders={}, Signature=" + "0" * 64
)
USER: dict[str, Any] = {"role": "user", "content": [{"text": "Hello"}]}
SAID: dict[str, Any] = {"role": "assistant", "content": [{"text": "Hi."}]}
CALL: dict[str, Any] = {"toolUse": {"toolUseId": "t1", "name": "look", "input": {}}}
RESULT: dict[str, Any] = {"toolResult": {"toolUseId": "t1", "content": [{"text": "two units"}], "status": "success"}}
TOOLS: dict[str, Any] = {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}]}
IMAGE: dict[str, Any] = {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}}


def document(name: str = "Report (1)", number: int = 1) -> dict[str, Any]:
    return {
        "document": {"format": "pdf", "name": f"{name}{'' if number == 1 else number}", "source": {"bytes": "JVBE"}}
    }


def said(*blocks: dict[str, Any], role: str = "user") -> dict[str, Any]:
    before = [USER] if role == "assistant" else []
    after = [USER] if role == "assistant" else []
    return {"messages": [*before, {"role": role, "content": list(blocks)}, *after]}


def calling(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = [{"role": "user", "content": list(results)}] if results else []
    return {"messages": [USER, {"role": "assistant", "content": [CALL]}, *answer], "toolConfig": TOOLS, **more}


def thought(text: str, signed: str) -> dict[str, Any]:
    signature = ISSUER.sign("thinking", signed, b"nonce")
    return said({"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}, role="assistant")


def schema(text: str) -> dict[str, Any]:
    return {"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": text}}}}}


def settings(**config: Any) -> dict[str, Any]:
    return {"inferenceConfig": config}


TEXT = {"text": "See."}

# rule: (changes of the body that are accepted, changes that are refused); headers under "headers", None removes.
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "credential": ({}, {"headers": {"authorization": "Basic k"}}),
    "signed_headers": ({}, {"headers": {"authorization": SIGNED.format("content-type")}}),
    "genuine": ({}, {"headers": {"authorization": "Bearer wrong"}}),
    "known_members": ({"requestMetadata": {"a": "b"}}, {"temperature": 1}),
    "shapes": (said(TEXT, IMAGE), said({**TEXT, **IMAGE})),
    "model_exists": ({}, {":model": "other"}),
    "max_tokens": (settings(maxTokens=1), settings(maxTokens=0)),
    "temperature": (settings(temperature=1), settings(temperature=1.1)),
    "top_p": (settings(topP=0), settings(topP=-0.1)),
    "stops": (settings(stopSequences=["a"] * 2500), settings(stopSequences=["a"] * 2501)),
    "schema_text": (schema('{"type":"object"}'), schema("object")),
    "metadata": ({"requestMetadata": {"a": "b"}}, {"requestMetadata": {f"k{n}": "v" for n in range(17)}}),
    "named_tool": (
        {"toolConfig": {**TOOLS, "toolChoice": {"tool": {"name": "look"}}}},
        {"toolConfig": {**TOOLS, "toolChoice": {"tool": {"name": "other"}}}},
    ),
    "media_sides": (said(TEXT, IMAGE), said(TEXT, IMAGE, role="assistant")),
    "text_beside_document": (said(TEXT, document()), said(document())),
    "document_names": (said(TEXT, document("Report [1]")), said(TEXT, document("report.pdf"))),
    "media_counts": (
        said(TEXT, *(document(number=n) for n in range(1, 6))),
        said(TEXT, *(document(number=n) for n in range(1, 7))),
    ),
    "reasoning_unmodified": (thought("a", "a"), thought("a", "b")),
    "turns": ({"messages": [USER, SAID, USER]}, {"messages": [USER, USER]}),
    "results": (calling(RESULT), calling(RESULT, RESULT)),
    "tools_declared": (calling(RESULT), calling(RESULT, toolConfig=None)),
    "names_once": (said(TEXT, document(), document(number=2)), said(TEXT, document(), document())),
    "text_not_empty": (said({"text": " "}), said({"text": ""})),
}


def judge(changes: dict[str, Any], state: ValidatorState = STATE) -> Rejection | None:
    return rejection_of(validate, {"messages": [USER], ":model": "m", ":stream": False}, changes, state, HEADERS)


@pytest.mark.parametrize("rule", TWINS)
def test_a_rule_accepts_its_twin_and_refuses_the_other(rule: str):
    accepted, refused = TWINS[rule]

    assert judge(accepted) is None
    rejection = judge(refused)
    assert rejection is not None
    assert rejection.rule == rule


def test_every_rule_has_twins():
    assert [rule.id for rule in RULES] == list(TWINS)


def test_recalled_rules_hold_only_when_asked_for():
    strict = {rule.id for rule in RULES if rule.is_recalled}

    assert strict
    for rule in strict:
        assert judge(TWINS[rule][1], ValidatorState(key="k")) is None, rule


@pytest.mark.parametrize(
    "block",
    [
        {"text": 1},
        {"toolUse": {"toolUseId": "a b", "name": "look", "input": {}}},
        {"toolUse": {"toolUseId": "a", "name": "look " * 20, "input": {}}},
        {"toolUse": {"toolUseId": "a", "name": "look"}},
        {"image": {"format": "tiff", "source": {"bytes": "AAAA"}}},
        {"image": {"format": "png", "source": {"url": "https://a.example"}}},
        {"image": {"format": "png", "source": {"bytes": ""}}},
        {"cachePoint": {"type": "default", "ttl": "2h"}},
        {"toolResult": {"toolUseId": "a", "content": [{"text": "x"}], "status": "ok"}},
        {"hologram": {}},
        {},
    ],
)
def test_a_block_of_another_shape_is_refused(block: dict[str, Any]):
    rejection = judge(said(block))

    assert rejection is not None
    assert rejection.rule == "shapes"
    assert (rejection.status, rejection.type) == (400, "ValidationException")


def test_every_recorded_request_that_was_answered_passes_the_rules():
    refused, judged = {}, 0
    for api in ("bedrock.converse", "bedrock.converse-stream"):
        for each in recordings(api):
            body = (each.get("request") or {}).get("body")
            if not body or each["response"].get("status", 200) >= 400:
                continue
            judged += 1
            found = validate({**body, ":model": "m", ":stream": False}, HEADERS, ValidatorState(key="k"))
            if found is not None:
                refused[each["id"]] = found
    assert refused == {}
    assert judged >= 80


def test_an_error_is_a_sentence():
    assert error_body(Rejection("r", 400, "ValidationException", "no")) == {"message": "no"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), st.lists, max_leaves=4))
def test_whatever_arrives_is_judged_and_never_crashes(found: Any):
    for key in ("messages", "system", "toolConfig", "inferenceConfig", "outputConfig", "requestMetadata"):
        validate({"messages": [USER], key: found}, HEADERS, STATE)
        validate({"messages": [{"role": "user", "content": found}]}, HEADERS, STATE)
    validate(found, HEADERS, STATE)
