"""Errors, each way."""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.anthropic_messages.encoding import NAME
from offramp_providers.dialects.aws_exceptions import KINDS, exception_name
from offramp_providers.dialects.retry_after import retry_after_s, spell_seconds
from offramp_providers.dialects.shapes import is_object
from offramp_providers.dialects.statuses import kind_of_status

_Kind = ProviderErrorKind

_OF_TYPE: Final[Mapping[str, ProviderErrorKind]] = {
    "invalid_request_error": _Kind.INVALID_REQUEST,
    "authentication_error": _Kind.AUTHENTICATION,
    "billing_error": _Kind.QUOTA_EXHAUSTED,
    "permission_error": _Kind.PERMISSION,
    "not_found_error": _Kind.INVALID_REQUEST,
    "conflict_error": _Kind.INVALID_REQUEST,
    "request_too_large": _Kind.TOO_LARGE,
    "rate_limit_error": _Kind.RATE_LIMITED,
    "api_error": _Kind.SERVER,
    "timeout_error": _Kind.TIMEOUT,
    "overloaded_error": _Kind.OVERLOADED,
    "exceed_context_size_error": _Kind.CONTEXT_EXCEEDED,
}
"""Sources: platform.claude.com api/errors, read 2026-11-23; the last is llama.cpp's (xllamacpp 2026.10.11549, tried
2026-11-26)."""

_OF_TEXT: Final[tuple[tuple[str, str, ProviderErrorKind], ...]] = (
    # (type, what the message holds, in lower case, what it then means)
    ("not_found_error", "model:", _Kind.MODEL_NOT_FOUND),
    ("invalid_request_error", "prompt is too long", _Kind.CONTEXT_EXCEEDED),
    ("invalid_request_error", "context window", _Kind.CONTEXT_EXCEEDED),
    ("invalid_request_error", "credit balance", _Kind.QUOTA_EXHAUSTED),
    ("invalid_request_error", "usage limit", _Kind.QUOTA_EXHAUSTED),
    ("invalid_request_error", "spend limit", _Kind.QUOTA_EXHAUSTED),
    ("invalid_request_error", "organization has been disabled", _Kind.SUSPENDED),
    ("permission_error", "organization has been disabled", _Kind.SUSPENDED),
)

_WIRE: Final[Mapping[ProviderErrorKind, tuple[int, str]]] = {
    _Kind.OVERLOADED: (529, "overloaded_error"),
    _Kind.SERVER: (500, "api_error"),
    _Kind.TIMEOUT: (504, "timeout_error"),
    _Kind.CONNECTION: (502, "api_error"),
    _Kind.RATE_LIMITED: (429, "rate_limit_error"),
    _Kind.QUOTA_EXHAUSTED: (402, "billing_error"),
    _Kind.MODEL_RETIRED: (404, "not_found_error"),
    _Kind.MODEL_NOT_FOUND: (404, "not_found_error"),
    _Kind.AUTHENTICATION: (401, "authentication_error"),
    _Kind.PERMISSION: (403, "permission_error"),
    _Kind.SUSPENDED: (403, "permission_error"),
    _Kind.REGION: (403, "permission_error"),
    _Kind.INVALID_REQUEST: (400, "invalid_request_error"),
    _Kind.TOO_LARGE: (413, "request_too_large"),
    _Kind.CONTEXT_EXCEEDED: (400, "invalid_request_error"),
    _Kind.CONTENT_FILTER: (400, "invalid_request_error"),
    _Kind.STREAM_INTERRUPTED: (500, "api_error"),
    _Kind.MALFORMED: (502, "api_error"),
    _Kind.UNKNOWN: (500, "api_error"),
}
"""Status and type by which a server of this dialect would say each kind."""


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """The error that an HTTP answer means."""
    return _decode(status, headers, body, "before_first_output")


def decode_stream_error(body: JsonObject, phase: Phase) -> ProviderError:
    """The error that an `error` event of a stream means."""
    return _decode(None, {}, body, phase)


def _decode(status: int | None, headers: Mapping[str, str], body: Any, phase: Phase) -> ProviderError:
    error: Any = body.get("error") if is_object(body) else None
    vendor_type = _text(error, "type")
    # Where AWS serves the dialect, errors are AWS's own.
    exception = exception_name(headers, body) if vendor_type is None else None
    place = f"status {status}" if status is not None else "an error event"
    # The vendor's own message may quote the prompt, so it stays in the body.
    return ProviderError(
        f"the vendor answered with {place}" + (f" ({vendor_type})" if vendor_type in _OF_TYPE else ""),
        kind=KINDS.get(exception or "") or _classify(status, vendor_type, _text(error, "message") or ""),
        status=status,
        vendor_code=vendor_type or exception,
        request_id=headers.get("request-id") or _text(body, "request_id") or headers.get("x-amzn-requestid"),
        retry_after_s=retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _text(holder: Any, key: str) -> str | None:
    found: Any = holder.get(key) if is_object(holder) else None
    return found if isinstance(found, str) else None


def _classify(status: int | None, vendor_type: str | None, message: str) -> ProviderErrorKind:
    told = message.lower()
    for known, sign, kind in _OF_TEXT:
        if vendor_type == known and sign in told:
            return kind
    if vendor_type is not None and vendor_type in _OF_TYPE:
        return _OF_TYPE[vendor_type]
    return kind_of_status(status)


def encode_error(error: ProviderError) -> EncodedResponse:
    """The error as a server of this dialect gives it."""
    status, _ = _WIRE[error.kind]
    headers: dict[str, str] = {}
    if error.request_id is not None:
        headers["request-id"] = error.request_id
    if error.retry_after_s is not None:
        headers["retry-after"] = spell_seconds(error.retry_after_s)
    return EncodedResponse(body=encode_error_body(error), status=error.status or status, headers=headers)


def _is_own(body: Any) -> TypeGuard[JsonObject]:
    """Whether it is an error of this dialect. Another says `type: error` too, and counts its events."""
    return is_object(body) and body.get("type") == "error" and "error" in body and "sequence_number" not in body


def encode_error_body(error: ProviderError) -> JsonObject:
    """The error's own body where it is of this dialect, else one that says its kind in our words."""
    if _is_own(error.body):
        return error.body
    _, vendor_type = _WIRE[error.kind]
    body: JsonObject = {"type": "error", "error": {"type": vendor_type, "message": f"{NAME}: {error.kind.value}"}}
    if error.request_id is not None:
        body["request_id"] = error.request_id
    return body
