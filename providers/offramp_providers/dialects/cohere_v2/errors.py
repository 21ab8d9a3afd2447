"""Errors: `{"id", "message"}`, with an `error_type` beside them now and then."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.retry_after import retry_after_s, spell_seconds
from offramp_providers.dialects.shapes import is_object, is_text
from offramp_providers.dialects.statuses import kind_of_status

_K = ProviderErrorKind

_BY_TYPE: Final[Mapping[str, ProviderErrorKind]] = {"TOO_MANY_TOKENS": _K.CONTEXT_EXCEEDED}
"""As recorded; most errors have no type."""

_BY_STATUS: Final[Mapping[int, ProviderErrorKind]] = {
    # What is peculiar to this vendor (cohere-openapi.yaml of 2026-08-20, read 2026-11-26).
    498: _K.CONTENT_FILTER,  # a deny-listed token in the request or the answer
    499: _K.TIMEOUT,  # cancelled; the vendor says to try again
    501: _K.INVALID_REQUEST,  # not implemented
}

_BY_MESSAGE: Final[tuple[tuple[int, str, ProviderErrorKind], ...]] = (
    # Status, words of the message, kind: where the vendor has no code of its own for it. The first and third are
    # documented (docs.cohere.com errors, read 2026-11-26), the others recalled.
    (400, "too many tokens: max tokens must", _K.INVALID_REQUEST),
    (404, "was removed on", _K.MODEL_RETIRED),
    (404, "not found, make sure the correct model", _K.MODEL_NOT_FOUND),
    (429, "api calls / month", _K.QUOTA_EXHAUSTED),
)
_TOO_LONG: Final = "too many tokens"


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
    told: JsonObject = body if is_object(body) else {}
    code, request_id = told.get("error_type"), told.get("id")
    shown = f" ({code})" if is_text(code) else ""
    # The vendor's own message may quote the prompt, so it stays in the body.
    what = f"the vendor answered {status}{shown}" if status is not None else f"the vendor broke off its answer{shown}"
    return ProviderError(
        what,
        kind=_kind(told, status),
        status=status,
        vendor_code=code if is_text(code) else None,
        request_id=request_id if is_text(request_id) else headers.get("x-debug-trace-id"),
        retry_after_s=retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _kind(told: JsonObject, status: int | None) -> ProviderErrorKind:
    code, message = told.get("error_type"), told.get("message")
    if is_text(code) and code in _BY_TYPE:
        return _BY_TYPE[code]
    lowered = message.lower() if is_text(message) else ""
    for known, words, kind in _BY_MESSAGE:
        if status == known and words in lowered:
            return kind
    if status == 400 and lowered.startswith(_TOO_LONG):
        return _K.CONTEXT_EXCEEDED
    return _BY_STATUS.get(status or 0) or kind_of_status(status)


_STATUS_OF: Final[Mapping[ProviderErrorKind, int]] = {
    _K.OVERLOADED: 503,
    _K.SERVER: 500,
    _K.TIMEOUT: 504,
    _K.CONNECTION: 502,
    _K.RATE_LIMITED: 429,
    _K.QUOTA_EXHAUSTED: 402,
    _K.MODEL_RETIRED: 404,
    _K.MODEL_NOT_FOUND: 404,
    _K.AUTHENTICATION: 401,
    _K.PERMISSION: 403,
    _K.SUSPENDED: 403,
    _K.REGION: 451,
    _K.INVALID_REQUEST: 400,
    _K.TOO_LARGE: 413,
    _K.CONTEXT_EXCEEDED: 400,
    _K.CONTENT_FILTER: 498,
    _K.STREAM_INTERRUPTED: 502,
    _K.MALFORMED: 502,
    _K.UNKNOWN: 500,
}
_MESSAGES: Final[Mapping[ProviderErrorKind, str]] = {
    # What a reader of this dialect goes by, where the status does not tell.
    _K.MODEL_RETIRED: "the model was removed on an earlier day",
    _K.MODEL_NOT_FOUND: "model not found, make sure the correct model ID was used",
}
_TYPE_OF: Final[Mapping[ProviderErrorKind, str]] = {kind: word for word, kind in _BY_TYPE.items()}
_FOREIGN_KEYS: Final = frozenset({"error", "type", "object", "detail", "__type"})
"""What bodies of other dialects hold that have a message too."""


def encode_error(error: ProviderError) -> EncodedResponse:
    """An error as a server of this dialect would send it; one that was read in this dialect, exactly."""
    headers: dict[str, str] = {}
    if error.retry_after_s is not None:
        headers["retry-after"] = spell_seconds(error.retry_after_s)
    body = encode_error_body(error)
    own = body is error.body and error.status is not None
    return EncodedResponse(
        body=body, status=error.status if own and error.status else _STATUS_OF[error.kind], headers=headers
    )


def encode_error_body(error: ProviderError) -> JsonObject:
    """The error's own body where it is of this dialect, else one that says its kind in our words."""
    body: Any = error.body
    if is_object(body) and type(body.get("message")) is str and _FOREIGN_KEYS.isdisjoint(body):
        return body
    told: JsonObject = {"message": _MESSAGES.get(error.kind, error.what)}
    if error.request_id is not None:
        told["id"] = error.request_id
    code = _TYPE_OF.get(error.kind, error.vendor_code)
    if code is not None:
        told["error_type"] = code
    return told
