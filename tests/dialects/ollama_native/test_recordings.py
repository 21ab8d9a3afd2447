"""Recorded traffic passes through the dialect and comes out as it went in."""

import copy
import json
from typing import Any

from offramp.contracts.dialect import Target
from offramp.errors import ProviderErrorKind
from offramp.types import AnyResponse, Origin, OutcomeKind, Reasoning, ToolCall, ToolResult, WireEvent, fold
from offramp_providers.dialects.ollama_native import DIALECT
from support.cassettes import answers, requests, streams

API = "ollama.chat"
ISSUER = Origin(developer="acme", host="self", dialect=DIALECT.name)


def _spelled(body: Any) -> str:
    """Equality by JSON: 1 is not True, and 64 is not 64.0."""
    return json.dumps(body, sort_keys=True)


def test_every_recorded_request_comes_back_exactly_and_without_loss() -> None:
    compared = 0
    for name, request, body in requests(API):
        kept = copy.deepcopy(body)

        encoded = DIALECT.encode_request(
            DIALECT.decode_request(body, request["headers"], ISSUER), Target(origin=ISSUER)
        )

        assert (_spelled(encoded.body), encoded.losses, body) == (_spelled(kept), (), kept), name
        assert encoded.path == request["path"]
        compared += 1

    assert compared == 9


def test_every_recorded_response_comes_back_exactly_and_without_loss() -> None:
    compared = 0
    for name, _, body in answers(API):
        encoded = DIALECT.encode_response(DIALECT.decode_response(body, {}, ISSUER))

        assert (_spelled(encoded.body), encoded.losses) == (_spelled(body), ()), name
        compared += 1

    assert compared == 7


def test_every_recorded_response_says_who_answered_why_it_ended_and_what_it_cost() -> None:
    for name, _, body in answers(API):
        decoded = DIALECT.decode_response(body, {}, ISSUER)
        called = bool(body["message"].get("tool_calls"))

        assert decoded.outcome.kind is (OutcomeKind.TOOL_CALLS if called else OutcomeKind.COMPLETED), name
        assert decoded.outcome.raw == body["done_reason"]
        assert decoded.origin is not None
        assert decoded.origin.model == body["model"]
        assert decoded.usage.output_tokens == body["eval_count"]
        # A prompt that the server has read before is not counted, which is unknown and not zero.
        assert decoded.usage.input_tokens == body.get("prompt_eval_count")
        assert _told(decoded)["thinking"] == body["message"].get("thinking", "")


def test_the_recorded_error_comes_back_exactly_and_is_told_by_its_sentence() -> None:
    ((_, response, body),) = answers(API, failed=True)

    error = DIALECT.decode_error(response["status"], response["headers"], body)
    encoded = DIALECT.encode_error(error)

    assert error.kind is ProviderErrorKind.MODEL_NOT_FOUND
    assert (encoded.body, encoded.status) == (body, 404)
    assert body["error"] not in str(error)


def test_a_recorded_result_without_id_and_name_answers_the_one_open_call() -> None:
    messages = [DIALECT.decode_request(body, {}, ISSUER).messages for _, _, body in requests(API)]
    called, answered = next(each for each in messages if each[-1].role == "tool")
    call, result = called.parts[0], answered.parts[0]

    assert isinstance(call, ToolCall)
    assert isinstance(result, ToolResult)
    assert call.call_id == result.call_id


def test_every_recorded_stream_comes_back_line_by_line() -> None:
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, ISSUER), DIALECT.stream_encoder()

        back = [encoder.encode(decoder.decode(event)) for event in events]

        assert back == [(event,) for event in events], name
        assert (encoder.losses, encoder.finish(), decoder.finish().events) == ((), (), ())


def test_every_recorded_stream_folds_to_what_its_raw_lines_say() -> None:
    compared = 0
    for name, events in streams(API):
        decoder = DIALECT.stream_decoder({}, ISSUER)

        assert _told(fold([decoder.decode(event) for event in events])) == _accumulated(events), name
        compared += 1

    assert compared == 1


def _told(response: AnyResponse) -> dict[str, Any]:
    assert response.origin is not None
    return {
        "model": response.origin.model,
        "content": response.text,
        "thinking": "".join(part.text or "" for part in response.message.parts if isinstance(part, Reasoning)),
        "stop": response.outcome.raw,
        "usage": response.usage.raw,
    }


def _accumulated(events: list[WireEvent]) -> dict[str, Any]:
    """What the raw lines say, by other means than the dialect's."""
    raw = [event.data for event in events if isinstance(event.data, dict)]
    last = raw[-1]
    counts = ("total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count")
    return {
        "model": raw[0]["model"],
        "content": "".join(each["message"]["content"] for each in raw),
        "thinking": "".join(each["message"].get("thinking", "") for each in raw),
        "stop": last["done_reason"],
        "usage": {key: last[key] for key in (*counts, "eval_duration") if key in last},
    }
