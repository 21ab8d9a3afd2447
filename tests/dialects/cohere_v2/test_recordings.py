"""Recorded traffic passes through the dialect and comes out as it went in."""

import copy
from typing import Any

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import (
    AnyResponse,
    GenerateRequest,
    Origin,
    OutcomeKind,
    Reasoning,
    Text,
    ToolCall,
    WireEvent,
    fold,
    user,
)
from offramp_providers.dialects.cohere_v2 import DIALECT
from support.cassettes import answers, requests, streams

API = "cohere.v2.chat"
NO_CHAT = {"ae2c7c865862e97a"}
"""An answer of another interface of the vendor's, kept with those of chats."""


def issuer_of(model: Any = None) -> Origin:
    return Origin(developer="cohere", host="cohere", dialect=DIALECT.name, model=model)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    failed, count = [], 0
    for name, request, body in requests(API):
        issuer, kept = issuer_of(body["model"]), copy.deepcopy(body)

        decoded = DIALECT.decode_request(body, request["headers"] or {}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=issuer))

        count += 1
        if encoded.body != kept or encoded.losses or encoded.headers or body != kept:
            failed.append(name)

    assert (failed, count) == ([], 42)


def test_history_in_recorded_requests_is_stamped_on_the_assistant_only() -> None:
    for name, _, body in requests(API):
        issuer = issuer_of(body["model"])

        decoded = DIALECT.decode_request(body, {}, issuer)

        for message in decoded.messages:
            assert message.origin == (issuer if message.role == "assistant" else None), name


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    failed, count = [], 0
    for name, response, body in answers(API):
        decoded = DIALECT.decode_response(body, response.get("headers") or {}, issuer_of())
        encoded = DIALECT.encode_response(decoded)

        count += 1
        if encoded.body != body or encoded.losses:
            failed.append(name)

    assert (failed, count) == ([], 33)


def test_every_recorded_response_keeps_the_vendors_word_and_counts_and_claims_no_model() -> None:
    kinds = set()
    for name, _, body in answers(API):
        if name in NO_CHAT:
            continue
        decoded = DIALECT.decode_response(body, {}, issuer_of("asked"))

        assert decoded.origin is not None
        assert (decoded.origin.model, decoded.origin.response_id) == (None, body["id"]), name
        assert decoded.outcome.raw == body["finish_reason"]
        assert decoded.usage.output_tokens == body["usage"]["tokens"]["output_tokens"]
        assert decoded.usage.raw == body["usage"]
        kinds.add((decoded.outcome.raw, decoded.outcome.kind))

    assert kinds == {
        ("COMPLETE", OutcomeKind.COMPLETED),
        ("TOOL_CALL", OutcomeKind.TOOL_CALLS),
        ("MAX_TOKENS", OutcomeKind.MAX_OUTPUT),
        ("STOP_SEQUENCE", OutcomeKind.STOP_SEQUENCE),
    }


def test_every_recorded_response_is_read_to_the_last_key() -> None:
    for name, _, body in answers(API):
        decoded = DIALECT.decode_response(body, {}, issuer_of())

        residue = [wire for wire in (decoded.wire, decoded.message.wire) if wire is not None and wire.fields]
        assert bool(residue) == (name in NO_CHAT), name


def test_every_recorded_answer_returns_to_the_vendor_as_it_was_given() -> None:
    for name, _, body in answers(API):
        if name in NO_CHAT:
            continue
        message = DIALECT.decode_response(body, {}, issuer_of()).message

        encoded = DIALECT.encode_request(GenerateRequest((user("hi"), message)), Target(origin=issuer_of()))

        assert encoded.body["messages"][1] == body["message"], name
        # That an answer was cut off is said in no message.
        assert [loss.code for loss in encoded.losses] == ["status"] * (message.status == "incomplete"), name


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = set()
    for _, response, body in answers(API, failed=True):
        error = DIALECT.decode_error(response["status"], response["headers"], body)
        encoded = DIALECT.encode_error(error)

        kinds.add((error.status, error.kind, error.vendor_code))
        assert (encoded.body, encoded.status) == (body, response["status"])
        assert error.request_id == body["id"]
        assert body["message"] not in str(error)

    assert kinds == {
        (400, ProviderErrorKind.CONTEXT_EXCEEDED, "TOO_MANY_TOKENS"),
        (401, ProviderErrorKind.AUTHENTICATION, None),
    }


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    failed, count = [], 0
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, issuer_of()), DIALECT.stream_encoder()
        back = [encoder.encode(decoder.decode(event)) for event in events]

        count += len(events)
        if back != [(event,) for event in events] or encoder.losses:
            failed.append(name)

    assert (failed, count) == ([], 561)


def test_every_recorded_stream_is_read_to_the_last_key() -> None:
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, issuer_of())
        for event in events:
            batch = decoder.decode(event)
            wires = [batch.wire, *(getattr(each, "wire", None) for each in batch.events)]
            assert [wire.fields for wire in wires if wire is not None and wire.fields] == [], name


def test_every_recorded_stream_folds_to_what_its_raw_events_say() -> None:
    compared = 0
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, issuer_of())

        batches = [decoder.decode(event) for event in events]

        assert decoder.finish().events == (), name
        assert _told(fold(batches)) == _accumulated(events), name
        compared += 1

    assert compared == 13


def test_a_stream_and_its_answer_in_one_piece_mean_the_same() -> None:
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, issuer_of())

        folded = fold([decoder.decode(event) for event in events])
        whole = DIALECT.decode_response(_in_one_piece(events), {}, issuer_of())

        assert _meaning(folded) == _meaning(whole), name
        assert folded.warnings == (), name


def _told(response: AnyResponse) -> dict[str, Any]:
    parts = response.message.parts
    texts = [part for part in parts if isinstance(part, Text)]
    planned = [part for part in texts if part.wire is not None]
    assert response.origin is not None
    return {
        "id": response.origin.response_id,
        "content": "".join(part.text for part in texts if part not in planned),
        "plan": "".join(part.text for part in planned),
        "thinking": "".join(part.text or "" for part in parts if isinstance(part, Reasoning)),
        "calls": [(part.call_id, part.name, part.arguments_json) for part in parts if isinstance(part, ToolCall)],
        "citations": [each.raw for part in texts for each in part.citations],
        "finish": response.outcome.raw,
        "usage": response.usage.raw,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw events say, by other means than the dialect's."""
    told: dict[str, Any] = {"content": "", "plan": "", "thinking": "", "citations": [], "calls": []}
    for data in (event.data for event in events if isinstance(event.data, dict)):
        delta = data.get("delta") or {}
        message = delta.get("message") or {}
        match data["type"]:
            case "message-start":
                told["id"] = data["id"]
            case "content-start" | "content-delta":
                told["content"] += message["content"].get("text", "")
                told["thinking"] += message["content"].get("thinking", "")
            case "tool-plan-delta":
                told["plan"] += message["tool_plan"]
            case "tool-call-start":
                call = message["tool_calls"]
                told["calls"].append([call["id"], call["function"]["name"], call["function"]["arguments"]])
            case "tool-call-delta":
                told["calls"][data["index"]][2] += message["tool_calls"]["function"]["arguments"]
            case "citation-start":
                told["citations"].append(message["citations"])
            case "message-end":
                told |= {"finish": delta["finish_reason"], "usage": delta["usage"]}
    return told | {"calls": [tuple(call) for call in told["calls"]]}


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as the vendor would have given it without streaming."""
    told = _accumulated(events)
    calls = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for call_id, name, arguments in told["calls"]
    ]
    blocks = [{"type": "thinking", "thinking": told["thinking"]}] if told["thinking"] else []
    blocks += [{"type": "text", "text": told["content"]}] if told["content"] else []
    message: dict[str, Any] = {"role": "assistant"}
    message |= {"content": blocks} if blocks else {}
    message |= {"tool_plan": told["plan"]} if told["plan"] else {}
    message |= {"tool_calls": calls} if calls else {}
    message |= {"citations": told["citations"]} if told["citations"] else {}
    return {"id": told["id"], "message": message, "finish_reason": told["finish"], "usage": told["usage"]}


def _meaning(response: AnyResponse) -> Any:
    """All but the residue of the envelope."""
    return response.message.parts, response.message.status, response.outcome, response.usage, response.origin
