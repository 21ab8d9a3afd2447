"""Errors: `{"error": {message, type, param, code}}`, the error of a failed answer, and the event of a stream."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.openai_errors import (
    CODES,
    STATUS_OF,
    code_of,
    encode_error_as,
    error_of,
    kind_of_word,
)
from offramp_providers.dialects.shapes import is_object, is_text
from offramp_providers.dialects.statuses import kind_of_status

_K = ProviderErrorKind

_KINDS: Final[Mapping[str, ProviderErrorKind]] = {
    **CODES,
    # openai-openapi 2.3.0, read 2026-11-23
    "vector_store_timeout": _K.TIMEOUT,
    "bio_policy": _K.CONTENT_FILTER,
    "image_content_policy_violation": _K.CONTENT_FILTER,
    "invalid_prompt": _K.CONTENT_FILTER,
    "data_residency_mismatch": _K.REGION,
    "invalid_encrypted_content": _K.INVALID_REQUEST,
    "previous_response_not_found": _K.INVALID_REQUEST,
}
"""By the lower-case code or type, the code first."""


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
    kind = _kind(told, status)
    return error_of(body, code=code_of(told), kind=kind, status=status, headers=headers, phase=phase)


def _told(body: Any) -> JsonObject:
    """The object that describes the error, wherever the host has put it."""
    if not is_object(body):
        return {}
    inner: Any = body.get("error")
    if is_text(inner):
        return {**body, "message": inner}
    return inner if is_object(inner) else body


def _kind(told: JsonObject, status: int | None) -> ProviderErrorKind:
    known = kind_of_word(told, _KINDS)
    if known is not None:
        return known
    if status is None:
        return _K.INVALID_REQUEST if told.get("type") == "invalid_request_error" else _K.UNKNOWN
    message: Any = told.get("message")
    if status == 400 and type(message) is str and message.startswith("Incorrect API key"):
        # A host that says so with 400 and a code of its own, as recorded.
        return _K.AUTHENTICATION
    return kind_of_status(status)


def encode_error(error: ProviderError) -> EncodedResponse:
    """An error as a server of this dialect would send it; one that was read in this dialect, exactly."""
    body: Any = error.body
    return encode_error_as(error, own=is_object(body) and "error" in body and "type" not in body)


def encode_stream_error(error: ProviderError) -> JsonObject:
    """The `error` event of a stream; one that was read in this dialect, exactly."""
    body: Any = error.body
    if is_object(body) and body.get("type") in ("error", "response.failed"):
        return body
    _, kind, code = STATUS_OF[error.kind]
    return {"type": "error", "code": code or kind, "message": error.what, "param": None}
