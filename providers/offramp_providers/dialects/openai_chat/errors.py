"""Errors: `{"error": {message, type, param, code}}` and the forms that hosts have made of it."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from offramp.contracts.provider import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.openai_chat.shapes import is_object, is_text

_K = ProviderErrorKind

_BY_CODE: Final[Mapping[str, ProviderErrorKind]] = {
    # Codes and types of the vendor and of hosts, as recorded or as in the wire facts of 2026-11-23.
    "invalid_api_key": _K.AUTHENTICATION,
    "authentication_error": _K.AUTHENTICATION,
    "insufficient_quota": _K.QUOTA_EXHAUSTED,
    "credit_balance_exhausted": _K.QUOTA_EXHAUSTED,
    "billing_hard_limit_reached": _K.QUOTA_EXHAUSTED,
    "rate_limit_exceeded": _K.RATE_LIMITED,
    "ratelimitreached": _K.RATE_LIMITED,
    "slow_down": _K.RATE_LIMITED,
    "server_is_overloaded": _K.OVERLOADED,
    "server_error": _K.SERVER,
    "model_not_found": _K.MODEL_NOT_FOUND,
    "deploymentnotfound": _K.MODEL_NOT_FOUND,
    "model_decommissioned": _K.MODEL_RETIRED,
    "model_deprecated": _K.MODEL_RETIRED,
    "context_length_exceeded": _K.CONTEXT_EXCEEDED,
    "content_filter": _K.CONTENT_FILTER,
    "content_policy_violation": _K.CONTENT_FILTER,
    "responsibleaipolicyviolation": _K.CONTENT_FILTER,
    "unsupported_country_region_territory": _K.REGION,
    "account_deactivated": _K.SUSPENDED,
    "request_too_large": _K.TOO_LARGE,
    "permission_denied": _K.PERMISSION,
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

_BY_MESSAGE: Final[tuple[tuple[str, ProviderErrorKind], ...]] = (
    # Hosts that give no code say it in words, as recorded.
    ("context length", _K.CONTEXT_EXCEEDED),
    ("context window", _K.CONTEXT_EXCEEDED),
    ("prompt too long", _K.CONTEXT_EXCEEDED),
    ("has been decommissioned", _K.MODEL_RETIRED),
    ("has been deprecated", _K.MODEL_RETIRED),
    ("has been shut down", _K.MODEL_RETIRED),
    ("has been retired", _K.MODEL_RETIRED),
)
_TOLD_BY_MESSAGE: Final = frozenset({_K.INVALID_REQUEST, _K.MODEL_NOT_FOUND, _K.UNKNOWN})
"""Only these are looked at more closely: a message may quote anything."""


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """Read an error answer.

    Args:
        status: HTTP status.
        headers: lower-case names.
        body: decoded JSON, or text where it was none.
    """
    return _error(body, status=status, headers=headers, phase="before_first_output")


def decode_stream_error(body: JsonObject, phase: Phase) -> ProviderError:
    """Read an error that came as an event of a stream; `phase`: whether output had come before it."""
    return _error(body, status=None, headers={}, phase=phase)


def _error(body: Any, *, status: int | None, headers: Mapping[str, str], phase: Phase) -> ProviderError:
    told = _told(body)
    code = _code(told)
    shown = f" ({code})" if code else ""
    what = f"the vendor answered {status}{shown}" if status is not None else f"the vendor broke off its answer{shown}"
    return ProviderError(
        what,
        kind=_kind(told, status),
        status=status,
        vendor_code=code,
        request_id=headers.get("x-request-id") or headers.get("apim-request-id"),
        retry_after_s=_retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _told(body: Any) -> JsonObject:
    """The object that describes the error, wherever the host has put it."""
    if not is_object(body):
        return {"message": body} if is_text(body) else {}
    inner: Any = body.get("error")
    if is_object(inner):
        return inner
    return {"message": inner} if is_text(inner) else body


def _code(told: JsonObject) -> str | None:
    for key in ("code", "type"):
        found: Any = told.get(key)
        if is_text(found):
            return found
        if type(found) is int:
            return str(found)
    return None


def _kind(told: JsonObject, status: int | None) -> ProviderErrorKind:
    inner: Any = told.get("innererror") or told.get("inner_error")
    for where in (told, inner if is_object(inner) else {}):
        for key in ("code", "type"):
            word: Any = where.get(key)
            if type(word) is str and word.lower() in _BY_CODE:
                return _refined(_BY_CODE[word.lower()], told)
    numbered: Any = told.get("code")
    if status is None:
        status = numbered if type(numbered) is int else told.get("status_code")
    kind = _by_status(status)
    if kind is _K.UNKNOWN and told.get("type") == "invalid_request_error":
        kind = _K.INVALID_REQUEST
    return _refined(kind, told)


def _by_status(status: Any) -> ProviderErrorKind:
    if type(status) is not int:
        return _K.UNKNOWN
    kind = _BY_STATUS.get(status)
    if kind is None:
        return _K.SERVER if 500 <= status < 600 else _K.UNKNOWN
    return kind


def _refined(kind: ProviderErrorKind, told: JsonObject) -> ProviderErrorKind:
    message: Any = told.get("message")
    if kind in _TOLD_BY_MESSAGE and is_text(message):
        lowered = message.lower()
        for words, told_kind in _BY_MESSAGE:
            if words in lowered:
                return told_kind
    return kind


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The longest wait that the headers ask for, in seconds."""
    waits = (_milliseconds(headers.get("retry-after-ms")), _seconds(headers.get("retry-after"), headers.get("date")))
    return max((wait for wait in waits if wait is not None), default=None)


def _milliseconds(given: str | None) -> float | None:
    wait = _number(given)
    return None if wait is None else wait / 1000


def _seconds(given: str | None, date: str | None) -> float | None:
    wait = _number(given)
    if wait is not None or given is None or date is None:
        return wait
    try:
        # A codec has no clock: the server's own date tells how far off the other one is.
        return max(0.0, (parsedate_to_datetime(given) - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return None


def _number(given: str | None) -> float | None:
    if given is None or not given.replace(".", "", 1).isdecimal():
        return None
    return float(given)


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
    if is_object(body) and "error" in body and body.get("type") != "error":
        return EncodedResponse(body=body, status=error.status or status, headers=headers)
    told = {"message": error.what, "type": kind, "param": None, "code": code}
    return EncodedResponse(body={"error": told}, status=status, headers=headers)
