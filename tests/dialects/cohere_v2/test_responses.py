"""What an answer means, and how another vendor's is told in this dialect."""

from typing import Any

import pytest

from offramp.types import (
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Reasoning,
    Refusal,
    Response,
    Text,
    ToolCall,
    Usage,
)
from offramp_providers.dialects.cohere_v2 import DIALECT


def answer(message: dict[str, Any], reason: Any = "COMPLETE", **more: Any) -> dict[str, Any]:
    return {"id": "r", "message": {"role": "assistant", **message}, "finish_reason": reason, **more}


def read(body: dict[str, Any], issuer: Origin) -> Any:
    return DIALECT.decode_response(body, {}, issuer)


TEXT = {"content": [{"type": "text", "text": "Two units."}]}
CALLS = {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}]}


@pytest.mark.parametrize(
    ("message", "reason", "kind"),
    [
        (TEXT, "COMPLETE", OutcomeKind.COMPLETED),
        (TEXT, "MAX_TOKENS", OutcomeKind.MAX_OUTPUT),
        (TEXT, "STOP_SEQUENCE", OutcomeKind.STOP_SEQUENCE),
        (CALLS, "TOOL_CALL", OutcomeKind.TOOL_CALLS),
        (CALLS, "COMPLETE", OutcomeKind.TOOL_CALLS),
        ({}, "COMPLETE", OutcomeKind.EMPTY),
        (TEXT, "ERROR", OutcomeKind.ERROR),
        (TEXT, "TIMEOUT", OutcomeKind.ERROR),
        (TEXT, "ERROR_TOXIC", OutcomeKind.UNKNOWN),
        (TEXT, None, OutcomeKind.UNKNOWN),
    ],
)
def test_each_word_has_its_kind_and_a_new_one_is_unknown(issuer: Origin, message: Any, reason: Any, kind: OutcomeKind):
    response = read(answer(message, reason), issuer)

    assert (response.outcome.kind, response.outcome.raw) == (kind, reason)
    assert response.message.status == ("incomplete" if kind in ("error", "max_output") else "complete")


def test_what_was_billed_is_not_what_was_read(issuer: Origin):
    tokens = {"input_tokens": 34, "image_tokens": 259, "output_tokens": 70.0, "reasoning_tokens": 3}
    usage = {"billed_units": {"input_tokens": 8, "output_tokens": 66}, "tokens": tokens, "cached_tokens": 5}

    counted = read(answer(TEXT, usage=usage), issuer).usage

    assert (counted.input_tokens, counted.output_tokens) == (293, 70)
    assert (counted.cache_read_tokens, counted.cache_write_tokens, counted.reasoning_tokens) == (5, None, 3)
    assert counted.raw == usage


def test_billed_units_alone_count_nothing(issuer: Origin):
    counted = read(answer(TEXT, usage={"billed_units": {"input_tokens": 8}}), issuer).usage

    assert (counted.input_tokens, counted.output_tokens) == (None, None)


def test_each_citation_stands_on_the_text_that_it_is_for(issuer: Origin):
    source = {"type": "document", "id": "d", "document": {"title": "log.txt", "url": "https://a.example", "text": "…"}}
    blocks = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    cited = [
        {"text": "a", "type": "TEXT_CONTENT", "sources": [source]},
        {"text": "b", "type": "TEXT_CONTENT", "content_index": 2},
        {"text": "p", "type": "PLAN"},
    ]
    body = answer({"content": blocks, "tool_plan": "p", **CALLS, "citations": cited}, "TOOL_CALL")

    response = read(body, issuer)

    texts = [part for part in response.message.parts if isinstance(part, Text)]
    assert [(part.text, [each.raw for each in part.citations]) for part in texts] == [
        ("a", cited[:1]),
        ("b", cited[1:2]),
        ("p", cited[2:]),
    ]
    first = texts[0].citations[0]
    assert (first.quoted, first.title, first.url) == ("a", "log.txt", "https://a.example")
    assert DIALECT.encode_response(response).body == body


@pytest.mark.parametrize(
    "citations",
    [
        [{"type": "THINKING_CONTENT", "content_index": 0}],
        [{"content_index": 9}],
        [{"content_index": 1}, {"content_index": 0}],
        ["odd"],
        [],
    ],
)
def test_citations_for_no_text_or_out_of_order_stay_where_they_are(issuer: Origin, citations: Any):
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    body = answer({"content": blocks, "citations": citations})

    response = read(body, issuer)

    assert response.message.wire is not None
    assert response.message.wire.fields == {"citations": citations}
    assert DIALECT.encode_response(response).body == body


def test_another_vendors_answer_is_told_with_its_losses(other: Origin):
    parts = (Reasoning("Hm."), Text("Looking."), ToolCall("c", "look", "{}"))
    usage = Usage(input_tokens=9, output_tokens=4, cache_read_tokens=2, cache_write_tokens=1, reasoning_tokens=1)

    encoded = DIALECT.encode_response(
        Response(Message("assistant", parts, origin=other), Outcome(OutcomeKind.TOOL_CALLS), usage=usage, origin=other)
    )

    assert encoded.body == {
        "id": "unknown",
        "message": {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Looking."}],
            **CALLS,
        },
        "finish_reason": "TOOL_CALL",
        "usage": {
            "tokens": {"input_tokens": 9, "output_tokens": 4, "reasoning_tokens": 1},
            "cached_tokens": 2,
        },
    }
    assert {(loss.code, loss.path) for loss in encoded.losses} == {
        ("response_id.injected", "origin.response_id"),
        ("served_model", "origin.model"),
        ("usage", "usage.cache_write_tokens"),
    }


@pytest.mark.parametrize(
    "kind", [OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER, OutcomeKind.PAUSED, OutcomeKind.UNKNOWN]
)
def test_an_end_that_has_no_word_never_claims_completion(other: Origin, kind: OutcomeKind):
    for raw in ("COMPLETE", "odd", None):
        message = Message("assistant", (Refusal("No."),), origin=other)
        encoded = DIALECT.encode_response(Response(message, Outcome(kind, raw=raw), origin=other))

        assert encoded.body.get("finish_reason") == ("odd" if raw == "odd" else None)
        named = "outcome.rewritten" in {loss.code for loss in encoded.losses}
        assert named == (kind is not OutcomeKind.UNKNOWN)
