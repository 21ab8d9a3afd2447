"""Errors: `{"error": {message, type, param, code}}` and the forms that hosts have made of it."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.openai_errors import CODES, code_of, encode_error_as, error_of, kind_of_word
from offramp_providers.dialects.shapes import is_object, is_text
from offramp_providers.dialects.statuses import kind_of_status

_K = ProviderErrorKind

_KINDS: Final[Mapping[str, ProviderErrorKind]] = {**CODES, "ratelimitreached": _K.RATE_LIMITED}
"""By the lower-case code or type, the code first."""

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
    kind = _kind(told, status)
    return error_of(body, code=code_of(told), kind=kind, status=status, headers=headers, phase=phase)


def _told(body: Any) -> JsonObject:
    """The object that describes the error, wherever the host has put it."""
    if not is_object(body):
        return {"message": body} if is_text(body) else {}
    inner: Any = body.get("error")
    if is_object(inner):
        return inner
    return {"message": inner} if is_text(inner) else body


def _kind(told: JsonObject, status: int | None) -> ProviderErrorKind:
    inner: Any = told.get("innererror") or told.get("inner_error")
    for where in (told, inner if is_object(inner) else {}):
        known = kind_of_word(where, _KINDS)
        if known is not None:
            return _refined(known, told)
    numbered: Any = told.get("code")
    if status is None:
        status = numbered if type(numbered) is int else told.get("status_code")
    kind = kind_of_status(status)
    if kind is _K.UNKNOWN and told.get("type") == "invalid_request_error":
        kind = _K.INVALID_REQUEST
    return _refined(kind, told)


def _refined(kind: ProviderErrorKind, told: JsonObject) -> ProviderErrorKind:
    message: Any = told.get("message")
    if kind in _TOLD_BY_MESSAGE and is_text(message):
        lowered = message.lower()
        for words, told_kind in _BY_MESSAGE:
            if words in lowered:
                return told_kind
    return kind


def encode_error(error: ProviderError) -> EncodedResponse:
    """An error as a server of this dialect would send it; one that was read in this dialect, exactly."""
    body: Any = error.body
    return encode_error_as(error, own=is_object(body) and "error" in body and body.get("type") != "error")
