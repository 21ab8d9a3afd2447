"""Recorded traffic passes through the dialect and comes out as it went in."""

import copy
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import AnyResponse, Media, Origin, OutcomeKind, Reasoning, Text, ToolCall, WireEvent, fold
from offramp_providers.dialects.mistral import DIALECT
from support.cassettes import answers, requests, streams

API = "mistral.chat"


def _issuer(model: Any = None) -> Origin:
    return Origin(developer="mistral", host="mistral", dialect=DIALECT.name, model=model)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    for name, request, body in requests(API):
        issuer, kept = _issuer(body["model"]), copy.deepcopy(body)

        decoded = DIALECT.decode_request(body, request["headers"] or {}, issuer)
        encoded = DIALECT.encode_request(decoded, Target(origin=issuer))

        assert (encoded.body, encoded.losses, encoded.headers, body) == (kept, (), {}, kept), name


def test_recorded_requests_leave_no_residue() -> None:
    left: set[str] = set()
    for _, _, body in requests(API):
        decoded = DIALECT.decode_request(body, {}, _issuer())
        for holder in (decoded, *decoded.messages, *(part for each in decoded.messages for part in each.parts)):
            left |= set(holder.wire.fields) if holder.wire is not None else set()

    assert left == set()


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    compared = 0
    for name, response, body in answers(API):
        decoded = DIALECT.decode_response(body, response.get("headers") or {}, _issuer())

        encoded = DIALECT.encode_response(decoded)

        assert (encoded.body, encoded.losses) == (body, ()), name
        compared += 1

    assert compared == 32


def test_every_recorded_response_keeps_the_vendors_word_and_the_served_model() -> None:
    kinds = set()
    for _, _, body in answers(API):
        decoded = DIALECT.decode_response(body, {}, _issuer("asked"))

        assert decoded.origin is not None
        assert decoded.outcome.raw == body["choices"][0]["finish_reason"]
        assert (decoded.origin.model, decoded.origin.response_id) == (body["model"], body["id"])
        assert decoded.usage.input_tokens == body["usage"]["prompt_tokens"]
        kinds.add((decoded.outcome.raw, decoded.outcome.kind))

    assert kinds == {("stop", OutcomeKind.COMPLETED), ("tool_calls", OutcomeKind.TOOL_CALLS)}


def test_recorded_reasoning_is_read_as_such() -> None:
    found = [
        [type(part) for part in DIALECT.decode_response(body, {}, _issuer()).message.parts]
        for _, _, body in answers(API)
        if isinstance(body["choices"][0]["message"].get("content"), list)
    ]

    assert len(found) == 5
    assert all(parts == [Reasoning, Text] for parts in found)


def test_recorded_media_are_read_as_such() -> None:
    found = [
        (part.kind, part.source.type, part.media_type)
        for _, _, body in requests(API)
        for message in DIALECT.decode_request(body, {}, _issuer()).messages
        for part in message.parts
        if isinstance(part, Media)
    ]

    assert sorted(found, key=repr) == [
        *[("document", "data", "application/pdf")] * 3,
        ("image", "data", "image/png"),
        ("image", "url", None),
    ]


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = []
    for _, response, body in answers(API, failed=True):
        error = DIALECT.decode_error(response["status"], response["headers"], body)
        encoded = DIALECT.encode_error(error)
        kinds.append((error.status, error.kind))

        assert (encoded.body, encoded.status) == (body, response["status"])

    assert kinds == [(401, ProviderErrorKind.AUTHENTICATION)]


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    compared = 0
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer()), DIALECT.stream_encoder()

        back = [encoder.encode(decoder.decode(event)) for event in events]

        assert back == [(event,) for event in events], name
        assert encoder.losses == ()
        compared += len(events)

    assert compared == 302


def test_the_events_of_recorded_streams_say_all_of_them() -> None:
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, _issuer())
        for event in events:
            wire = decoder.decode(event).wire
            assert wire is None or not any(mark.endswith("=raw") for mark in wire.form), name
            for entry in wire.fields.get("choices", ()) if wire is not None else ():
                # A role, and content that is nothing.
                assert set(entry["delta"]) <= {"role", "content"}, name
                assert not entry["delta"].get("content"), name


def test_a_stream_and_its_answer_in_one_piece_mean_the_same() -> None:
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, _issuer())

        folded = fold([decoder.decode(event) for event in events])
        whole = DIALECT.decode_response(_in_one_piece(events), {}, _issuer())

        assert _meaning(folded) == _meaning(whole), name


def _told(response: AnyResponse) -> dict[str, Any]:
    parts = response.message.parts
    assert response.origin is not None
    return {
        "id": response.origin.response_id,
        "model": response.origin.model,
        "content": "".join(part.text for part in parts if isinstance(part, Text)),
        "thinking": "".join(part.text or "" for part in parts if isinstance(part, Reasoning)),
        "calls": [(part.call_id, part.name, part.arguments_json) for part in parts if isinstance(part, ToolCall)],
        "finish": response.outcome.raw,
        "usage": response.usage.raw,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw chunks say, by other means than the dialect's."""
    told: dict[str, Any] = {"content": "", "thinking": "", "finish": None, "usage": None, "calls": []}
    for chunk in (event.data for event in events if isinstance(event.data, dict)):
        told |= {"id": chunk["id"], "model": chunk["model"], "usage": chunk.get("usage") or told["usage"]}
        [choice] = chunk["choices"]
        told["finish"] = choice["finish_reason"] or told["finish"]
        content = choice["delta"].get("content") or ""
        for piece in [content] if isinstance(content, str) else content:
            if isinstance(piece, str):
                told["content"] += piece
            else:
                told["content"] += piece.get("text", "")
                told["thinking"] += "".join(each["text"] for each in piece.get("thinking", ()))
        for call in choice["delta"].get("tool_calls") or []:
            told["calls"].append((call["id"], call["function"]["name"], call["function"]["arguments"]))
    return told


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as the vendor would have given it without streaming."""
    told = _accumulated(events)
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": told["thinking"]}]}
    content = [thinking, {"type": "text", "text": told["content"]}] if told["thinking"] else told["content"]
    calls = [{"id": one, "type": "function", "function": {"name": n, "arguments": a}} for one, n, a in told["calls"]]
    message = {"role": "assistant", "content": content, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": told["finish"]}
    return {"id": told["id"], "model": told["model"], "choices": [choice], "usage": told["usage"]}


def _meaning(response: AnyResponse) -> Any:
    """All but the residue of the envelope, and how calls were spelled."""
    parts = [_bare(part) for part in response.message.parts]
    return parts, response.message.status, response.outcome, response.usage, response.origin


def _bare(part: Any) -> Any:
    return (part.call_id, part.name, part.arguments_json) if isinstance(part, ToolCall) else part


@pytest.mark.parametrize("name", ["19a04a6eac8afe4f"])
def test_a_call_without_a_place_or_type_in_a_stream_is_one(name: str) -> None:
    events = next(found for each, found in streams(API) if each == name)
    decoder = DIALECT.stream_decoder({}, _issuer())

    response = fold([decoder.decode(event) for event in events])

    assert [type(part) for part in response.message.parts] == [ToolCall]
    assert response.outcome.kind is OutcomeKind.TOOL_CALLS
