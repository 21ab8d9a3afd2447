"""Errors, each way: the status of Google's RPC, with typed details."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.gemini.encoding import NAME
from offramp_providers.dialects.retry_after import retry_after_s
from offramp_providers.dialects.shapes import is_list, is_object
from offramp_providers.dialects.statuses import kind_of_status

_Kind = ProviderErrorKind

_OF_STATUS: Final[Mapping[str, ProviderErrorKind]] = {
    "INVALID_ARGUMENT": _Kind.INVALID_REQUEST,
    "FAILED_PRECONDITION": _Kind.INVALID_REQUEST,
    "OUT_OF_RANGE": _Kind.INVALID_REQUEST,
    "ALREADY_EXISTS": _Kind.INVALID_REQUEST,
    "UNAUTHENTICATED": _Kind.AUTHENTICATION,
    "PERMISSION_DENIED": _Kind.PERMISSION,
    "NOT_FOUND": _Kind.INVALID_REQUEST,
    "RESOURCE_EXHAUSTED": _Kind.RATE_LIMITED,
    "ABORTED": _Kind.SERVER,
    "INTERNAL": _Kind.SERVER,
    "DATA_LOSS": _Kind.SERVER,
    "UNKNOWN": _Kind.SERVER,
    "UNAVAILABLE": _Kind.OVERLOADED,
    "DEADLINE_EXCEEDED": _Kind.TIMEOUT,
    "CANCELLED": _Kind.TIMEOUT,
}
"""Google's own words for an RPC's status (google.rpc.Code; recalled, except for those that are recorded)."""

_OF_REASON: Final[Mapping[str, ProviderErrorKind]] = {
    "API_KEY_INVALID": _Kind.AUTHENTICATION,
    "API_KEY_EXPIRED": _Kind.AUTHENTICATION,
    "CREDENTIALS_MISSING": _Kind.AUTHENTICATION,
    "ACCESS_TOKEN_EXPIRED": _Kind.AUTHENTICATION,
    "CONSUMER_SUSPENDED": _Kind.SUSPENDED,
    "BILLING_DISABLED": _Kind.QUOTA_EXHAUSTED,
    "LOCATION_POLICY_VIOLATED": _Kind.REGION,
}
"""Reasons of an `ErrorInfo` (the first is recorded; the others are recalled from googleapis' error_reason.proto)."""

_OF_TEXT: Final[tuple[tuple[str, re.Pattern[str], ProviderErrorKind], ...]] = (
    # (status, what the message holds, what it then means): where the vendor has no code of its own for it.
    ("NOT_FOUND", re.compile(r"no longer available|has been (shut down|retired)", re.I), _Kind.MODEL_RETIRED),
    ("NOT_FOUND", re.compile(r"\bmodels?/|publisher model", re.I), _Kind.MODEL_NOT_FOUND),
    ("FAILED_PRECONDITION", re.compile(r"location is not supported", re.I), _Kind.REGION),
    ("FAILED_PRECONDITION", re.compile(r"\bbilling\b", re.I), _Kind.QUOTA_EXHAUSTED),
    ("INVALID_ARGUMENT", re.compile(r"exceeds the maximum number of tokens", re.I), _Kind.CONTEXT_EXCEEDED),
    ("INVALID_ARGUMENT", re.compile(r"payload size exceeds", re.I), _Kind.TOO_LARGE),
)

_WIRE: Final[Mapping[ProviderErrorKind, tuple[int, str]]] = {
    _Kind.OVERLOADED: (503, "UNAVAILABLE"),
    _Kind.SERVER: (500, "INTERNAL"),
    _Kind.TIMEOUT: (504, "DEADLINE_EXCEEDED"),
    _Kind.CONNECTION: (503, "UNAVAILABLE"),
    _Kind.RATE_LIMITED: (429, "RESOURCE_EXHAUSTED"),
    _Kind.QUOTA_EXHAUSTED: (429, "RESOURCE_EXHAUSTED"),
    _Kind.MODEL_RETIRED: (404, "NOT_FOUND"),
    _Kind.MODEL_NOT_FOUND: (404, "NOT_FOUND"),
    _Kind.AUTHENTICATION: (401, "UNAUTHENTICATED"),
    _Kind.PERMISSION: (403, "PERMISSION_DENIED"),
    _Kind.SUSPENDED: (403, "PERMISSION_DENIED"),
    _Kind.REGION: (400, "FAILED_PRECONDITION"),
    _Kind.INVALID_REQUEST: (400, "INVALID_ARGUMENT"),
    _Kind.TOO_LARGE: (413, "INVALID_ARGUMENT"),
    _Kind.CONTEXT_EXCEEDED: (400, "INVALID_ARGUMENT"),
    _Kind.CONTENT_FILTER: (400, "INVALID_ARGUMENT"),
    _Kind.STREAM_INTERRUPTED: (500, "INTERNAL"),
    _Kind.MALFORMED: (500, "INTERNAL"),
    _Kind.UNKNOWN: (500, "UNKNOWN"),
}
"""Status and word by which a server of this dialect would say each kind."""

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)s")


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """The error that an HTTP answer means. A stream that never began answers with it in a list."""
    return _decode(status, headers, body, "before_first_output")


def decode_stream_error(body: JsonObject, phase: Phase) -> ProviderError:
    """The error that stands in a stream."""
    return _decode(None, {}, body, phase)


def _decode(status: int | None, headers: Mapping[str, str], body: Any, phase: Phase) -> ProviderError:
    error = _error_in(body)
    word = _text(error, "status")
    place = f"status {status}" if status is not None else "an error in the stream"
    waited = _retry_delay_s(error)
    # The vendor's own message may quote the prompt, so it stays in the body.
    return ProviderError(
        f"the vendor answered with {place}" + (f" ({word})" if word in _OF_STATUS else ""),
        kind=_classify(status, word, error),
        status=status,
        vendor_code=word,
        retry_after_s=waited if waited is not None else retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _error_in(body: Any) -> JsonObject:
    holder: Any = body[0] if is_list(body) and body else body
    error: Any = holder.get("error") if is_object(holder) else None
    return error if is_object(error) else {}


def _text(holder: JsonObject, key: str) -> str | None:
    found: Any = holder.get(key)
    return found if type(found) is str else None


def _details(error: JsonObject, kind: str) -> Iterator[JsonObject]:
    found: Any = error.get("details")
    for each in found if is_list(found) else ():
        if is_object(each) and str(each.get("@type", "")).endswith(f"google.rpc.{kind}"):
            yield each


def _retry_delay_s(error: JsonObject) -> float | None:
    for detail in _details(error, "RetryInfo"):
        found = _DURATION.fullmatch(_text(detail, "retryDelay") or "")
        if found is not None:
            return float(found[1])
    return None


def _classify(status: int | None, word: str | None, error: JsonObject) -> ProviderErrorKind:
    for detail in _details(error, "ErrorInfo"):
        reason = _text(detail, "reason")
        if reason is not None and reason in _OF_REASON:
            return _OF_REASON[reason]
    if word == "RESOURCE_EXHAUSTED" and _is_spent(error):
        return _Kind.QUOTA_EXHAUSTED
    message = _text(error, "message") or ""
    for known, sign, kind in _OF_TEXT:
        if word == known and sign.search(message):
            return kind
    if status == 413:
        return _Kind.TOO_LARGE
    if word is not None and word in _OF_STATUS:
        return _OF_STATUS[word]
    return kind_of_status(error.get("code") if status is None else status)


def _is_spent(error: JsonObject) -> bool:
    """Whether a quota of a day or longer is gone, which no retry within the minute brings back."""
    for detail in _details(error, "QuotaFailure"):
        violations: Any = detail.get("violations")
        for each in violations if is_list(violations) else ():
            if is_object(each) and "PerDay" in str(each.get("quotaId", "")):
                return True
    return False


def encode_error(error: ProviderError) -> EncodedResponse:
    """The error as a server of this dialect gives it."""
    status, _ = _WIRE[error.kind]
    return EncodedResponse(body=encode_error_body(error), status=error.status or status)


def encode_error_body(error: ProviderError) -> JsonObject:
    """The error's own body where it is of this dialect, else one that says its kind in our words."""
    if is_object(error.body) and "status" in _error_in(error.body):
        return error.body
    code, word = _WIRE[error.kind]
    details: list[JsonObject] = []
    if error.retry_after_s is not None:
        delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{error.retry_after_s:g}s"}
        details.append(delay)
    body: JsonObject = {"code": error.status or code, "message": f"{NAME}: {error.kind.value}", "status": word}
    return {"error": {**body, "details": details} if details else body}
