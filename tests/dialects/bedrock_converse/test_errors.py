"""Errors are told apart by their names, in a header or in the body, and come back as they were."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import Batch, Origin, ResponseFailed, WireEvent
from offramp_providers.dialects.bedrock_converse import DIALECT

K = ProviderErrorKind
BODY = {"message": "the prompt says xyzzy"}


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (400, "ValidationException", K.INVALID_REQUEST),
        (400, "ServiceQuotaExceededException", K.QUOTA_EXHAUSTED),
        (403, "AccessDeniedException", K.PERMISSION),
        (403, "UnrecognizedClientException", K.AUTHENTICATION),
        (403, "InvalidSignatureException", K.AUTHENTICATION),
        (403, "ExpiredTokenException", K.AUTHENTICATION),
        (404, "ResourceNotFoundException", K.MODEL_NOT_FOUND),
        (408, "ModelTimeoutException", K.TIMEOUT),
        (424, "ModelErrorException", K.SERVER),
        (429, "ThrottlingException", K.RATE_LIMITED),
        (429, "ModelNotReadyException", K.OVERLOADED),
        (500, "InternalServerException", K.SERVER),
        (503, "ServiceUnavailableException", K.OVERLOADED),
    ],
)
@pytest.mark.parametrize("form", ["{}:http://internal.amazon.com/coral/com.amazon.bedrock/", "com.amazon.x#{}", "{}"])
def test_an_error_is_told_by_its_name(status: int, name: str, kind: ProviderErrorKind, form: str) -> None:
    told = form.format(name)
    in_header = DIALECT.decode_error(status, {"x-amzn-errortype": told, "x-amzn-requestid": "r"}, BODY)
    in_body = DIALECT.decode_error(status, {}, {"__type": told, **BODY})

    for error in (in_header, in_body):
        assert (error.kind, error.status, error.vendor_code) == (kind, status, name)
        assert "xyzzy" not in str(error)
    assert in_header.request_id == "r"
    back = DIALECT.encode_error(in_header)
    assert (back.status, back.body) == (status, BODY)
    assert back.headers == {"x-amzn-errortype": name, "x-amzn-requestid": "r"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, BODY, K.INVALID_REQUEST),
        (403, BODY, K.PERMISSION),
        (429, None, K.RATE_LIMITED),
        (502, "<html>bad gateway</html>", K.SERVER),
        (503, [], K.OVERLOADED),
        (418, {"message": 7}, K.UNKNOWN),
    ],
)
def test_without_a_name_the_status_tells(status: int, body: Any, kind: ProviderErrorKind) -> None:
    error = DIALECT.decode_error(status, {}, body)

    assert (error.kind, error.vendor_code) == (kind, None)


def test_the_wait_that_the_vendor_asks_for_is_kept() -> None:
    assert DIALECT.decode_error(429, {"retry-after": "3"}, BODY).retry_after_s == 3


@pytest.mark.parametrize("kind", K)
def test_another_vendor_s_error_is_said_by_its_kind_and_without_its_text(kind: ProviderErrorKind) -> None:
    error = ProviderError("busy", kind=kind, body={"error": {"message": "xyzzy"}})

    encoded = DIALECT.encode_error(error)

    assert "xyzzy" not in str(encoded.body)
    read = DIALECT.decode_error(encoded.status, encoded.headers, encoded.body)
    lossless = {K.OVERLOADED, K.SERVER, K.TIMEOUT, K.RATE_LIMITED, K.QUOTA_EXHAUSTED, K.MODEL_NOT_FOUND}
    lossless |= {K.AUTHENTICATION, K.PERMISSION, K.INVALID_REQUEST, K.TOO_LARGE}
    assert read.kind is kind or kind not in lossless


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("internalServerException", K.SERVER),
        ("modelStreamErrorException", K.SERVER),
        ("validationException", K.INVALID_REQUEST),
        ("throttlingException", K.RATE_LIMITED),
        ("serviceUnavailableException", K.OVERLOADED),
        ("novelException", K.UNKNOWN),
    ],
)
def test_an_exception_in_a_stream_ends_it_and_comes_back(name: str, kind: ProviderErrorKind) -> None:
    event = WireEvent(data=BODY, event=name)
    decoder = DIALECT.stream_decoder({}, Origin(developer="amazon", host="bedrock", dialect=DIALECT.name))

    batch = decoder.decode(event)

    failed = batch.events[0]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == (kind, "before_first_output")
    assert "xyzzy" not in str(failed.error)
    assert DIALECT.stream_encoder().encode(batch) == (event,)
    assert decoder.finish() == Batch(())
