"""Errors: `{"error": {message, type, param, code}}`, the error of a failed answer, and the event of a stream."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.provider import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.openai_responses.shapes import is_object, is_text
from offramp_providers.dialects.retry_after import retry_after_s

_K = ProviderErrorKind

_BY_CODE: Final[Mapping[str, ProviderErrorKind]] = {
    # Codes and types, as recorded or as in openai-openapi 2.3.0, read 2026-11-23.
    "invalid_api_key": _K.AUTHENTICATION,
    "authentication_error": _K.AUTHENTICATION,
    "insufficient_quota": _K.QUOTA_EXHAUSTED,
    "credit_balance_exhausted": _K.QUOTA_EXHAUSTED,
    "billing_hard_limit_reached": _K.QUOTA_EXHAUSTED,
    "rate_limit_exceeded": _K.RATE_LIMITED,
    "slow_down": _K.RATE_LIMITED,
    "server_is_overloaded": _K.OVERLOADED,
    "server_error": _K.SERVER,
    "vector_store_timeout": _K.TIMEOUT,
    "model_not_found": _K.MODEL_NOT_FOUND,
    "deploymentnotfound": _K.MODEL_NOT_FOUND,
    "model_decommissioned": _K.MODEL_RETIRED,
    "model_deprecated": _K.MODEL_RETIRED,
    "context_length_exceeded": _K.CONTEXT_EXCEEDED,
    "content_filter": _K.CONTENT_FILTER,
    "content_policy_violation": _K.CONTENT_FILTER,
    "responsibleaipolicyviolation": _K.CONTENT_FILTER,
    "bio_policy": _K.CONTENT_FILTER,
    "image_content_policy_violation": _K.CONTENT_FILTER,
    "invalid_prompt": _K.CONTENT_FILTER,
    "data_residency_mismatch": _K.REGION,
    "unsupported_country_region_territory": _K.REGION,
    "account_deactivated": _K.SUSPENDED,
    "request_too_large": _K.TOO_LARGE,
    "permission_denied": _K.PERMISSION,
    "invalid_encrypted_content": _K.INVALID_REQUEST,
    "previous_response_not_found": _K.INVALID_REQUEST,
}
"""By the lower-case code or type, the code first."""

_BY_STATUS: Final[Mapping[int, ProviderErrorKind]] = {
    400: _K.INVALID_REQUEST,
    401: _K.AUTHENTICATION,
    402: _K.QUOTA_EXHAUSTED,
    403: _K.PERMISSION,
    404: _K.INVALID_REQUEST,
    405: _K.INVALID_REQUEST,
    408: _K.TIMEOUT,
    409: _K.INVALID_REQUEST,
    413: _K.TOO_LARGE,
    415: _K.INVALID_REQUEST,
    422: _K.INVALID_REQUEST,
    429: _K.RATE_LIMITED,
    451: _K.REGION,
    503: _K.OVERLOADED,
    504: _K.TIMEOUT,
    529: _K.OVERLOADED,
}


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """Read an error answer.

    Args:
        status: HTTP status.
        headers: lower-case names.
        body: decoded JSON, or text where it was none.
    """
    return _error(body, _told(body), status=status, headers=headers, phase="before_first_output")


def decode_stream_error(body: JsonObject, phase: Phase) -> ProviderError:
    """Read an `error` event, whose parts stand in it or in an object of their own; or a failed answer."""
    holder: Any = body.get("response")
    return _error(body, _told(holder if is_object(holder) else body), status=None, headers={}, phase=phase)


def _error(
    body: Any, told: JsonObject, *, status: int | None, headers: Mapping[str, str], phase: Phase
) -> ProviderError:
    code = _code(told)
    shown = f" ({code})" if code else ""
    what = f"the vendor answered {status}{shown}" if status is not None else f"the vendor broke off its answer{shown}"
    return ProviderError(
        what,
        kind=_kind(told, status),
        status=status,
        vendor_code=code,
        request_id=headers.get("x-request-id") or headers.get("apim-request-id"),
        retry_after_s=retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _told(body: Any) -> JsonObject:
    """The object that describes the error, wherever the host has put it."""
    if not is_object(body):
        return {}
    inner: Any = body.get("error")
    if is_text(inner):
        return {**body, "message": inner}
    return inner if is_object(inner) else body


def _code(told: JsonObject) -> str | None:
    for key in ("code", "type"):
        found: Any = told.get(key)
        if is_text(found):
            return found
        if type(found) is int:
            return str(found)
    return None


def _kind(told: JsonObject, status: int | None) -> ProviderErrorKind:
    for key in ("code", "type"):
        word: Any = told.get(key)
        if type(word) is str and word.lower() in _BY_CODE:
            return _BY_CODE[word.lower()]
    if status is None:
        return _K.INVALID_REQUEST if told.get("type") == "invalid_request_error" else _K.UNKNOWN
    message: Any = told.get("message")
    if status == 400 and type(message) is str and message.startswith("Incorrect API key"):
        # A host that says so with 400 and a code of its own, as recorded.
        return _K.AUTHENTICATION
    kind = _BY_STATUS.get(status)
    if kind is None:
        return _K.SERVER if 500 <= status < 600 else _K.UNKNOWN
    return kind


_STATUS_OF: Final[Mapping[ProviderErrorKind, tuple[int, str, str | None]]] = {
    _K.OVERLOADED: (503, "server_error", "server_is_overloaded"),
    _K.SERVER: (500, "server_error", None),
    _K.TIMEOUT: (504, "server_error", None),
    _K.CONNECTION: (502, "server_error", None),
    _K.RATE_LIMITED: (429, "requests", "rate_limit_exceeded"),
    _K.QUOTA_EXHAUSTED: (429, "insufficient_quota", "insufficient_quota"),
    _K.MODEL_RETIRED: (404, "invalid_request_error", "model_deprecated"),
    _K.MODEL_NOT_FOUND: (404, "invalid_request_error", "model_not_found"),
    _K.AUTHENTICATION: (401, "invalid_request_error", "invalid_api_key"),
    _K.PERMISSION: (403, "invalid_request_error", "permission_denied"),
    _K.SUSPENDED: (403, "invalid_request_error", "account_deactivated"),
    _K.REGION: (403, "request_forbidden", "unsupported_country_region_territory"),
    _K.INVALID_REQUEST: (400, "invalid_request_error", None),
    _K.TOO_LARGE: (413, "invalid_request_error", "request_too_large"),
    _K.CONTEXT_EXCEEDED: (400, "invalid_request_error", "context_length_exceeded"),
    _K.CONTENT_FILTER: (400, "invalid_request_error", "content_filter"),
    _K.STREAM_INTERRUPTED: (502, "server_error", None),
    _K.MALFORMED: (502, "server_error", None),
    _K.UNKNOWN: (500, "server_error", None),
}


def encode_error(error: ProviderError) -> EncodedResponse:
    """An error as a server of this dialect would send it; one that was read in this dialect, exactly."""
    status, kind, code = _STATUS_OF[error.kind]
    headers: dict[str, str] = {}
    if error.request_id is not None:
        headers["x-request-id"] = error.request_id
    if error.retry_after_s is not None:
        headers["retry-after"] = f"{error.retry_after_s:.3f}".rstrip("0").rstrip(".")
    body: Any = error.body
    if is_object(body) and "error" in body and "type" not in body:
        return EncodedResponse(body=body, status=error.status or status, headers=headers)
    told = {"message": error.what, "type": kind, "param": None, "code": code}
    return EncodedResponse(body={"error": told}, status=status, headers=headers)


def encode_stream_error(error: ProviderError) -> JsonObject:
    """The `error` event of a stream; one that was read in this dialect, exactly."""
    body: Any = error.body
    if is_object(body) and body.get("type") in ("error", "response.failed"):
        return body
    _, kind, code = _STATUS_OF[error.kind]
    return {"type": "error", "code": code or kind, "message": error.what, "param": None}
