"""What an endpoint has answered, before the dialect reads it: an object, events, an error, or nothing of the kind."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from offramp.contracts.dialect import Dialect
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.transport import HttpStream
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.web_page import is_web_page, page_error
from offramp_providers.wire_json import decode_json, is_json_object


def object_of(endpoint: Endpoint, status: int, headers: Mapping[str, str], raw: bytes) -> JsonObject:
    """The JSON object that the answer is.

    Raises:
        ProviderError: it is none.
    """
    try:
        body = decode_json(raw)
    except ProviderError as error:
        raise _malformed(endpoint, error.what, status, headers, kind=error.kind) from error
    if not is_json_object(body):
        raise _malformed(endpoint, "its answer is no JSON object", status, headers)
    return body


def require_events(endpoint: Endpoint, answer: HttpStream) -> None:
    """Let nothing pass for a stream that says it is none.

    Raises:
        ProviderError: it is a document.
    """
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in ("application/json", "text/html"):
        raise _malformed(
            endpoint,
            f"it answered a stream with {media_type}",
            answer.status,
            answer.headers,
            mend="ask without streaming, or set the capability `streaming` of this endpoint to unsupported",
        )


def vendor_error(
    endpoint: Endpoint, dialect: Dialect, status: int, headers: Mapping[str, str], raw: bytes
) -> ProviderError:
    """What an answer with an error's status means."""
    if is_web_page(headers):
        return page_error(status, headers, endpoint=endpoint.identity.endpoint)
    body: Any
    try:
        body = decode_json(raw)
    except ProviderError:
        body = raw.decode("utf-8", "replace")
    error = dialect.decode_error(status, headers, body).at(endpoint.identity.endpoint)
    if error.kind is ProviderErrorKind.MODEL_NOT_FOUND and _is_retired(endpoint):
        error.kind = ProviderErrorKind.MODEL_RETIRED
    return error


def _is_retired(endpoint: Endpoint) -> bool:
    """Whether the profile knows of the model's end: vendors say of a retired model only that there is none."""
    retires = endpoint.facts.retires if endpoint.facts else None
    return retires is not None and retires <= datetime.now(UTC).date()


def _malformed(
    endpoint: Endpoint,
    what: str,
    status: int,
    headers: Mapping[str, str],
    *,
    kind: ProviderErrorKind = ProviderErrorKind.MALFORMED,
    mend: str | None = None,
) -> ProviderError:
    return ProviderError(
        what,
        kind=kind,
        status=status,
        request_id=headers.get("request-id") or headers.get("x-request-id"),
        endpoint=endpoint.identity.endpoint,
        mend=mend,
        answered_by="page" if is_web_page(headers) else "vendor",
    )
