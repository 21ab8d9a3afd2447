"""Errors are classified, and come back as they were."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.dialects.anthropic_messages import DIALECT


@pytest.mark.parametrize(
    ("status", "vendor_type", "message", "kind"),
    [
        (429, "rate_limit_error", "slow down", ProviderErrorKind.RATE_LIMITED),
        (529, "overloaded_error", "busy", ProviderErrorKind.OVERLOADED),
        (500, "api_error", "oh", ProviderErrorKind.SERVER),
        (504, "timeout_error", "late", ProviderErrorKind.TIMEOUT),
        (402, "billing_error", "pay", ProviderErrorKind.QUOTA_EXHAUSTED),
        (400, "invalid_request_error", "Your credit balance is too low", ProviderErrorKind.QUOTA_EXHAUSTED),
        (400, "invalid_request_error", "prompt is too long: 9 tokens", ProviderErrorKind.CONTEXT_EXCEEDED),
        (400, "exceed_context_size_error", "m", ProviderErrorKind.CONTEXT_EXCEEDED),
        (403, "permission_error", "no", ProviderErrorKind.PERMISSION),
        (403, "permission_error", "This organization has been disabled.", ProviderErrorKind.SUSPENDED),
        (404, "not_found_error", "model: m", ProviderErrorKind.MODEL_NOT_FOUND),
        (413, "request_too_large", "big", ProviderErrorKind.TOO_LARGE),
        (503, "novel_error", "?", ProviderErrorKind.OVERLOADED),
        (418, "novel_error", "?", ProviderErrorKind.UNKNOWN),
    ],
)
def test_an_error_is_classified(status: int, vendor_type: str, message: str, kind: ProviderErrorKind) -> None:
    wire = {"type": "error", "error": {"type": vendor_type, "message": message}}

    error = DIALECT.decode_error(status, {"retry-after": "3", "request-id": "r"}, wire)

    assert (error.kind, error.retry_after_s, error.request_id) == (kind, 3.0, "r")
    assert DIALECT.encode_error(error).body == wire
    assert DIALECT.encode_error(error).headers == {"request-id": "r", "retry-after": "3"}


@pytest.mark.parametrize("wire", ["<html>", None, [], {"error": "x"}, {"error": {"type": 3}}])
def test_an_error_of_any_shape_is_an_error(wire: Any) -> None:
    error = DIALECT.decode_error(502, {}, wire)

    assert error.kind is ProviderErrorKind.SERVER
    assert DIALECT.encode_error(error).body["type"] == "error"


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_every_kind_of_error_can_be_said(kind: ProviderErrorKind) -> None:
    encoded = DIALECT.encode_error(ProviderError("what", kind=kind, request_id="r"))

    assert 400 <= encoded.status < 600
    assert encoded.body["request_id"] == "r"
