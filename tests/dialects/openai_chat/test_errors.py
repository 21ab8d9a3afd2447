"""Errors: kinds by status, code and words; waits; and what is never printed."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.dialects.openai_chat import DIALECT

K = ProviderErrorKind


def _error(code: Any = None, kind: Any = None, message: str = "m", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, _error(kind="invalid_request_error"), K.INVALID_REQUEST),
        (400, _error("context_length_exceeded"), K.CONTEXT_EXCEEDED),
        (400, _error(message="This model's maximum context length is 10 tokens"), K.CONTEXT_EXCEEDED),
        (400, _error(400, "exceed_context_size_error"), K.CONTEXT_EXCEEDED),
        (400, _error("content_filter", innererror={"code": "ResponsibleAIPolicyViolation"}), K.CONTENT_FILTER),
        (400, _error(None, innererror={"code": "ResponsibleAIPolicyViolation"}), K.CONTENT_FILTER),
        (401, _error("invalid_request_error", "authentication_error"), K.AUTHENTICATION),
        (401, {"detail": "no"}, K.AUTHENTICATION),
        (402, {}, K.QUOTA_EXHAUSTED),
        (403, _error("unsupported_country_region_territory"), K.REGION),
        (403, _error(), K.PERMISSION),
        (403, _error("account_deactivated"), K.SUSPENDED),
        (404, _error("model_not_found"), K.MODEL_NOT_FOUND),
        (404, _error("model_not_found", message="The model x has been deprecated"), K.MODEL_RETIRED),
        (404, _error("DeploymentNotFound"), K.MODEL_NOT_FOUND),
        (404, _error(), K.INVALID_REQUEST),
        (413, "too large", K.TOO_LARGE),
        (429, _error("rate_limit_exceeded"), K.RATE_LIMITED),
        (429, _error("insufficient_quota", "insufficient_quota"), K.QUOTA_EXHAUSTED),
        (429, _error("slow_down"), K.RATE_LIMITED),
        (429, {"error": "busy"}, K.RATE_LIMITED),
        (500, _error(kind="server_error"), K.SERVER),
        (502, "<html>", K.SERVER),
        (503, _error("server_is_overloaded"), K.OVERLOADED),
        (504, None, K.TIMEOUT),
        (302, None, K.UNKNOWN),
    ],
)
def test_errors_are_told_apart(status: int, body: Any, kind: ProviderErrorKind) -> None:
    error = DIALECT.decode_error(status, {"x-request-id": "req_1"}, body)

    assert error.kind is kind
    assert (error.status, error.request_id, error.body) == (status, "req_1", body)


def test_a_message_that_quotes_the_prompt_is_not_printed() -> None:
    error = DIALECT.decode_error(400, {}, _error("bad", message="you said: attack at dawn"))

    assert "dawn" not in f"{error} {error!r}"
    assert error.vendor_code == "bad"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "1", "retry-after-ms": "0"}, 1.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "no date", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, None),
    ],
)
def test_the_wait_is_read_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert DIALECT.decode_error(429, headers, {}).retry_after_s == seconds


@pytest.mark.parametrize("kind", list(K))
def test_every_kind_that_is_written_is_read_as_itself(kind: ProviderErrorKind) -> None:
    wire_only = {K.CONNECTION: K.SERVER, K.STREAM_INTERRUPTED: K.SERVER, K.MALFORMED: K.SERVER, K.UNKNOWN: K.SERVER}
    error = ProviderError("what happened", kind=kind, request_id="r", retry_after_s=2.5)

    encoded = DIALECT.encode_error(error)
    back = DIALECT.decode_error(encoded.status, encoded.headers, encoded.body)

    assert back.kind is wire_only.get(kind, kind) or kind is K.TIMEOUT
    assert (back.request_id, back.retry_after_s) == ("r", 2.5)


def test_another_vendors_body_is_not_passed_on() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}

    encoded = DIALECT.encode_error(ProviderError("overloaded", kind=K.OVERLOADED, status=529, body=body))

    assert encoded.status == 503
    assert encoded.body["error"] == {
        "message": "overloaded",
        "type": "server_error",
        "param": None,
        "code": "server_is_overloaded",
    }
