"""Histories of several vendors, handed off in every direction, against strict validators that share no code with us.

Every answer begins as the vendor's own wire and is decoded; the history is planned and encoded for each vendor; what
comes out is accepted, and a vendor's own answers return to it as it wrote them.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp import json_form
from offramp.contracts.dialect import Dialect, EncodedRequest, Target
from offramp.contracts.ledger import CallKey, ToolRecord
from offramp.sessions import HandoffPlan, plan_handoff
from offramp.types import (
    DataSource,
    FunctionTool,
    GenerateRequest,
    JsonObject,
    Media,
    Message,
    Origin,
    Part,
    Severity,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_providers.emulator.rules import ValidatorState
from offramp_providers.emulator.signatures import Issuer

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ISSUER = Issuer("acme", 7)
STATE = ValidatorState(issuer=ISSUER, also_recalled=True)
MODELS = {
    "anthropic_messages": "claude-sonnet-4-6",
    "openai_chat": "gpt-5",
    "cohere_v2": "command-a-plus-05-2026",
    "gemini": "gemini-3-flash",
    "openai_responses": "gpt-5.4",
}
DIALECTS = {name: SPOKEN[name].dialect for name in MODELS}
ORIGINS = {
    name: Origin(developer=name, host=name, dialect=name, model=model, account="ours") for name, model in MODELS.items()
}
TOOLS = (FunctionTool("look", description="Look.", schema={"type": "object", "properties": {}}),)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

Call = tuple[str, dict[str, Any]]


def target(vendor: str) -> Target:
    return Target(origin=ORIGINS[vendor], default_max_output_tokens=4096)


def refused(vendor: str, encoded: EncodedRequest) -> Any:
    check: Any = SPOKEN[vendor].refuses
    body = encoded.body if vendor == "gemini" else {"model": MODELS[vendor], **encoded.body}
    return check(json.loads(json.dumps(body)), {**SPOKEN[vendor].headers, **encoded.headers}, STATE)


def anthropic_answer(text: str, calls: list[Call], *, thinking: str | None, stop: str | None) -> JsonObject:
    content: list[JsonObject] = []
    if thinking is not None:
        signature = ISSUER.sign("thinking", thinking, b"nonce")
        content.append({"type": "thinking", "thinking": thinking, "signature": signature})
        content.append({"type": "redacted_thinking", "data": ISSUER.sign("redacted", "", b"other")})
    if text:
        content.append({"type": "text", "text": text})
    content += [{"type": "tool_use", "id": name, "name": "look", "input": given} for name, given in calls]
    reason = stop or ("tool_use" if calls else "end_turn")
    usage = {"input_tokens": 1, "output_tokens": 1}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6", "content": content,
        "stop_reason": reason, "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def openai_answer(text: str, calls: list[Call], *, refusal: str | None, stop: str | None) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": text or None, "refusal": refusal}
    if calls:
        message["tool_calls"] = [
            {"id": name, "type": "function", "function": {"name": "look", "arguments": json.dumps(given, indent=1)}}
            for name, given in calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": stop or ("tool_calls" if calls else "stop")}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5", "choices": [choice]}


def cohere_answer(text: str, calls: list[Call], *, thinking: str | None) -> JsonObject:
    content = [] if thinking is None else [{"type": "thinking", "thinking": thinking}]
    message: JsonObject = {"role": "assistant"}
    if calls:
        message |= {"tool_plan": text} if text else {}
        message["tool_calls"] = [
            {"id": name, "type": "function", "function": {"name": "look", "arguments": json.dumps(given, indent=1)}}
            for name, given in calls
        ]
    else:
        content.append({"type": "text", "text": text})
    message |= {"content": content} if content else {}
    return {"id": "1", "message": message, "finish_reason": "TOOL_CALL" if calls else "COMPLETE"}


def gemini_answer(text: str, calls: list[Call], *, thinking: str | None) -> JsonObject:
    """Calls without ids are matched by order; the first of a step is signed."""
    parts: list[JsonObject] = [{"text": thinking, "thought": True}] if thinking is not None else []
    parts += [{"text": text}] if text else []
    for place, (name, arguments) in enumerate(calls):
        call = {"name": "look", "args": arguments, **({"id": name} if name else {})}
        signed = {} if place else {"thoughtSignature": ISSUER.sign("thought", "look", b"nonce")}
        parts.append({"functionCall": call, **signed})
    candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "modelVersion": "gemini-3-flash", "responseId": "r"}


def responses_answer(text: str, calls: list[Call], *, thinking: str | None) -> JsonObject:
    """Reasoning is sealed; a call has an id for its result, and another as an item."""
    items: list[JsonObject] = []
    if thinking is not None:
        summary = [{"type": "summary_text", "text": thinking}]
        sealed = ISSUER.sign("reasoning", "rs_1", b"nonce")
        items.append({"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": sealed})
    if text:
        block = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        head = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
        items.append({**head, "content": [block]})
    for place, (name, arguments) in enumerate(calls):
        call = {"call_id": name, "name": "look", "arguments": json.dumps(arguments, indent=1)}
        items.append({"type": "function_call", "id": f"fc_{place}", "status": "completed", **call})
    return {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5.4", "output": items}


def decoded(vendor: str, body: JsonObject) -> Message:
    dialect: Dialect = DIALECTS[vendor]
    return dialect.decode_response(body, {}, ORIGINS[vendor]).message


WORDS = st.text("abc é\n", min_size=1, max_size=8).filter(str.strip)
ARGUMENTS = st.dictionaries(WORDS, st.integers() | st.text(max_size=4) | st.lists(st.none(), max_size=2), max_size=2)
RESULT_PARTS: st.SearchStrategy[tuple[Part, ...]] = st.lists(
    WORDS.map(Text)
    | st.builds(Media, st.builds(DataSource, st.just(PIXEL)), kind=st.just("image"), media_type=st.just("image/png")),
    max_size=2,
).map(tuple)


PREFIXES = {
    "anthropic_messages": ["toolu_"],
    "openai_chat": ["call_", "functions.look:"],
    "cohere_v2": ["look_"],
    "gemini": ["call_", "functions.look:"],
    "openai_responses": ["call_", "functions.look:"],
}
PLAIN: dict[str, Callable[..., JsonObject]] = {
    "anthropic_messages": lambda text, calls, thinking: anthropic_answer(text, calls, thinking=thinking, stop=None),
    "cohere_v2": cohere_answer,
    "gemini": gemini_answer,
    "openai_responses": responses_answer,
}
"""Who writes an answer with thinking in it."""


@st.composite
def answers(draw: st.DrawFn, turn: int) -> tuple[Message, JsonObject]:
    """A vendor's answer, decoded, beside its wire. Ids repeat from turn to turn, as some vendors' do."""
    vendor = draw(st.sampled_from(list(DIALECTS)))
    prefix = draw(st.sampled_from(PREFIXES[vendor]))
    nameless = vendor == "gemini" and draw(st.booleans())
    # One vendor takes no id twice, and gives none twice.
    first = turn * 10 if vendor == "cohere_v2" else draw(st.sampled_from([0, turn * 10]))
    calls = [
        ("" if nameless else f"{prefix}{first + number}", draw(ARGUMENTS)) for number in range(draw(st.integers(0, 3)))
    ]
    text = draw(WORDS | st.just("")) if calls else draw(WORDS)
    if vendor in PLAIN:
        body = PLAIN[vendor](text, calls, thinking=draw(st.none() | WORDS))
    else:
        refusal = draw(st.none() | WORDS) if not calls else None
        body = openai_answer("" if refusal else text, calls, refusal=refusal, stop=None)
    return decoded(vendor, body), body


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Message], list[ToolRecord], dict[int, JsonObject]]:
    """A conversation over all vendors, what its ledger knows of tools, and each kept answer's own wire."""
    history: list[Message] = []
    tools: list[ToolRecord] = []
    wires: dict[int, JsonObject] = {}
    for turn in range(draw(st.integers(1, 4))):
        history.append(user(draw(WORDS)))
        message, body = draw(answers(turn))
        if draw(st.integers(0, 4)) == 0:
            message = json_form.from_python(Message, {**json_form.to_python(message), "status": "interrupted"})
            history.append(message)
            continue
        history.append(message)
        wires[len(history) - 1] = body
        _answer_calls(draw, history, tools)
    history.append(user("and now?"))
    return history, tools, wires


def _answer_calls(draw: st.DrawFn, history: list[Message], tools: list[ToolRecord]) -> None:
    """Some results were said, some only the ledger knows, some nobody knows."""
    said: list[ToolResult] = []
    index = len(history) - 1
    for position, part in enumerate(history[index].parts):
        if isinstance(part, ToolCall):
            status = draw(st.sampled_from(["ok", "error", "denied"]))
            result = ToolResult(part.call_id, draw(RESULT_PARTS), status=status)
            fate = draw(st.sampled_from(["said", "said", "known", "unknown"]))
            if fate == "said":
                said.append(result)
            known = result if fate == "known" else None
            tools.append(ToolRecord(CallKey(index, position), started=NOW, result=known))
    if said:
        history.append(Message("tool", tuple(draw(st.permutations(said)))))


def planned(history: list[Message], tools: list[ToolRecord], vendor: str) -> tuple[HandoffPlan, EncodedRequest]:
    encoded: list[EncodedRequest] = []

    def encode(request: GenerateRequest, where: Target) -> EncodedRequest:
        encoded.append(DIALECTS[vendor].encode_request(request, where))
        return encoded[-1]

    asked = GenerateRequest((), model=MODELS[vendor], tools=TOOLS)
    plan = plan_handoff(history, target(vendor), tools=tools, when_unknown="interrupt", request=asked, encode=encode)
    return plan, encoded[0]


def wire_of(vendor: str, body: JsonObject) -> list[Any]:
    """What a vendor wants back of its own answer: the units that it consists of."""
    if vendor == "anthropic_messages":
        return body["content"]
    if vendor == "gemini":
        return body["candidates"][0]["content"]["parts"]
    if vendor == "openai_responses":
        return body["output"]
    message = body["message"] if vendor == "cohere_v2" else body["choices"][0]["message"]
    return [{key: content for key, content in message.items() if content is not None}]


def wire_messages(vendor: str, encoded: EncodedRequest) -> list[Any]:
    """The units of all that the assistant said, in order."""
    if vendor == "openai_responses":
        return list(encoded.body["input"])
    if vendor == "gemini":
        return [part for one in encoded.body["contents"] if one["role"] == "model" for part in one["parts"]]
    own = [one for one in encoded.body["messages"] if one["role"] == "assistant"]
    if vendor == "anthropic_messages":
        return [block for one in own for block in one["content"]]
    return [{key: content for key, content in one.items() if content is not None} for one in own]


FEW = settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
VENDORS = pytest.mark.parametrize("vendor", list(DIALECTS))


@VENDORS
def test_every_history_is_accepted_at_every_vendor(vendor: str):
    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn

        plan, encoded = planned(history, tools, vendor)

        assert plan.ready
        assert refused(vendor, encoded) is None

    check()


@VENDORS
def test_a_vendors_own_answers_come_back_to_it_as_it_wrote_them(vendor: str):
    """A→B→A: byte for byte, whatever was said elsewhere meanwhile."""

    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, wires = drawn
        for other in DIALECTS:
            planned(history, tools, other)

        _, encoded = planned(history, tools, vendor)

        sent = json.dumps(wire_messages(vendor, encoded), sort_keys=True)[1:-1]
        for index, body in wires.items():
            if history[index].origin is not None and history[index].origin.dialect == vendor:
                assert json.dumps(wire_of(vendor, body), sort_keys=True)[1:-1] in sent

    check()


@VENDORS
def test_no_foreign_state_is_sent(vendor: str):
    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn

        plan, encoded = planned(history, tools, vendor)

        sent = json.dumps(encoded.body)
        for index, message in enumerate(history):
            for part in message.parts:
                if part.opaque and (message.origin is None or message.origin.dialect != vendor):
                    assert all(json.dumps(one.data)[1:-1] not in sent for one in part.opaque)
                    assert any(loss.path.startswith(f"messages[{index}]") for loss in plan.losses)

    check()


@VENDORS
def test_nothing_but_media_is_lost_for_good_on_the_way(vendor: str):
    """Texts, results and their meaning cross over: a hand-off passes under the default `max_loss`."""

    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn

        plan, _ = planned(history, tools, vendor)

        worst = [loss for loss in plan.losses if loss.severity is Severity.MATERIAL]
        assert worst == []

    check()


@VENDORS
def test_the_ledgers_copy_serves_as_well_as_the_original(vendor: str):
    @FEW
    @given(histories())
    def check(drawn: Any):
        history, tools, _ = drawn
        copied = [json_form.load(Message, json_form.dump(one)) for one in history]

        assert planned(copied, tools, vendor) == planned(history, tools, vendor)

    check()
