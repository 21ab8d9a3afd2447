"""Errors, each way: `{object: error, message, type, param, code}`, and the forms of the gateway before it."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.retry_after import retry_after_s, spell_seconds
from offramp_providers.dialects.shapes import is_object, is_text
from offramp_providers.dialects.statuses import kind_of_status

_K = ProviderErrorKind

_KINDS: Final[Mapping[str, ProviderErrorKind]] = {
    # Types of the error object (recalled, not read; platform-docs-public tells statuses only, 2026-08-21).
    "invalid_model": _K.MODEL_NOT_FOUND,
    "service_tier_capacity_exceeded": _K.OVERLOADED,
    "rate_limited": _K.RATE_LIMITED,
    "internal_server_error": _K.SERVER,
}

_OF_TEXT: Final[tuple[tuple[str, ProviderErrorKind], ...]] = (
    # What a refused request's message holds, in lower case, and what it then means (recalled): no code tells it.
    ("maximum context length", _K.CONTEXT_EXCEEDED),
    ("too large for model with", _K.CONTEXT_EXCEEDED),
)

_REQUEST_IDS: Final = ("mistral-correlation-id", "x-kong-request-id")
"""Headers with the request's id: the vendor's own, as recorded, and its gateway's (recalled)."""

_WIRE: Final[Mapping[ProviderErrorKind, tuple[int, str]]] = {
    _K.OVERLOADED: (503, "service_tier_capacity_exceeded"),
    _K.SERVER: (500, "internal_server_error"),
    _K.TIMEOUT: (504, "internal_server_error"),
    _K.CONNECTION: (502, "internal_server_error"),
    _K.RATE_LIMITED: (429, "rate_limited"),
    _K.QUOTA_EXHAUSTED: (402, "invalid_request_error"),
    _K.MODEL_RETIRED: (404, "invalid_model"),
    _K.MODEL_NOT_FOUND: (404, "invalid_model"),
    _K.AUTHENTICATION: (401, "invalid_request_error"),
    _K.PERMISSION: (403, "invalid_request_error"),
    _K.SUSPENDED: (403, "invalid_request_error"),
    _K.REGION: (403, "invalid_request_error"),
    _K.INVALID_REQUEST: (400, "invalid_request_error"),
    _K.TOO_LARGE: (413, "invalid_request_error"),
    _K.CONTEXT_EXCEEDED: (400, "invalid_request_error"),
    _K.CONTENT_FILTER: (400, "invalid_request_error"),
    _K.STREAM_INTERRUPTED: (502, "internal_server_error"),
    _K.MALFORMED: (502, "internal_server_error"),
    _K.UNKNOWN: (500, "internal_server_error"),
}
"""Status and type by which a server of this dialect would say each kind."""


def is_error(body: Any) -> bool:
    """Whether the object is of one of the forms that say an error."""
    return is_object(body) and (body.get("object") == "error" or bool(body.get("error") or body.get("detail")))


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """The error that an HTTP answer means."""
    return _decode(status, headers, body, "before_first_output")


def decode_stream_error(body: JsonObject, phase: Phase) -> ProviderError:
    """The error that stands in a stream."""
    return _decode(None, {}, body, phase)


def _decode(status: int | None, headers: Mapping[str, str], body: Any, phase: Phase) -> ProviderError:
    told = _told(body)
    word = told.get("type") if is_text(told.get("type")) else None
    code = _code(told) or word
    shown = f" ({code})" if code else ""
    # The vendor's own message may quote the prompt, so it stays in the body.
    return ProviderError(
        f"the vendor answered {status}{shown}" if status is not None else f"the vendor broke off its answer{shown}",
        kind=_kind(status, word, told),
        status=status,
        vendor_code=code,
        request_id=next((headers[name] for name in _REQUEST_IDS if name in headers), None),
        retry_after_s=retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _told(body: Any) -> JsonObject:
    """The object that describes the error: the body, or one in it."""
    inner: Any = body.get("error") if is_object(body) else None
    return inner if is_object(inner) else body if is_object(body) else {}


def _code(told: JsonObject) -> str | None:
    code: Any = told.get("code")
    return code if is_text(code) else str(code) if type(code) is int else None


def _kind(status: int | None, word: str | None, told: JsonObject) -> ProviderErrorKind:
    if word is not None and word in _KINDS:
        return _KINDS[word]
    stated: Any = told.get("raw_status_code")
    kind = kind_of_status(stated if status is None else status)
    message: Any = told.get("message")
    if kind in (_K.INVALID_REQUEST, _K.UNKNOWN) and is_text(message):
        return next((meant for sign, meant in _OF_TEXT if sign in message.lower()), kind)
    return kind


def encode_error(error: ProviderError) -> EncodedResponse:
    """An error as a server of this dialect would send it; one that was read in this dialect, exactly."""
    status, word = _WIRE[error.kind]
    headers: dict[str, str] = {}
    if error.request_id is not None:
        headers[_REQUEST_IDS[0]] = error.request_id
    if error.retry_after_s is not None:
        headers["retry-after"] = spell_seconds(error.retry_after_s)
    body: Any = error.body
    if is_object(body) and (body.get("object") == "error" or "detail" in body):
        return EncodedResponse(body=body, status=error.status or status, headers=headers)
    message = f"{NAME}: {error.kind.value}"
    told = {"object": "error", "message": message, "type": word, "param": None, "code": None}
    return EncodedResponse(body=told, status=status, headers=headers)
