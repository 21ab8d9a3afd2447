"""Answers that nobody recorded."""

from dataclasses import replace
from typing import Any

import pytest

from offramp.types import (
    Cache,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Reasoning,
    Response,
    Text,
    ToolCall,
    Usage,
)
from offramp_providers.dialects.anthropic_messages import DIALECT

TEXT = {"type": "text", "text": "hi"}


def answer(**fields: Any) -> dict[str, Any]:
    usage = {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served",
        "content": [TEXT],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    } | fields


CALL = {"type": "tool_use", "id": "t", "name": "look", "input": {}}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, OutcomeKind.COMPLETED),
        ({"content": []}, OutcomeKind.EMPTY),
        ({"content": [CALL]}, OutcomeKind.TOOL_CALLS),
        ({"stop_reason": "tool_use", "content": [CALL]}, OutcomeKind.TOOL_CALLS),
        ({"stop_reason": "max_tokens"}, OutcomeKind.MAX_OUTPUT),
        ({"stop_reason": "refusal", "content": []}, OutcomeKind.REFUSAL),
        ({"stop_reason": "model_context_window_exceeded"}, OutcomeKind.CONTEXT_EXCEEDED),
        ({"stop_reason": "pause_turn"}, OutcomeKind.PAUSED),
        ({"stop_reason": "brand_new"}, OutcomeKind.UNKNOWN),
        ({"stop_reason": None}, OutcomeKind.UNKNOWN),
    ],
)
def test_an_outcome_keeps_the_vendors_word(fields: dict[str, Any], kind: OutcomeKind, issuer: Origin) -> None:
    wire = answer(**fields)

    decoded = DIALECT.decode_response(wire, {}, issuer)

    assert (decoded.outcome.kind, decoded.outcome.raw) == (kind, wire["stop_reason"])
    assert DIALECT.encode_response(decoded).body == wire


def test_a_refusals_category_is_the_outcomes(issuer: Origin) -> None:
    wire = answer(stop_reason="refusal", stop_details={"type": "refusal", "category": "cyber"})

    decoded = DIALECT.decode_response(wire, {}, issuer)

    assert decoded.outcome.category == "cyber"
    assert DIALECT.encode_response(decoded).body == wire


def test_all_of_the_input_is_counted_or_none_of_it(issuer: Origin) -> None:
    whole = DIALECT.decode_response(answer(), {}, issuer).usage
    part = DIALECT.decode_response(answer(usage={"input_tokens": 1, "output_tokens": 2}), {}, issuer).usage
    none = DIALECT.decode_response(answer(usage=None), {}, issuer).usage

    assert (whole.input_tokens, whole.cache_read_tokens, whole.cache_write_tokens) == (8, 3, 4)
    assert (part.input_tokens, part.output_tokens) == (None, 2)
    assert none == Usage()


def test_a_foreign_answer_is_said_with_what_it_loses(other: Origin) -> None:
    parts = (Reasoning("hm"), Text("x"), ToolCall("c", "look", '{"a": 1}'))
    response: Response[Any] = Response(
        Message("assistant", parts, origin=other),
        Outcome(OutcomeKind.CONTENT_FILTER, raw="content_filter"),
        usage=Usage(input_tokens=9, cache_read_tokens=4, raw={"prompt_tokens": 9}),
        origin=other,
    )

    encoded = DIALECT.encode_response(response)

    assert [block["type"] for block in encoded.body["content"]] == ["text", "tool_use"]
    assert encoded.body["stop_reason"] == "refusal"
    assert encoded.body["usage"] == {"input_tokens": 5, "output_tokens": None, "cache_read_input_tokens": 4}
    assert [loss.code for loss in encoded.losses] == [
        "reasoning.foreign",
        "arguments.respelled",
        "outcome.rewritten",
        "usage",
        "response_id.injected",
    ]


def test_an_answer_of_another_dialect_holds_no_cache_mark_and_a_word_for_its_unnamed_model(other: Origin) -> None:
    nameless = replace(other, model=None)
    parts = (Text("x", cache=Cache(300)), ToolCall("c", "look", "{}", cache=Cache()))
    response: Response[Any] = Response(
        Message("assistant", parts, origin=nameless), Outcome(OutcomeKind.TOOL_CALLS), origin=nameless
    )

    encoded = DIALECT.encode_response(response)

    assert encoded.body["content"] == [
        {"type": "text", "text": "x"},
        {"type": "tool_use", "id": "c", "name": "look", "input": {}},
    ]
    assert (encoded.body["id"], encoded.body["model"]) == ("msg_unknown", "unknown")
    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("cache", "message.parts[0].cache"),
        ("cache", "message.parts[1].cache"),
        ("response_id.injected", "origin.response_id"),
        ("envelope.injected", "origin.model"),
    ]
