"""Answers that nobody recorded, and answers of other vendors in this dialect."""

from dataclasses import replace
from typing import Any

import pytest

from offramp.types import (
    Alternative,
    Citation,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Reasoning,
    Refusal,
    Response,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from offramp_providers.dialects.gemini import DIALECT


def candidate(*parts: Any, finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    end = {} if finish is None else {"finishReason": finish}
    return {"content": {"role": "model", "parts": list(parts)}, "index": 0, **end, **more}


def decoded(issuer: Origin, *candidates: Any, **more: Any) -> Any:
    body = {"candidates": list(candidates), "modelVersion": "gemini-3-flash-001", "responseId": "r1", **more}
    response = DIALECT.decode_response(body, {}, issuer)
    assert DIALECT.encode_response(response).body == body
    return response


@pytest.mark.parametrize(
    ("word", "kind", "category"),
    [
        ("STOP", OutcomeKind.COMPLETED, None),
        ("MAX_TOKENS", OutcomeKind.MAX_OUTPUT, None),
        ("SAFETY", OutcomeKind.CONTENT_FILTER, None),
        ("SPII", OutcomeKind.CONTENT_FILTER, "SPII"),
        ("RECITATION", OutcomeKind.CONTENT_FILTER, "RECITATION"),
        ("PROHIBITED_CONTENT", OutcomeKind.CONTENT_FILTER, "PROHIBITED_CONTENT"),
        ("BLOCKLIST", OutcomeKind.CONTENT_FILTER, "BLOCKLIST"),
        ("MODEL_ARMOR", OutcomeKind.CONTENT_FILTER, "MODEL_ARMOR"),
        ("MALFORMED_FUNCTION_CALL", OutcomeKind.ERROR, None),
        ("UNEXPECTED_TOOL_CALL", OutcomeKind.ERROR, None),
        ("OTHER", OutcomeKind.UNKNOWN, None),
        ("FINISH_REASON_UNSPECIFIED", OutcomeKind.UNKNOWN, None),
        ("NEVER_HEARD_OF", OutcomeKind.UNKNOWN, None),
        (None, OutcomeKind.UNKNOWN, None),
    ],
)
def test_every_word_for_an_end_keeps_its_meaning(
    issuer: Origin, word: str | None, kind: OutcomeKind, category: str | None
) -> None:
    response = decoded(issuer, candidate({"text": "hi"}, finish=word))

    assert response.outcome == Outcome(kind, raw=word, category=category)


def test_an_end_by_number_is_read_and_written_as_a_number(issuer: Origin) -> None:
    response = decoded(issuer, {**candidate({"text": "hi"}), "finishReason": 1})

    assert (response.outcome.kind, response.outcome.raw) == (OutcomeKind.COMPLETED, "1")


def test_an_end_beside_calls_or_beside_nothing_is_told_by_the_parts(issuer: Origin) -> None:
    called = decoded(issuer, candidate({"functionCall": {"name": "f", "args": {}}}))
    empty = decoded(issuer, candidate())
    blank = decoded(issuer, candidate({"text": ""}))

    kinds = [called.outcome.kind, empty.outcome.kind, blank.outcome.kind]
    assert kinds == [OutcomeKind.TOOL_CALLS, OutcomeKind.EMPTY, OutcomeKind.EMPTY]


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "JAILBREAK", "NEVER_HEARD_OF"])
def test_a_prompt_that_is_blocked_is_a_content_filter(issuer: Origin, reason: str) -> None:
    body = {"promptFeedback": {"blockReason": reason, "safetyRatings": []}, "usageMetadata": {"promptTokenCount": 3}}

    response = DIALECT.decode_response(body, {}, issuer)

    assert response.outcome == Outcome(OutcomeKind.CONTENT_FILTER, raw=reason, category=reason)
    assert response.message.parts == ()
    assert response.usage.input_tokens == 3
    assert DIALECT.encode_response(response).body == body


def test_cached_tokens_are_part_of_the_input_and_thoughts_of_the_output(issuer: Origin) -> None:
    counts = {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 60,
        "toolUsePromptTokenCount": 10,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 135,
    }

    usage = decoded(issuer, candidate({"text": "hi"}), usageMetadata=counts).usage

    assert usage == Usage(input_tokens=110, output_tokens=25, cache_read_tokens=60, reasoning_tokens=20, raw=counts)


def test_counts_that_are_not_given_stay_unknown_unless_the_total_tells_them(issuer: Origin) -> None:
    told = {"promptTokenCount": 15, "thoughtsTokenCount": 2, "totalTokenCount": 17}

    known = decoded(issuer, candidate({"text": "hi"}), usageMetadata=told).usage
    unknown = decoded(issuer, candidate({"text": "hi"}), usageMetadata={"totalTokenCount": 17}).usage

    assert (known.input_tokens, known.output_tokens) == (15, 2)
    assert (unknown.input_tokens, unknown.output_tokens) == (None, None)
    assert decoded(issuer, candidate({"text": "hi"})).usage == Usage()


def test_grounding_becomes_citations_on_the_text_it_is_for(issuer: Origin) -> None:
    support = {"segment": {"endIndex": 5, "text": "Paris", "partIndex": 1}, "groundingChunkIndices": [1, 9]}
    grounding = {
        "groundingChunks": [{"web": {"uri": "u0"}}, {"web": {"uri": "u1", "title": "t1"}}],
        "groundingSupports": [support],
    }

    response = decoded(
        issuer, candidate({"text": "a", "thought": True}, {"text": "Paris"}, groundingMetadata=grounding)
    )

    assert response.message.parts[1].citations == (
        Citation(dialect="gemini", raw=support, quoted="Paris", title="t1", url="u1"),
    )


def test_citations_without_their_source_are_named(issuer: Origin, other: Origin) -> None:
    cited = Text("a", citations=(Citation(dialect="openai_chat", raw={}, url="u"),))

    encoded = DIALECT.encode_response(
        Response(Message("assistant", (cited,)), Outcome(OutcomeKind.COMPLETED), origin=other)
    )

    assert [(loss.code, loss.path) for loss in encoded.losses] == [("citations", "message.parts[0].citations")]


def test_what_the_vendor_ran_is_its_own_call_and_result(issuer: Origin) -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1/0"}}
    result = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "no"}}

    response = decoded(issuer, candidate(code, result, {"text": "hm"}))

    call, answer, _ = response.message.parts
    assert isinstance(call, ToolCall)
    assert isinstance(answer, ToolResult)
    assert (call.executor, answer.executor, answer.status) == ("vendor", "vendor", "error")
    assert call.call_id == answer.call_id
    assert response.outcome.kind is OutcomeKind.COMPLETED


def test_several_candidates_are_an_answer_and_its_alternatives(issuer: Origin) -> None:
    second = {**candidate({"text": "b"}, finish="MAX_TOKENS"), "index": 1, "avgLogprobs": -0.1}

    response = decoded(issuer, candidate({"text": "a"}), second)

    assert response.text == "a"
    assert [each.message.text for each in response.alternatives] == ["b"]
    assert response.alternatives[0].outcome.kind is OutcomeKind.MAX_OUTPUT
    assert response.alternatives[0].message.status == "incomplete"


def test_calls_of_two_answers_never_share_a_derived_id(issuer: Origin) -> None:
    call = {"functionCall": {"name": "f", "args": {}}}
    first = decoded(issuer, candidate(call, call), {**candidate(call), "index": 1})
    second = decoded(issuer, candidate(call), responseId="r2")

    messages = [first.message, first.alternatives[0].message, second.message]
    ids = [part.call_id for message in messages for part in message.parts]
    assert len(set(ids)) == len(ids) == 4


def test_an_unknown_part_is_kept_whole(issuer: Origin) -> None:
    part = {"hologram": {"beam": 1}, "thoughtSignature": "s"}

    response = decoded(issuer, candidate(part))

    assert response.message.parts == (Unknown(dialect="gemini", vendor_type="hologram", raw=part),)


def test_an_answer_of_another_vendor_is_written_with_every_loss(other: Origin) -> None:
    parts = (Reasoning("hm"), Text("a"), Refusal("no"), ToolCall("c", "f", '{"a": 1}'))
    usage = Usage(input_tokens=5, output_tokens=9, reasoning_tokens=4, cache_write_tokens=1)
    alternative = Alternative(Message("assistant", (Text("b"),)), Outcome(OutcomeKind.STOP_SEQUENCE, stop_sequence="x"))
    response = Response(
        Message("assistant", parts),
        Outcome(OutcomeKind.TOOL_CALLS, raw="tool_calls"),
        usage=usage,
        origin=replace(other, response_id="o1"),
        alternatives=(alternative,),
    )

    encoded = DIALECT.encode_response(response)

    first, second = encoded.body["candidates"]
    assert first["content"]["parts"] == [
        {"text": "hm", "thought": True},
        {"text": "a"},
        {"text": "no"},
        {"functionCall": {"name": "f", "args": {"a": 1}, "id": "c"}},
    ]
    assert (first["finishReason"], second["finishReason"], second["index"]) == ("STOP", "STOP", 1)
    assert encoded.body["usageMetadata"] == {
        "promptTokenCount": 5,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 4,
        "totalTokenCount": 14,
    }
    assert sorted(loss.code for loss in encoded.losses) == [
        "arguments.respelled",
        "outcome.rewritten",
        "outcome.rewritten",
        "refusal.rewritten",
        "usage",
    ]
