"""Recorded traffic of many hosts passes through the dialect and comes out as it went in."""

import copy
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import GenerateRequest, Origin, OutcomeKind, ResponseFailed, WireEvent, fold, user
from offramp_providers.dialects.openai_responses import DIALECT
from support.cassettes import answers, recordings, requests, streams

API = "openai.responses"
TWO_ANSWERS = {"a2574a21dc5432bd"}
"""Holds two answers in one list of events."""
OUT_OF_ORDER = {"21940d4abdea963b"}
"""Items that end in another order than they began: each becomes a part when it is whole."""
FAILED = {"9046a4b9521a02ee"}
ABRIDGED = {"7f5871feba09642b"}
"""Recorded without most of its deltas; the ends of its texts tell the rest."""


def _issuer(name: str, model: Any = None) -> Origin:
    vendor = next(each["vendor"] for each in recordings(API) if each["id"] == name)
    return Origin(developer=vendor, host=vendor, dialect=DIALECT.name, model=model, account="ours")


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


def test_turns_of_recorded_requests_are_one_message_each() -> None:
    for name, _, body in requests(API):
        roles = [message.role for message in DIALECT.decode_request(body, {}, _issuer(name)).messages]

        pairs = list(pairwise(roles))
        assert ("assistant", "assistant") not in pairs, name
        assert ("tool", "tool") not in pairs, name


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    failed = []
    for name, response, body in answers(API):
        decoded = DIALECT.decode_response(body, response.get("headers") or {}, _issuer(name))
        encoded = DIALECT.encode_response(decoded)
        if encoded.body != body or encoded.losses:
            failed.append(name)

    assert failed == []


def test_every_recorded_response_keeps_the_vendors_word_and_the_served_model() -> None:
    kinds = set()
    for name, _, body in answers(API):
        decoded = DIALECT.decode_response(body, {}, _issuer(name, "asked"))

        assert decoded.origin is not None, name
        assert (decoded.origin.model, decoded.origin.response_id) == (body.get("model"), body.get("id"))
        assert decoded.usage.input_tokens == (body.get("usage") or {}).get("input_tokens"), name
        kinds.add((decoded.outcome.raw, decoded.outcome.kind))

    assert kinds == {
        ("completed", OutcomeKind.COMPLETED),
        ("completed", OutcomeKind.TOOL_CALLS),
        ("completed", OutcomeKind.REFUSAL),
        ("max_output_tokens", OutcomeKind.MAX_OUTPUT),
        ("queued", OutcomeKind.PAUSED),
        (None, OutcomeKind.ERROR),
        (None, OutcomeKind.UNKNOWN),
    }


def test_every_recorded_error_comes_back_exactly_and_is_classified() -> None:
    kinds = set()
    for _, response, body in answers(API, failed=True):
        error = DIALECT.decode_error(response["status"], response["headers"], body)
        encoded = DIALECT.encode_error(error)
        kinds.add((error.status, error.kind))

        assert (encoded.body, encoded.status) == (body, response["status"])
        told = body["error"]
        assert (told if isinstance(told, str) else told["message"]) not in str(error)

    assert kinds == {
        (400, ProviderErrorKind.INVALID_REQUEST),
        (400, ProviderErrorKind.CONTEXT_EXCEEDED),
        (400, ProviderErrorKind.MODEL_NOT_FOUND),
        (400, ProviderErrorKind.AUTHENTICATION),
        (401, ProviderErrorKind.AUTHENTICATION),
    }


def test_every_recorded_stream_comes_back_event_by_event() -> None:
    failed = []
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer(name)), DIALECT.stream_encoder()
        back = [encoder.encode(decoder.decode(event)) for event in events]
        if back != [(event,) for event in events] or encoder.losses or encoder.finish():
            failed.append(name)

    assert failed == []


def test_every_recorded_stream_folds_to_the_items_that_it_tells_again() -> None:
    compared = 0
    for name, events in streams(API):
        if name in TWO_ANSWERS | OUT_OF_ORDER | FAILED:
            continue
        decoder = DIALECT.stream_decoder({}, _issuer(name))

        folded = fold([decoder.decode(event) for event in events])
        whole = DIALECT.decode_response(_in_one_piece(events), {}, _issuer(name))

        assert decoder.finish().events == (), name
        assert _bare(folded.message.parts) == _bare(whole.message.parts), name
        assert (folded.outcome, folded.usage, folded.origin) == (whole.outcome, whole.usage, whole.origin), name
        assert folded.message.status == whole.message.status, name
        compared += 1

    assert compared > 100


def test_texts_and_arguments_of_recorded_streams_are_what_their_deltas_say() -> None:
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, _issuer(name))

        folded = fold([decoder.decode(event) for event in events])

        told = [event.data for event in events if isinstance(event.data, dict)]
        texts = [each["delta"] for each in told if each["type"] == "response.output_text.delta"]
        assert folded.text == "".join(texts) or name in ABRIDGED, name
        arguments = [each["delta"] for each in told if each["type"] == "response.function_call_arguments.delta"]
        calls = [part for part in folded.message.parts if part.type == "tool_call" and part.executor == "client"]
        if not any(call.wire and "type=custom_tool_call" in call.wire.form for call in calls) and len(calls) < 2:
            assert "".join(call.arguments_json or "" for call in calls) == "".join(arguments), name


def test_a_recorded_failure_is_a_failure_with_its_code() -> None:
    name, events = next(each for each in streams(API) if each[0] in FAILED)
    decoder = DIALECT.stream_decoder({}, _issuer(name))

    batches = [decoder.decode(event) for event in events]

    failures = [event for batch in batches for event in batch.events if isinstance(event, ResponseFailed)]
    assert {failure.error.kind for failure in failures} == {ProviderErrorKind.QUOTA_EXHAUSTED}
    assert fold(batches).outcome.kind is OutcomeKind.ERROR


def _in_one_piece(events: list[WireEvent]) -> dict[str, Any]:
    """The answer as its last event tells it, with the items as each was told at its own end (they are sealed anew)."""
    told = [event.data for event in events if isinstance(event.data, dict)]
    items = {each["output_index"]: each["item"] for each in told if each["type"] == "response.output_item.done"}
    return {**told[-1]["response"], "output": [items[place] for place in sorted(items)]}


def _bare(node: Any) -> Any:
    """Without residue: whether an item was complete stands in the end of a stream, and its part has begun by then."""
    if isinstance(node, tuple):
        return tuple(_bare(each) for each in node)
    if is_dataclass(node) and not isinstance(node, type):
        kept = {each.name: _bare(getattr(node, each.name)) for each in fields(node)}
        return replace(node, **{**kept, **({"wire": None} if "wire" in kept else {})})
    return node


def test_every_recorded_answer_goes_back_in_the_next_request_as_it_came() -> None:
    failed = []
    for name, _, body in answers(API):
        if not body.get("output"):
            continue
        answer = DIALECT.decode_response(body, {}, _issuer(name))
        request = GenerateRequest((user("hi"), answer.message, user("go on")))

        encoded = DIALECT.encode_request(request, Target(origin=_issuer(name)))

        if encoded.body["input"][1:-1] != body["output"] or [
            loss for loss in encoded.losses if loss.path != "messages[1].status"
        ]:
            failed.append(name)

    assert failed == []


def test_every_streamed_answer_goes_back_sealed_and_under_its_ids() -> None:
    for name, events in streams(API):
        if name in TWO_ANSWERS | FAILED:
            continue
        decoder = DIALECT.stream_decoder({}, _issuer(name))
        answer = fold([decoder.decode(event) for event in events])

        encoded = DIALECT.encode_request(GenerateRequest((answer.message,)), Target(origin=_issuer(name)))

        told = {_key(item) for item in _in_one_piece(events)["output"]}
        assert {_key(item) for item in encoded.body["input"]} == told, name


def _key(item: dict[str, Any]) -> Any:
    return item["type"], *(str(item.get(key)) for key in ("id", "call_id", "encrypted_content", "arguments"))
