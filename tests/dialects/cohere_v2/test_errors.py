"""Failures are told apart by status and type, and by words only where the vendor has nothing else."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.dialects.cohere_v2 import DIALECT

_K = ProviderErrorKind


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "invalid request: temperature must be between 0 and 1.0 inclusive.", _K.INVALID_REQUEST),
        (400, "too many tokens: size limit exceeded by 7 tokens.", _K.CONTEXT_EXCEEDED),
        (400, "too many tokens: max tokens must be less than or equal to 4096", _K.INVALID_REQUEST),
        (400, "invalid request: my prompt says too many tokens", _K.INVALID_REQUEST),
        (401, "invalid api token", _K.AUTHENTICATION),
        (402, "Maximum billing reached", _K.QUOTA_EXHAUSTED),
        (403, "forbidden", _K.PERMISSION),
        (404, "model 'x' not found, make sure the correct model ID was used", _K.MODEL_NOT_FOUND),
        (404, "model 'command' was removed on September 15, 2025.", _K.MODEL_RETIRED),
        (404, "404 page not found", _K.INVALID_REQUEST),
        (422, "unprocessable", _K.INVALID_REQUEST),
        (429, "Please wait and try again later", _K.RATE_LIMITED),
        (429, "You are using a Trial key, which is limited to 1000 API calls / month.", _K.QUOTA_EXHAUSTED),
        (429, "You are using a Trial key, which is limited to 40 API calls / minute.", _K.RATE_LIMITED),
        (498, "blocked", _K.CONTENT_FILTER),
        (499, "request cancelled", _K.TIMEOUT),
        (500, "internal", _K.SERVER),
        (501, "not implemented", _K.INVALID_REQUEST),
        (503, "unavailable", _K.OVERLOADED),
        (504, "gateway", _K.TIMEOUT),
        (418, "teapot", _K.UNKNOWN),
    ],
)
def test_each_failure_has_its_kind(status: int, message: str, kind: ProviderErrorKind):
    error = DIALECT.decode_error(status, {}, {"id": "r", "message": message})

    assert (error.kind, error.request_id) == (kind, "r")
    assert message not in str(error)


def test_a_type_tells_more_than_the_message():
    error = DIALECT.decode_error(400, {}, {"message": "odd", "error_type": "TOO_MANY_TOKENS"})

    assert (error.kind, error.vendor_code) == (_K.CONTEXT_EXCEEDED, "TOO_MANY_TOKENS")


@pytest.mark.parametrize("body", [None, "gone", [], {}, {"message": 7}])
def test_a_body_that_says_nothing_leaves_the_status(body: Any):
    assert DIALECT.decode_error(503, {"retry-after": "2"}, body).kind is _K.OVERLOADED
    assert DIALECT.decode_error(503, {"retry-after": "2"}, body).retry_after_s == 2


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_a_failure_elsewhere_is_told_with_a_status_and_no_words_of_the_others(kind: ProviderErrorKind):
    foreign = {"error": {"message": "the prompt", "type": "x"}}

    encoded = DIALECT.encode_error(
        ProviderError("it failed", kind=kind, body=foreign, retry_after_s=1.5, request_id="r")
    )

    again = DIALECT.decode_error(encoded.status, encoded.headers, encoded.body)
    assert "the prompt" not in str(encoded.body)
    assert (again.retry_after_s, again.request_id) == (1.5, "r")
    same = {
        _K.CONNECTION: _K.SERVER,
        _K.SUSPENDED: _K.PERMISSION,
        _K.STREAM_INTERRUPTED: _K.SERVER,
        _K.MALFORMED: _K.SERVER,
        _K.UNKNOWN: _K.SERVER,
    }
    assert again.kind is same.get(kind, kind)


@pytest.mark.parametrize(
    "body", [{"type": "error", "message": "m"}, {"object": "error", "message": "m"}, {"message": "m", "detail": []}]
)
def test_another_dialects_body_is_not_taken_for_ones_own(body: Any):
    error = ProviderError("it failed", kind=_K.SERVER, status=500, body=body)

    assert DIALECT.encode_error(error).body == {"message": "it failed"}
