"""Recorded traffic of many hosts passes through the dialect and comes out as it went in."""

import copy
import json
from typing import Any

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Origin,
    OutcomeKind,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    WireEvent,
    fold,
)
from offramp_providers.dialects.openai_chat import DIALECT
from support.cassettes import answers, recordings, requests, streams

API = "openai.chat"
WITHOUT_A_REASON = {"420bb61843d2e8c9"}
"""Broken off by an error of the host's before any finish reason."""


def _issuer(name: str, model: Any = None) -> Origin:
    vendor = next(each["vendor"] for each in recordings(API) if each["id"] == name)
    return Origin(developer=vendor, host=vendor, dialect=DIALECT.name, model=model)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, request, body in requests(API):
        issuer = _issuer(name, body["model"])
        kept = copy.deepcopy(body)

        decoded = DIALECT.decode_request(body, request["headers"] or {}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=issuer))

        if encoded.body != kept or encoded.losses or encoded.headers or body != kept:
            failed.append(name)

    assert failed == []


def test_history_in_recorded_requests_is_stamped_on_the_assistant_only() -> None:
    for name, _, body in requests(API):
        issuer = _issuer(name, body["model"])

        decoded = DIALECT.decode_request(body, {}, issuer)

        for message in decoded.messages:
            assert message.origin == (issuer if message.role == "assistant" else None), name


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, response, body in answers(API):
        if "choices" not in body:
            continue
        decoded = DIALECT.decode_response(body, response.get("headers") or {}, _issuer(name))
        encoded = DIALECT.encode_response(decoded)
        if encoded.body != body or encoded.losses:
            failed.append(name)

    assert failed == []


def test_every_recorded_response_keeps_the_vendors_word_and_the_served_model() -> None:
    kinds = set()
    for name, _, body in answers(API):
        if "choices" not in body:
            continue
        decoded = DIALECT.decode_response(body, {}, _issuer(name, "asked"))

        assert decoded.origin is not None
        assert decoded.outcome.raw == body["choices"][0]["finish_reason"]
        assert (decoded.origin.model, decoded.origin.response_id) == (body["model"], body["id"])
        assert decoded.usage.input_tokens == body["usage"]["prompt_tokens"]
        kinds.add((decoded.outcome.raw, decoded.outcome.kind))

    assert kinds == {
        ("stop", OutcomeKind.COMPLETED),
        ("stop", OutcomeKind.TOOL_CALLS),
        ("stop", OutcomeKind.REFUSAL),
        ("tool_calls", OutcomeKind.TOOL_CALLS),
        ("function_call", OutcomeKind.TOOL_CALLS),
        ("length", OutcomeKind.MAX_OUTPUT),
        ("content_filter", OutcomeKind.CONTENT_FILTER),
        ("", OutcomeKind.UNKNOWN),
        ("", OutcomeKind.TOOL_CALLS),
    }


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = set()
    for _, response, body in answers(API, failed=True):
        error = DIALECT.decode_error(response["status"], response["headers"], body)
        encoded = DIALECT.encode_error(error)
        kinds.add((error.status, error.kind))

        assert (encoded.body, encoded.status) == (body, response["status"])
        assert body["error"]["message"] not in str(error)

    assert kinds == {
        (400, ProviderErrorKind.INVALID_REQUEST),
        (400, ProviderErrorKind.CONTEXT_EXCEEDED),
        (401, ProviderErrorKind.AUTHENTICATION),
        (404, ProviderErrorKind.MODEL_NOT_FOUND),
        (429, ProviderErrorKind.RATE_LIMITED),
    }


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    failed = []
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer(name)), DIALECT.stream_encoder()
        back = [encoder.encode(decoder.decode(event)) for event in events]
        if back != [(event,) for event in events] or encoder.losses:
            failed.append(name)

    assert failed == []


def test_every_recorded_stream_folds_to_what_its_raw_chunks_say() -> None:
    compared = 0
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, _issuer(name))

        batches = [decoder.decode(event) for event in events]

        assert bool(decoder.finish().events) is False, name
        assert _told(fold(batches)) == _accumulated(events), name
        compared += 1

    assert compared == 89


def test_a_stream_and_its_answer_in_one_piece_mean_the_same() -> None:
    for name, events in streams(API):
        if name in WITHOUT_A_REASON:
            continue
        decoder = DIALECT.stream_decoder({}, _issuer(name))

        folded = fold([decoder.decode(event) for event in events])
        whole = DIALECT.decode_response(_in_one_piece(events), {}, _issuer(name))

        assert _meaning(folded) == _meaning(whole), name


def _told(response: AnyResponse) -> dict[str, Any]:
    parts = response.message.parts
    calls = [part for part in parts if isinstance(part, ToolCall)]
    assert response.origin is not None
    return {
        "id": response.origin.response_id,
        "model": response.origin.model,
        "content": "".join(part.text for part in parts if isinstance(part, Text)),
        "reasoning": "".join(part.text or "" for part in parts if isinstance(part, Reasoning)),
        "refusal": "".join(part.text for part in parts if isinstance(part, Refusal)),
        "calls": [(call.call_id, call.name, call.arguments_json) for call in calls],
        "finish": response.outcome.raw,
        "usage": response.usage.raw,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw chunks say, by other means than the dialect's."""
    told: dict[str, Any] = {"content": "", "reasoning": "", "refusal": "", "finish": None, "usage": None}
    calls: dict[int, list[str]] = {}
    for chunk in (event.data for event in events if isinstance(event.data, dict)):
        told["id"] = chunk.get("id") or told.get("id")
        told["model"] = chunk.get("model") or told.get("model")
        if chunk.get("usage"):
            told["usage"] = (told["usage"] or {}) | chunk["usage"]
        for choice in chunk.get("choices") or []:
            told["finish"] = choice.get("finish_reason") or told["finish"]
            delta = choice.get("delta") or {}
            told["content"] += delta.get("content") or ""
            told["refusal"] += delta.get("refusal") or ""
            told["reasoning"] += delta.get("reasoning_content") or delta.get("reasoning") or ""
            for call in delta.get("tool_calls") or []:
                held = calls.setdefault(call["index"], ["", "", ""])
                held[0] += call.get("id") or ""
                held[1] += call["function"].get("name") or ""
                held[2] += call["function"].get("arguments") or ""
    return told | {"calls": [tuple(calls[index]) for index in sorted(calls)]}


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as the host would have given it without streaming."""
    told = _accumulated(events)
    calls = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for call_id, name, arguments in told["calls"]
    ]
    field = "reasoning_content" if "reasoning_content" in json.dumps([event.data for event in events]) else "reasoning"
    message = {
        "role": "assistant",
        "content": told["content"] or None,
        "refusal": told["refusal"] or None,
        field: told["reasoning"] or None,
        "tool_calls": calls,
    }
    choice = {"index": 0, "message": message, "finish_reason": told["finish"]}
    return {"id": told["id"], "model": told["model"], "choices": [choice], "usage": told["usage"]}


def _meaning(response: AnyResponse) -> Any:
    """All but the residue of the envelope."""
    return response.message.parts, response.message.status, response.outcome, response.usage, response.origin
