"""Errors are told apart by code, then status, and never by quoting the vendor."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.dialects.openai_responses import DIALECT

_K = ProviderErrorKind


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"code": "rate_limit_exceeded"}, _K.RATE_LIMITED),
        (429, {"code": "insufficient_quota"}, _K.QUOTA_EXHAUSTED),
        (429, {"code": None, "type": "insufficient_quota"}, _K.QUOTA_EXHAUSTED),
        (400, {"code": "context_length_exceeded"}, _K.CONTEXT_EXCEEDED),
        (400, {"code": "invalid_encrypted_content"}, _K.INVALID_REQUEST),
        (400, {"code": "invalid_prompt"}, _K.CONTENT_FILTER),
        (403, {"code": "unsupported_country_region_territory"}, _K.REGION),
        (403, {"code": "x"}, _K.PERMISSION),
        (503, {"code": None}, _K.OVERLOADED),
        (599, {"code": None}, _K.SERVER),
        (418, {"code": None}, _K.UNKNOWN),
    ],
)
def test_an_error_is_classified(status: int, error: dict[str, Any], kind: ProviderErrorKind) -> None:
    told = DIALECT.decode_error(status, {}, {"error": {"message": "secret words", **error}})

    assert told.kind is kind
    assert "secret words" not in str(told)


def test_a_number_is_a_code_too() -> None:
    assert DIALECT.decode_error(500, {}, {"error": {"code": 42}}).vendor_code == "42"


def test_a_wait_and_a_request_id_are_read_from_the_headers() -> None:
    told = DIALECT.decode_error(429, {"retry-after-ms": "1500", "x-request-id": "req"}, "busy")

    assert (told.retry_after_s, told.request_id) == (1.5, "req")
    assert DIALECT.encode_error(told).headers == {"x-request-id": "req", "retry-after": "1.5"}


@pytest.mark.parametrize("kind", list(ProviderErrorKind))
def test_every_kind_has_a_status_and_says_no_more_than_its_kind(kind: ProviderErrorKind) -> None:
    encoded = DIALECT.encode_error(ProviderError("it failed", kind=kind, body={"other": "dialect"}))

    assert encoded.status >= 400
    assert encoded.body["error"]["message"] == "it failed"
