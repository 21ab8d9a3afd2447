"""Recorded traffic passes through the dialect and comes out as it went in."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import AnyResponse, Origin, OutcomeKind, Reasoning, Text, ToolCall, WireEvent, fold
from offramp_providers.dialects.gemini import DIALECT
from support.cassettes import answers, recordings, requests, streams

APIS = ("gemini.generateContent", "gemini.streamGenerateContent")


def _issuer(host: str | None = None, model: str | None = None) -> Origin:
    return Origin(developer="google", host=host or "unknown", dialect=DIALECT.name, model=model)


def _requests() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], Origin]]:
    for api in APIS:
        for name, request, body in requests(api):
            found = re.search(r"models/([^:]+):", request["path"])
            assert found
            yield name, request, body, _issuer(request["host"], found[1])


def _streams() -> Iterator[tuple[str, list[WireEvent]]]:
    """Streams as events, and those that were asked for as one list."""
    yield from streams(APIS[1])
    for each in recordings(APIS[1]):
        listed = each["response"].get("json")
        if isinstance(listed, list):
            yield each["id"], [WireEvent(data=data) for data in listed]


def _spelled(body: Any) -> str:
    """Equality by JSON: 1 is not True, and 64 is not 64.0."""
    return json.dumps(body, sort_keys=True)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, request, body, issuer in _requests():
        kept = _spelled(body)

        decoded = DIALECT.decode_request(body, {":path": request["path"]}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=issuer))

        if (_spelled(encoded.body), encoded.losses, _spelled(body)) != (kept, (), kept):
            failed.append(name)

    assert failed == []


def test_every_recorded_path_says_the_model_and_whether_to_stream() -> None:
    for name, request, body, issuer in _requests():
        decoded = DIALECT.decode_request(body, {":path": request["path"]}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=_issuer()))

        # The query says how the answer is framed, which is ours to say.
        assert request["path"].partition("?")[0].endswith(encoded.path.partition("?")[0]), name
        assert decoded.model == issuer.model
        assert ("stream" in request["path"]) == (decoded.stream is True) == encoded.path.endswith("?alt=sse")


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, _, body in answers(APIS[0]):
        encoded = DIALECT.encode_response(DIALECT.decode_response(body, {}, _issuer()))
        if _spelled(encoded.body) != _spelled(body) or encoded.losses:
            failed.append(name)

    assert failed == []


def test_every_recorded_response_has_a_known_outcome_and_the_served_model() -> None:
    for name, _, body in answers(APIS[0]):
        if "error" in body:
            continue
        decoded = DIALECT.decode_response(body, {}, _issuer())

        assert decoded.outcome.kind is not OutcomeKind.UNKNOWN, name
        assert decoded.outcome.raw == str(body["candidates"][0]["finishReason"])
        assert decoded.origin is not None
        assert decoded.origin.model == body.get("modelVersion")
        assert decoded.origin.response_id == body.get("responseId")


def test_every_recorded_count_adds_up() -> None:
    for name, _, body in answers(APIS[0]):
        usage = DIALECT.decode_response(body, {}, _issuer()).usage
        if usage.raw is not None:
            assert (usage.input_tokens or 0) + (usage.output_tokens or 0) == usage.raw["totalTokenCount"], name
            assert (usage.reasoning_tokens or 0) <= (usage.output_tokens or 0)


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = set()
    for _, response, body in answers(APIS[0], failed=True):
        error = DIALECT.decode_error(response["status"], response["headers"], body)
        encoded = DIALECT.encode_error(error)
        kinds.add((body["error"]["status"], error.kind))

        assert (encoded.body, encoded.status) == (body, response["status"])
        assert error.vendor_code == body["error"]["status"]
        assert body["error"]["message"] not in str(error)

    assert kinds == {
        ("NOT_FOUND", ProviderErrorKind.MODEL_NOT_FOUND),
        ("INVALID_ARGUMENT", ProviderErrorKind.AUTHENTICATION),
        ("INVALID_ARGUMENT", ProviderErrorKind.INVALID_REQUEST),
    }


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    failed = []
    for name, events in _streams():
        decoder, encoder = DIALECT.stream_decoder({}, _issuer()), DIALECT.stream_encoder()
        back = [encoder.encode(decoder.decode(event)) for event in events]
        if back != [(event,) for event in events] or encoder.losses or encoder.finish():
            failed.append(name)

    assert failed == []


def test_every_recorded_stream_folds_to_what_its_raw_events_say() -> None:
    compared = 0
    for name, events in _streams():
        if not events:
            continue
        decoder = DIALECT.stream_decoder({}, _issuer())
        batches = [decoder.decode(event) for event in events]

        assert decoder.finish().events == (), name
        assert _told(fold(batches)) == _accumulated(events), name
        compared += 1

    assert compared >= 46


def test_a_stream_and_its_answer_in_one_piece_mean_the_same() -> None:
    for name, events in _streams():
        if not events or "partialArgs" in str([event.data for event in events]):
            continue
        decoder = DIALECT.stream_decoder({}, _issuer())

        folded = fold([decoder.decode(event) for event in events])
        whole = DIALECT.decode_response(_in_one_piece(events), {}, _issuer())

        assert _meaning(folded) == _meaning(whole), name


def test_arguments_that_arrive_by_path_are_put_together() -> None:
    recorded = [events for _, events in _streams() if "partialArgs" in str([event.data for event in events])]
    calls = []
    for events in recorded:
        decoder = DIALECT.stream_decoder({}, _issuer())
        parts = fold([decoder.decode(event) for event in events]).message.parts
        calls += [(part.name, part.arguments_json) for part in parts if isinstance(part, ToolCall)]

    told = {name: text for name, text in calls if name != "read_screen"}
    assert [text for name, text in calls if name == "read_screen"] == ['{"id":"A"}', '{"id":"B"}', '{"id":"C"}']
    assert told["read_theme"] is None
    assert json.loads(told["cookRecipe"] or "")["recipe"]["ingredients"][0] == {
        "amount": "16 oz",
        "name": "Lasagna noodles",
    }


def _told(response: AnyResponse) -> dict[str, Any]:
    parts = response.message.parts
    assert response.origin is not None
    return {
        "id": response.origin.response_id,
        "model": response.origin.model,
        "text": "".join(part.text for part in parts if isinstance(part, Text)),
        "reasoning": "".join(part.text or "" for part in parts if isinstance(part, Reasoning)),
        "signatures": [opaque.data for part in parts for opaque in part.opaque],
        "calls": [part.name for part in parts if isinstance(part, ToolCall) and part.executor == "client"],
        "stop": response.outcome.raw,
        "usage": response.usage.raw,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw events say, by other means than the dialect's."""
    raw = [event.data for event in events if isinstance(event.data, dict)]
    candidates = [candidate for data in raw for candidate in data.get("candidates", [])]
    parts = [part for each in candidates for part in each.get("content", {}).get("parts", [])]
    called = [part.get("functionCall", {}) for part in parts]
    usage: dict[str, Any] = {}
    for data in raw:
        usage |= data.get("usageMetadata", {})
    return {
        "id": raw[0]["responseId"],
        "model": raw[0]["modelVersion"],
        "text": "".join(part.get("text", "") for part in parts if not part.get("thought")),
        "reasoning": "".join(part["text"] for part in parts if part.get("thought")),
        "signatures": [part["thoughtSignature"] for part in parts if "thoughtSignature" in part],
        "calls": [call["name"] for call in called if "name" in call],
        "stop": next(each["finishReason"] for each in candidates if "finishReason" in each),
        "usage": usage,
    }


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as the vendor would have given it without streaming: plain texts joined, all else in order."""
    raw = [copy.deepcopy(event.data) for event in events if isinstance(event.data, dict)]
    whole = {**raw[0], **raw[-1]}
    usage: dict[str, Any] = {}
    parts: list[dict[str, Any]] = []
    candidate: dict[str, Any] = {}
    for data in raw:
        usage |= data.get("usageMetadata", {})
        for each in data.get("candidates", []):
            candidate |= {key: found for key, found in each.items() if key != "content"}
            for part in each.get("content", {}).get("parts", []):
                _append(parts, part)
    candidate["content"] = {"role": "model", "parts": parts}
    return {**whole, "candidates": [candidate], "usageMetadata": usage}


def _append(parts: list[dict[str, Any]], part: dict[str, Any]) -> None:
    last = parts[-1] if parts else {}
    plain = part.keys() <= {"text", "thought"} and last.keys() <= {"text", "thought"} and "text" in last
    if plain and part.get("thought") == last.get("thought"):
        last["text"] += part["text"]
    else:
        parts.append(part)


def _meaning(response: AnyResponse) -> Any:
    """All but the envelope's residue."""
    return response.message, response.outcome, response.usage, response.origin
