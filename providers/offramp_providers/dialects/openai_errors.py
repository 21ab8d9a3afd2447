"""Errors as OpenAI's dialects say them alike: `{"error": {message, type, param, code}}`."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.retry_after import retry_after_s, spell_seconds
from offramp_providers.dialects.shapes import is_text

_K = ProviderErrorKind

CODES: Final[Mapping[str, ProviderErrorKind]] = {
    # Codes and types, as recorded or as in openai-openapi 2.3.0 and the wire facts of 2026-11-23.
    "invalid_api_key": _K.AUTHENTICATION,
    "authentication_error": _K.AUTHENTICATION,
    "insufficient_quota": _K.QUOTA_EXHAUSTED,
    "credit_balance_exhausted": _K.QUOTA_EXHAUSTED,
    "billing_hard_limit_reached": _K.QUOTA_EXHAUSTED,
    "rate_limit_exceeded": _K.RATE_LIMITED,
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
    # The type that llama.cpp gives beside a number for a code (xllamacpp 2026.10.11549, tried 2026-11-26).
    "exceed_context_size_error": _K.CONTEXT_EXCEEDED,
}
"""By the lower-case code or type."""

STATUS_OF: Final[Mapping[ProviderErrorKind, tuple[int, str, str | None]]] = {
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
"""Status, type and code by which a server of these dialects would say each kind."""


def error_of(
    body: Any,
    *,
    code: str | None,
    kind: ProviderErrorKind,
    status: int | None,
    headers: Mapping[str, str],
    phase: Phase,
) -> ProviderError:
    """The error, when its kind is known. The vendor's own message may quote the prompt, so it stays in the body."""
    shown = f" ({code})" if code else ""
    what = f"the vendor answered {status}{shown}" if status is not None else f"the vendor broke off its answer{shown}"
    return ProviderError(
        what,
        kind=kind,
        status=status,
        vendor_code=code,
        request_id=headers.get("x-request-id") or headers.get("apim-request-id"),
        retry_after_s=retry_after_s(headers),
        phase=phase,
        body=body,
    )


def code_of(told: JsonObject) -> str | None:
    """The code, or else the type, as a text."""
    for key in ("code", "type"):
        found: Any = told.get(key)
        if is_text(found):
            return found
        if type(found) is int:
            return str(found)
    return None


def kind_of_word(told: JsonObject, kinds: Mapping[str, ProviderErrorKind]) -> ProviderErrorKind | None:
    """What the code, or else the type, is known to mean."""
    for key in ("code", "type"):
        word: Any = told.get(key)
        if type(word) is str and word.lower() in kinds:
            return kinds[word.lower()]
    return None


def encode_error_as(error: ProviderError, *, own: bool) -> EncodedResponse:
    """An error as a server of these dialects would send it.

    Args:
        error: the error.
        own: whether its body is of the dialect, and is sent exactly as it is.
    """
    status, kind, code = STATUS_OF[error.kind]
    headers: dict[str, str] = {}
    if error.request_id is not None:
        headers["x-request-id"] = error.request_id
    if error.retry_after_s is not None:
        headers["retry-after"] = spell_seconds(error.retry_after_s)
    body: Any = error.body
    if own:
        return EncodedResponse(body=body, status=error.status or status, headers=headers)
    told = {"message": error.what, "type": kind, "param": None, "code": code}
    return EncodedResponse(body={"error": told}, status=status, headers=headers)
