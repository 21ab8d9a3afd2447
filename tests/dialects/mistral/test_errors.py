"""Errors: kinds by status, type and words; waits; and what is never printed."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import Origin, ResponseFailed, WireEvent
from offramp_providers.dialects.mistral import DIALECT

K = ProviderErrorKind
OWN = Origin(developer="mistral", host="mistral", dialect=DIALECT.name, model="m")


def _error(word: Any = None, message: str = "m", code: Any = None) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": word, "param": None, "code": code}


LONG = "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, _error("invalid_request_error"), K.INVALID_REQUEST),
        (400, _error("invalid_request_error", LONG), K.CONTEXT_EXCEEDED),
        (400, _error("invalid_model", code="1500"), K.MODEL_NOT_FOUND),
        (401, {"detail": "Invalid API Key"}, K.AUTHENTICATION),
        (401, {"message": "Unauthorized", "request_id": "r"}, K.AUTHENTICATION),
        (402, {}, K.QUOTA_EXHAUSTED),
        (403, _error(), K.PERMISSION),
        (404, _error(), K.INVALID_REQUEST),
        (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "no"}]}, K.INVALID_REQUEST),
        (429, {"message": "Requests rate limit exceeded"}, K.RATE_LIMITED),
        (429, _error("service_tier_capacity_exceeded", code="3505"), K.OVERLOADED),
        (500, _error("internal_server_error"), K.SERVER),
        (502, "<html>", K.SERVER),
        (503, {}, K.OVERLOADED),
        (504, None, K.TIMEOUT),
        (302, None, K.UNKNOWN),
        (500, _error("invalid_request_error", LONG), K.SERVER),
    ],
)
def test_errors_are_told_apart(status: int, body: Any, kind: ProviderErrorKind) -> None:
    error = DIALECT.decode_error(status, {"mistral-correlation-id": "c", "x-kong-request-id": "k"}, body)

    assert error.kind is kind
    assert (error.status, error.request_id, error.body) == (status, "c", body)


def test_a_message_that_quotes_the_prompt_is_not_printed() -> None:
    error = DIALECT.decode_error(400, {}, _error("bad", "you said: attack at dawn", 3051))

    assert "dawn" not in f"{error} {error!r}"
    assert error.vendor_code == "3051"


def test_a_wait_is_read_and_written() -> None:
    error = DIALECT.decode_error(429, {"retry-after": "7"}, {})

    assert error.retry_after_s == 7.0
    assert DIALECT.encode_error(error).headers == {"retry-after": "7"}


@pytest.mark.parametrize("kind", list(K))
def test_an_error_of_another_dialect_keeps_its_kind_where_there_is_a_word(kind: ProviderErrorKind) -> None:
    wordless = {K.MODEL_RETIRED, K.SUSPENDED, K.REGION, K.CONTEXT_EXCEEDED, K.CONTENT_FILTER, K.UNKNOWN}
    broken = {K.CONNECTION, K.STREAM_INTERRUPTED, K.MALFORMED, K.TIMEOUT}
    encoded = DIALECT.encode_error(ProviderError("the prompt said x", kind=kind, request_id="r", retry_after_s=2.5))

    back = DIALECT.decode_error(encoded.status, encoded.headers, encoded.body)

    assert (back.request_id, back.retry_after_s) == ("r", 2.5)
    assert back.kind is kind or kind in wordless | broken
    assert "prompt" not in str(encoded.body)


@pytest.mark.parametrize("body", [_error("internal_server_error"), {"error": {"message": "m"}}])
def test_an_error_in_a_stream_ends_it_and_comes_back(body: dict[str, Any]) -> None:
    decoder, encoder = DIALECT.stream_decoder({}, OWN), DIALECT.stream_encoder()
    chunk = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}]}
    events = [WireEvent(data=chunk), WireEvent(data=body)]

    batches = [decoder.decode(event) for event in events]

    failed = batches[1].events[-1]
    assert isinstance(failed, ResponseFailed)
    assert failed.error.phase == "mid_stream"
    assert [encoder.encode(batch) for batch in batches] == [(event,) for event in events]
    assert decoder.finish().events == ()


def test_an_error_in_place_of_a_stream_comes_before_the_first_output() -> None:
    batch = DIALECT.stream_decoder({}, OWN).decode(WireEvent(data=_error("rate_limited")))

    failed = batch.events[-1]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == (K.RATE_LIMITED, "before_first_output")
