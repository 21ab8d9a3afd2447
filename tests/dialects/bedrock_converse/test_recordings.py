"""Recorded traffic passes through the dialect and comes out as it went in."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import AnyResponse, Origin, OutcomeKind, Part, Reasoning, Text, ToolCall, WireEvent, fold
from offramp_providers.aws_event_stream import AwsEventDecoder, encode_aws_event
from offramp_providers.dialects.bedrock_converse import DIALECT
from support.cassettes import answers, recordings, requests, streams

API, STREAM_API = "bedrock.converse", "bedrock.converse-stream"


def _issuer(model: str | None = None) -> Origin:
    return Origin(developer="unknown", host="bedrock", dialect=DIALECT.name, model=model)


def _requests() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], Origin]]:
    for api in (API, STREAM_API):
        for name, request, body in requests(api):
            found = re.search(r"model/([^/]+)/", request["path"])
            assert found
            yield name, request, body, _issuer(unquote(found[1]))


def _spelled(body: Any) -> str:
    """Equality by JSON: 1 is not True, and 64 is not 64.0."""
    return json.dumps(body, sort_keys=True)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    failed, compared = [], 0
    for name, request, body, issuer in _requests():
        kept = _spelled(body)

        decoded = DIALECT.decode_request(body, {":path": request["path"]}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=issuer))

        compared += 1
        if (_spelled(encoded.body), encoded.losses, _spelled(body)) != (kept, (), kept):
            failed.append(name)

    assert failed == []
    assert compared >= 93


def test_every_recorded_path_says_the_model_and_whether_to_stream() -> None:
    for name, request, body, issuer in _requests():
        decoded = DIALECT.decode_request(body, {":path": request["path"]}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=_issuer()))

        assert unquote(encoded.path) == unquote(request["path"]), name
        assert decoded.model == issuer.model
        assert encoded.path.endswith("/converse-stream") == (decoded.stream is True)


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    failed, compared = [], 0
    for name, _, body in answers(API):
        encoded = DIALECT.encode_response(DIALECT.decode_response(body, {}, _issuer()))
        compared += 1
        if _spelled(encoded.body) != _spelled(body) or encoded.losses:
            failed.append(name)

    assert failed == []
    assert compared >= 76


def test_every_recorded_response_has_a_known_outcome() -> None:
    for name, _, body in answers(API):
        decoded = DIALECT.decode_response(body, {}, _issuer())

        assert decoded.outcome.kind is not OutcomeKind.UNKNOWN, name
        assert decoded.outcome.raw == body["stopReason"]
        assert decoded.origin is not None
        assert decoded.origin.model is None  # the wire does not say which model has answered


def test_every_recorded_count_adds_up() -> None:
    for name, _, body in answers(API):
        usage, raw = DIALECT.decode_response(body, {}, _issuer()).usage, body["usage"]

        cached = (usage.cache_read_tokens or 0) + (usage.cache_write_tokens or 0)
        assert usage.input_tokens == raw["inputTokens"] + cached, name
        assert (usage.input_tokens or 0) + (usage.output_tokens or 0) == raw["totalTokens"], name


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = set()
    for api in (API, STREAM_API):
        for _, response, body in answers(api, failed=True):
            headers = response["headers"]
            error = DIALECT.decode_error(response["status"], headers, body)
            encoded = DIALECT.encode_error(error)
            named = headers.get("x-amzn-errortype", "").partition(":")[0] or None
            kinds.add((response["status"], named, error.kind))

            assert (encoded.body, encoded.status) == (body, response["status"])
            assert encoded.headers.get("x-amzn-errortype") == error.vendor_code == named
            assert error.request_id == headers.get("x-amzn-requestid")
            assert body["message"] not in str(error)

    assert kinds == {
        (400, "ValidationException", ProviderErrorKind.INVALID_REQUEST),
        (400, None, ProviderErrorKind.INVALID_REQUEST),
        (403, "UnrecognizedClientException", ProviderErrorKind.AUTHENTICATION),
    }


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    failed, compared = [], 0
    for name, events in streams(STREAM_API):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer()), DIALECT.stream_encoder()
        back = [encoder.encode(decoder.decode(event)) for event in events]
        compared += len(events)
        if back != [(event,) for event in events] or encoder.losses or encoder.finish():
            failed.append(name)

    assert failed == []
    assert compared >= 510


def test_every_recorded_byte_of_a_stream_comes_back() -> None:
    for each in recordings(STREAM_API):
        raw = each["response"].get("body_b64")
        if not raw:
            continue
        stream = b64decode(raw)
        frames = [
            WireEvent(data=f.data.decode(), event=f.event, headers=f.headers) for f in AwsEventDecoder().feed(stream)
        ]

        assert b"".join(map(encode_aws_event, frames)) == stream, each["id"]
        assert [json.loads(str(frame.data)) for frame in frames] == [
            event["payload"] for event in each["response"]["events"]
        ]


def test_every_recorded_stream_folds_to_what_its_raw_events_say() -> None:
    ended = 0
    for name, events in streams(STREAM_API):
        decoder = DIALECT.stream_decoder({}, _issuer())
        batches = [decoder.decode(event) for event in events]

        whole = any(event.event == "messageStop" for event in events)
        assert (decoder.finish().events == ()) == whole, name
        assert _told(fold(batches)) == _accumulated(events), name
        ended += whole

    assert ended >= 20


def _told(response: AnyResponse) -> dict[str, Any]:
    parts = response.message.parts
    return {
        "text": "".join(part.text for part in parts if isinstance(part, Text)),
        "reasoning": "".join(part.text or "" for part in parts if isinstance(part, Reasoning)),
        "opaque": [opaque.data for part in parts for opaque in part.opaque],
        "calls": [(part.call_id, part.name, part.arguments_json) for part in parts if isinstance(part, ToolCall)],
        "stop": response.outcome.raw,
        "usage": response.usage.raw,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw events say, by other means than the dialect's."""
    raw: list[tuple[str | None, Any]] = [(event.event, event.data) for event in events]
    deltas = [(data["contentBlockIndex"], data["delta"]) for name, data in raw if name == "contentBlockDelta"]
    thoughts = [delta["reasoningContent"] for _, delta in deltas if "reasoningContent" in delta]
    pieces: dict[int, str] = {}
    for index, delta in deltas:
        if "toolUse" in delta:
            pieces[index] = pieces.get(index, "") + delta["toolUse"]["input"]
    begun = [(data["contentBlockIndex"], data["start"]) for name, data in raw if name == "contentBlockStart"]
    calls = [(start["toolUse"]["toolUseId"], start["toolUse"]["name"], pieces[index]) for index, start in begun]
    return {
        "text": "".join(delta.get("text", "") for _, delta in deltas),
        "reasoning": "".join(each.get("text", "") for each in thoughts),
        "opaque": [each[key] for each in thoughts for key in ("signature", "redactedContent") if key in each],
        "calls": calls,
        "stop": next((data["stopReason"] for name, data in raw if name == "messageStop"), None),
        "usage": next((data["usage"] for name, data in raw if name == "metadata"), None),
    }


def test_a_stream_and_its_answer_in_one_piece_mean_the_same() -> None:
    for name, events in streams(STREAM_API):
        decoder = DIALECT.stream_decoder({}, _issuer())
        if not {"messageStart", "messageStop"} <= {event.event for event in events}:
            continue
        folded = fold([decoder.decode(event) for event in events])

        whole = DIALECT.decode_response(_in_one_piece(events), {}, _issuer())

        assert [_meaning(part) for part in folded.message.parts] == [_meaning(part) for part in whole.message.parts]
        assert (folded.outcome, folded.usage, folded.origin) == (whole.outcome, whole.usage, whole.origin), name


def _meaning(part: Part) -> Any:
    """A call's arguments as JSON: in one piece, the wire has an object and no spelling of it."""
    if isinstance(part, ToolCall):
        return replace(part, arguments_json=json.dumps(json.loads(part.arguments_json or "")))
    return part


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as the vendor would have given it without streaming."""
    blocks: dict[int, Any] = {}
    answer: dict[str, Any] = {}
    for event in events:
        data: Any = event.data
        match event.event:
            case "contentBlockStart":
                blocks[data["contentBlockIndex"]] = {"toolUse": {**data["start"]["toolUse"], "input": ""}}
            case "contentBlockDelta":
                blocks[data["contentBlockIndex"]] = _grown(blocks.get(data["contentBlockIndex"]), data["delta"])
            case "messageStop":
                answer |= {key: found for key, found in data.items() if key != "p"}
            case "metadata":
                answer["usage"] = data["usage"]
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
    message = {"role": "assistant", "content": [blocks[index] for index in sorted(blocks)]}
    return {**answer, "output": {"message": message}}


def _grown(block: Any, delta: dict[str, Any]) -> Any:
    if "text" in delta:
        return {"text": (block or {"text": ""})["text"] + delta["text"]}
    if "toolUse" in delta:
        return {"toolUse": {**block["toolUse"], "input": block["toolUse"]["input"] + delta["toolUse"]["input"]}}
    thought = delta["reasoningContent"]
    if "redactedContent" in thought:
        return {"reasoningContent": thought}
    before = block["reasoningContent"]["reasoningText"] if block else {"text": ""}
    if "text" in thought:
        return {"reasoningContent": {"reasoningText": {**before, "text": before["text"] + thought["text"]}}}
    return {"reasoningContent": {"reasoningText": {**before, "signature": thought["signature"]}}}
