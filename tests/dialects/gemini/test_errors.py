"""Errors are told apart by status and reason, and come back as they were."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.dialects.gemini import DIALECT

K = ProviderErrorKind
RPC = "type.googleapis.com/google.rpc."


def error(code: int, status: str, message: str = "m", *details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def info(reason: str) -> dict[str, str]:
    return {"@type": f"{RPC}ErrorInfo", "reason": reason}


def quota(name: str) -> dict[str, Any]:
    return {"@type": f"{RPC}QuotaFailure", "violations": [{"quotaId": name}]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (error(400, "INVALID_ARGUMENT"), K.INVALID_REQUEST),
        (error(400, "INVALID_ARGUMENT", "m", info("API_KEY_INVALID")), K.AUTHENTICATION),
        (error(400, "INVALID_ARGUMENT", "The input exceeds the maximum number of tokens allowed"), K.CONTEXT_EXCEEDED),
        (error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), K.REGION),
        (error(400, "FAILED_PRECONDITION", "Enable billing on your project"), K.QUOTA_EXHAUSTED),
        (error(401, "UNAUTHENTICATED"), K.AUTHENTICATION),
        (error(403, "PERMISSION_DENIED"), K.PERMISSION),
        (error(403, "PERMISSION_DENIED", "m", info("CONSUMER_SUSPENDED")), K.SUSPENDED),
        (error(404, "NOT_FOUND", "models/x is not found"), K.MODEL_NOT_FOUND),
        (error(404, "NOT_FOUND", "models/x is no longer available"), K.MODEL_RETIRED),
        (error(404, "NOT_FOUND", "cachedContent not found"), K.INVALID_REQUEST),
        (error(429, "RESOURCE_EXHAUSTED", "m", quota("RequestsPerMinutePerProject")), K.RATE_LIMITED),
        (error(429, "RESOURCE_EXHAUSTED", "m", quota("RequestsPerDayPerProject")), K.QUOTA_EXHAUSTED),
        (error(500, "INTERNAL"), K.SERVER),
        (error(503, "UNAVAILABLE"), K.OVERLOADED),
        (error(504, "DEADLINE_EXCEEDED"), K.TIMEOUT),
        (error(413, "INVALID_ARGUMENT"), K.TOO_LARGE),
        (error(418, "NEVER_HEARD_OF"), K.UNKNOWN),
        ("<html>bad gateway</html>", K.SERVER),
        (None, K.SERVER),
    ],
)
def test_an_error_is_told_by_status_and_reason(body: Any, kind: ProviderErrorKind) -> None:
    status = body["error"]["code"] if isinstance(body, dict) else 502

    found = DIALECT.decode_error(status, {}, body)

    assert (found.kind, found.status) == (kind, status)
    if isinstance(body, dict):
        assert DIALECT.encode_error(found).body == body


def test_an_error_in_a_list_is_the_same() -> None:
    found = DIALECT.decode_error(429, {}, [error(429, "RESOURCE_EXHAUSTED")])

    assert (found.kind, found.vendor_code) == (K.RATE_LIMITED, "RESOURCE_EXHAUSTED")


@pytest.mark.parametrize(
    ("delay", "headers", "seconds"),
    [
        ("34.4s", {"retry-after": "9"}, 34.4),
        ("7s", {}, 7.0),
        ("soon", {"retry-after": "9"}, 9.0),
        ("soon", {}, None),
    ],
)
def test_the_delay_comes_from_the_details_and_else_from_the_header(
    delay: str, headers: dict[str, str], seconds: float | None
) -> None:
    body = error(429, "RESOURCE_EXHAUSTED", "m", {"@type": f"{RPC}RetryInfo", "retryDelay": delay})

    assert DIALECT.decode_error(429, headers, body).retry_after_s == seconds


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_every_kind_has_a_status_and_its_delay_survives(kind: ProviderErrorKind) -> None:
    encoded = DIALECT.encode_error(ProviderError("the prompt said x", kind=kind, retry_after_s=2.5))

    found = DIALECT.decode_error(encoded.status, encoded.headers, encoded.body)

    assert encoded.status >= 400
    assert found.retry_after_s == 2.5
    assert "prompt said" not in str(encoded.body)


def test_no_message_quotes_the_vendors() -> None:
    found = DIALECT.decode_error(400, {}, error(400, "INVALID_ARGUMENT", "you wrote: secret"))

    assert "secret" not in str(found)
