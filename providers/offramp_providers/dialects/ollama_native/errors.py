"""Errors, each way: a sentence and no code. In a stream it stands on a line of its own, under status 200."""

import re
from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.arguments import load_json
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.retry_after import retry_after_s, spell_seconds
from offramp_providers.dialects.shapes import is_object
from offramp_providers.dialects.statuses import kind_of_status

_K = ProviderErrorKind

_TYPES: Final[Mapping[str, ProviderErrorKind]] = {"exceed_context_size_error": _K.CONTEXT_EXCEEDED}
"""Words of the engine below, whose error is handed on as a text (a third party's measurement of Ollama 0.33.3 of
2026-10-01, read 2026-11-26)."""

_SIGNS: Final[tuple[tuple[re.Pattern[str], ProviderErrorKind], ...]] = (
    # The server has no codes, so these sentences are all there is to tell.
    (re.compile(r"^model .* not found"), _K.MODEL_NOT_FOUND),  # routes.go at 00188139, and a recording
    # The first as a third party has measured it; the second from bug reports. Both read 2026-11-26.
    (re.compile(r"prompt is longer than the context length"), _K.CONTEXT_EXCEEDED),
    (re.compile(r"input length exceeds the context length"), _K.CONTEXT_EXCEEDED),
)

_STATUSES: Final[Mapping[ProviderErrorKind, int]] = {
    _K.OVERLOADED: 503,
    _K.TIMEOUT: 504,
    _K.CONNECTION: 502,
    _K.RATE_LIMITED: 429,
    _K.QUOTA_EXHAUSTED: 429,
    _K.MODEL_RETIRED: 404,
    _K.MODEL_NOT_FOUND: 404,
    _K.AUTHENTICATION: 401,
    _K.PERMISSION: 403,
    _K.SUSPENDED: 403,
    _K.REGION: 403,
    _K.INVALID_REQUEST: 400,
    _K.TOO_LARGE: 413,
    _K.CONTEXT_EXCEEDED: 400,
    _K.CONTENT_FILTER: 400,
}
"""The status by which a server of this dialect would say each kind; 500 for all others."""


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """The error that an HTTP answer means."""
    return _decode(status, headers, body, "before_first_output")


def decode_stream_error(body: JsonObject, phase: Phase) -> ProviderError:
    """The error that stands in a stream."""
    return _decode(None, {}, body, phase)


def is_error(data: JsonObject) -> bool:
    """Whether a line of a stream is an error, and no piece of the answer."""
    return type(data.get("error")) in (str, dict) and "message" not in data


def _decode(status: int | None, headers: Mapping[str, str], body: Any, phase: Phase) -> ProviderError:
    told: Any = body.get("error") if is_object(body) else None
    word = _type_within(told)
    place = f"status {status}" if status is not None else "an error in the stream"
    # The server's own sentence may quote the prompt, so it stays in the body.
    return ProviderError(
        f"the server answered with {place}" + (f" ({word})" if word in _TYPES else ""),
        kind=_classify(status, word, told),
        status=status,
        vendor_code=word,
        retry_after_s=retry_after_s(headers),
        phase=phase,
        body=body,
    )


def _type_within(told: Any) -> str | None:
    """The word for the error that the engine below gave, whose whole answer stands in the sentence."""
    if type(told) is not str or not told.startswith("{"):
        return None
    try:
        inner: Any = load_json(told)
    except ValueError:
        return None
    error: Any = inner.get("error") if is_object(inner) else None
    word: Any = error.get("type") if is_object(error) else None
    return word if type(word) is str else None


def _classify(status: int | None, word: str | None, told: Any) -> ProviderErrorKind:
    if word is not None and word in _TYPES:
        return _TYPES[word]
    if type(told) is str:
        for sign, kind in _SIGNS:
            if sign.search(told):
                return kind
    return kind_of_status(status)


def encode_error(error: ProviderError) -> EncodedResponse:
    """The error as a server of this dialect gives it."""
    status = _STATUSES.get(error.kind, 500)
    wait = {} if error.retry_after_s is None else {"retry-after": spell_seconds(error.retry_after_s)}
    return EncodedResponse(body=encode_error_body(error), headers=wait, status=error.status or status)


def encode_error_body(error: ProviderError) -> JsonObject:
    """The error's own body where it is of this dialect, else one that says its kind in our words."""
    if is_object(error.body) and type(error.body.get("error")) is str:
        return error.body
    return {"error": f"{NAME}: {error.kind.value}"}
