"""What an endpoint has answered, before the dialect reads it: an object, events, an error, or nothing of the kind."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from offramp.contracts.dialect import Dialect
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.transport import HttpStream
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, JsonObject, OutcomeKind
from offramp_providers.dialects.shapes import are_objects
from offramp_providers.web_page import is_web_page, page_error
from offramp_providers.wire_json import decode_json, is_json_object


def object_of(
    endpoint: Endpoint, status: int, headers: Mapping[str, str], raw: bytes, *, bare_list: str | None = None
) -> JsonObject:
    """The JSON object that the answer is; a list stands under the key for one, where there is such a key.

    Raises:
        ProviderError: it is none.
    """
    try:
        body = decode_json(raw)
    except ProviderError as error:
        raise _malformed(endpoint, error.what, status, headers, kind=error.kind) from error
    if bare_list is not None and are_objects(body):
        return {bare_list: body}
    if not is_json_object(body):
        raise _malformed(endpoint, "its answer is no JSON object", status, headers)
    return body


def require_answer(endpoint: Endpoint, answer: AnyResponse, body: JsonObject, headers: Mapping[str, str]) -> None:
    """Let nothing pass for an answer that says neither a word nor how it ended: it is in another dialect, or in none.

    Raises:
        ProviderError: it is so.
    """
    if answer.message.parts or answer.outcome.kind is not OutcomeKind.UNKNOWN or answer.outcome.raw is not None:
        return
    keys = ", ".join([each for each in body if _KEY.fullmatch(each)][:8]) or "nothing that can be told"
    raise _malformed(
        endpoint,
        f"its answer is none of {endpoint.profile.dialect}: it holds {keys}",
        None,
        headers,
        mend="see whether base_url, path and dialect of this endpoint belong together",
    )


_KEY: Final = re.compile(r"[A-Za-z][\w.-]{0,39}", re.ASCII)
"""A key that is a word of some wire's, and nothing that somebody said."""


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
    status: int | None,
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
