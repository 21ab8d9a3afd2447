"""Recorded traffic passes through the dialect and comes out as it went in."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Origin,
    OutcomeKind,
    Reasoning,
    RedactedReasoning,
    Text,
    ToolCall,
    WireEvent,
    fold,
)
from offramp_providers.dialects.anthropic_messages import DIALECT
from support.cassettes import answers, requests, streams

API = "anthropic.messages"


def _issuer(host: str | None, model: Any) -> Origin:
    return Origin(developer="anthropic", host=host or "unknown", dialect=DIALECT.name, model=model)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, request, body in requests(API):
        issuer = _issuer(request["host"], body["model"])
        kept = copy.deepcopy(body)
        headers = {key.lower(): each for key, each in request["headers"].items()}

        encoded = DIALECT.encode_request(DIALECT.decode_request(body, headers, issuer), Target(origin=issuer))

        beta = {key: each for key, each in headers.items() if key == "anthropic-beta"}
        if encoded.body != kept or encoded.losses or encoded.headers != beta or body != kept:
            failed.append(name)

    assert failed == []


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, response, body in answers(API):
        decoded = DIALECT.decode_response(body, response["headers"], _issuer(None, "asked"))
        encoded = DIALECT.encode_response(decoded)
        if encoded.body != body or encoded.losses:
            failed.append(name)

    assert failed == []


def test_every_recorded_response_has_a_known_outcome_and_the_served_model() -> None:
    for _, _, body in answers(API):
        decoded = DIALECT.decode_response(body, {}, _issuer(None, "asked"))

        assert decoded.outcome.kind is not OutcomeKind.UNKNOWN
        assert decoded.outcome.raw == body["stop_reason"]
        assert decoded.origin is not None
        assert (decoded.origin.model, decoded.origin.response_id) == (body["model"], body["id"])


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = set()
    for _, response, body in answers(API, failed=True):
        error = DIALECT.decode_error(response["status"], response["headers"], body)
        encoded = DIALECT.encode_error(error)
        kinds.add(error.kind)

        assert (encoded.body, encoded.status) == (body, response["status"])
        assert error.vendor_code == body["error"]["type"]
        assert error.request_id == body["request_id"]
        assert body["error"]["message"] not in str(error)

    assert kinds == {
        ProviderErrorKind.MODEL_NOT_FOUND,
        ProviderErrorKind.AUTHENTICATION,
        ProviderErrorKind.INVALID_REQUEST,
    }


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    failed = []
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer(None, "asked")), DIALECT.stream_encoder()
        back = [encoder.encode(decoder.decode(event)) for event in events]
        if back != [(event,) for event in events] or encoder.losses:
            failed.append(name)

    assert failed == []


def test_every_recorded_stream_folds_to_what_its_raw_events_say() -> None:
    compared = 0
    for name, recorded in streams(API):
        for events in _split_at_start(recorded):
            decoder = DIALECT.stream_decoder({}, _issuer(None, "asked"))
            batches = [decoder.decode(event) for event in events]
            if not decoder.finish().events:
                assert _told(fold(batches)) == _accumulated(events), name
                compared += 1

    assert compared >= 92


def test_a_stream_and_its_answer_in_one_piece_mean_the_same() -> None:
    for name, events in streams(API):
        if sum(_kind(event) == "message_start" for event in events) > 1:
            continue
        decoder = DIALECT.stream_decoder({}, _issuer(None, "asked"))

        folded = fold([decoder.decode(event) for event in events])
        whole = DIALECT.decode_response(_in_one_piece(events), {}, _issuer(None, "asked"))

        assert _meaning(folded) == _meaning(whole), name


def _kind(event: WireEvent) -> Any:
    return event.data.get("type") if isinstance(event.data, dict) else None


def _split_at_start(events: list[WireEvent]) -> Iterator[list[WireEvent]]:
    """Some recordings hold several answers in one list."""
    answer: list[WireEvent] = []
    for event in events:
        if _kind(event) == "message_start" and answer:
            yield answer
            answer = []
        answer.append(event)
    yield answer


def _told(response: AnyResponse) -> dict[str, Any]:
    parts = response.message.parts
    calls = [part for part in parts if isinstance(part, ToolCall)]
    thoughts = [part for part in parts if isinstance(part, Reasoning)]
    assert response.origin is not None
    return {
        "id": response.origin.response_id,
        "model": response.origin.model,
        "text": "".join(part.text for part in parts if isinstance(part, Text)),
        "reasoning": "".join(part.text or "" for part in thoughts),
        "signatures": [part.opaque[0].data for part in thoughts],
        "redacted": [part.opaque[0].data for part in parts if isinstance(part, RedactedReasoning)],
        "calls": [(call.call_id, call.name, call.arguments_json) for call in calls],
        "cited": [each.raw for part in parts if isinstance(part, Text) for each in part.citations],
        "stop": response.outcome.raw,
        "output": response.usage.output_tokens,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw events say, by other means than the dialect's."""
    raw = [event.data for event in events if isinstance(event.data, dict)]
    message = raw[0]["message"]
    blocks: dict[int, Any] = dict(enumerate(copy.deepcopy(message["content"])))
    pieces: dict[int, str] = {}
    stop, output = message["stop_reason"], message["usage"]["output_tokens"]
    for data in raw:
        if data["type"] == "content_block_start":
            blocks[data["index"]] = copy.deepcopy(data["content_block"])
        elif data["type"] == "content_block_delta":
            _accumulate(blocks[data["index"]], data["delta"], data["index"], pieces)
        elif data["type"] == "message_delta":
            stop, output = data["delta"]["stop_reason"], data["usage"]["output_tokens"]
    of_type = {kind: [b for b in blocks.values() if b["type"] == kind] for kind in ("text", "thinking")}
    calls = [(i, b) for i, b in blocks.items() if b["type"].endswith("tool_use")]
    return {
        "id": message["id"],
        "model": message["model"],
        "text": "".join(block["text"] for block in of_type["text"]),
        "reasoning": "".join(block["thinking"] for block in of_type["thinking"]),
        "signatures": [block["signature"] for block in of_type["thinking"]],
        "redacted": [block["data"] for block in blocks.values() if block["type"] == "redacted_thinking"],
        "calls": [
            (b["id"], b["name"], pieces.get(i) or json.dumps(b["input"], separators=(",", ":"), ensure_ascii=False))
            for i, b in calls
        ],
        "cited": [each for block in of_type["text"] for each in block.get("citations", [])],
        "stop": stop,
        "output": output,
    }


def _accumulate(block: dict[str, Any], delta: dict[str, Any], index: int, pieces: dict[int, str]) -> None:
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] = block.get("signature", "") + delta["signature"]
        case "input_json_delta":
            pieces[index] = pieces.get(index, "") + delta["partial_json"]
        case "citations_delta":
            block.setdefault("citations", []).append(delta["citation"])


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as the vendor would have given it without streaming."""
    raw = [event.data for event in events if isinstance(event.data, dict)]
    message: dict[str, Any] = copy.deepcopy(raw[0]["message"])
    blocks: dict[int, Any] = {}
    pieces: dict[int, str] = {}
    for data in raw:
        if data["type"] == "content_block_start":
            blocks[data["index"]] = copy.deepcopy(data["content_block"])
        elif data["type"] == "content_block_delta":
            _accumulate(blocks[data["index"]], data["delta"], data["index"], pieces)
        elif data["type"] == "message_delta":
            message |= data["delta"]
            message["usage"] = message["usage"] | data["usage"]
    for index, text in pieces.items():
        if text:
            blocks[index]["input"] = json.loads(text)
    return message | {"content": list(blocks.values())}


def _meaning(response: AnyResponse) -> Any:
    """All but the spelling of arguments, which is an object without streaming, and the envelope's residue."""
    parts = [
        (part.call_id, part.name, json.loads(part.arguments_json or ""), part.executor)
        if isinstance(part, ToolCall)
        else part
        for part in response.message.parts
    ]
    return parts, response.message.status, response.outcome, response.usage, response.origin
