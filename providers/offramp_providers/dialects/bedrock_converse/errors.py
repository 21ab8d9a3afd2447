"""Errors, each way. What went wrong is told by the exception's name, in a header or in the body; never by its text."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import JsonObject
from offramp_providers.dialects.aws_exceptions import KINDS, exception_name, is_exception
from offramp_providers.dialects.bedrock_converse.encoding import NAME
from offramp_providers.dialects.retry_after import retry_after_s
from offramp_providers.dialects.shapes import is_object
from offramp_providers.dialects.statuses import kind_of_status

_Kind = ProviderErrorKind

_WIRE: Final[Mapping[ProviderErrorKind, tuple[int, str]]] = {
    _Kind.OVERLOADED: (503, "ServiceUnavailableException"),
    _Kind.SERVER: (500, "InternalServerException"),
    _Kind.TIMEOUT: (408, "ModelTimeoutException"),
    _Kind.CONNECTION: (503, "ServiceUnavailableException"),
    _Kind.RATE_LIMITED: (429, "ThrottlingException"),
    _Kind.QUOTA_EXHAUSTED: (400, "ServiceQuotaExceededException"),
    _Kind.MODEL_RETIRED: (404, "ResourceNotFoundException"),
    _Kind.MODEL_NOT_FOUND: (404, "ResourceNotFoundException"),
    _Kind.AUTHENTICATION: (403, "UnrecognizedClientException"),
    _Kind.PERMISSION: (403, "AccessDeniedException"),
    _Kind.SUSPENDED: (403, "AccessDeniedException"),
    _Kind.REGION: (403, "AccessDeniedException"),
    _Kind.INVALID_REQUEST: (400, "ValidationException"),
    _Kind.TOO_LARGE: (413, "RequestEntityTooLargeException"),
    _Kind.CONTEXT_EXCEEDED: (400, "ValidationException"),
    _Kind.CONTENT_FILTER: (400, "ValidationException"),
    _Kind.STREAM_INTERRUPTED: (500, "InternalServerException"),
    _Kind.MALFORMED: (424, "ModelErrorException"),
    _Kind.UNKNOWN: (500, "InternalServerException"),
}
"""Status and name by which a server of this dialect would say each kind."""

_IN_STREAMS: Final = frozenset(
    {
        "internalServerException",
        "modelStreamErrorException",
        "validationException",
        "throttlingException",
        "serviceUnavailableException",
    }
)
_OWN_KEYS: Final = frozenset(
    {"message", "Message", "__type", "originalStatusCode", "originalMessage", "resourceName", "p"}
)


def decode_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """The error that an HTTP answer means."""
    name = exception_name(headers, body)
    # The vendor's own message may quote the prompt, so it stays in the body.
    return ProviderError(
        f"the vendor answered with status {status}" + (f" ({name})" if name in KINDS else ""),
        kind=KINDS.get(name or "") or kind_of_status(status),
        status=status,
        vendor_code=name,
        request_id=headers.get("x-amzn-requestid"),
        retry_after_s=retry_after_s(headers),
        body=body,
    )


def encode_error(error: ProviderError) -> EncodedResponse:
    """The error as a server of this dialect gives it."""
    status, name = _WIRE[error.kind]
    headers: dict[str, str] = {}
    if not _is_own(error):
        headers["x-amzn-errortype"] = name
    elif error.vendor_code is not None:
        headers["x-amzn-errortype"] = error.vendor_code
    if error.request_id is not None:
        headers["x-amzn-requestid"] = error.request_id
    if error.retry_after_s is not None:
        headers["retry-after"] = f"{error.retry_after_s:g}"
    return EncodedResponse(body=_body(error), status=error.status or status, headers=headers)


def encode_stream_error(error: ProviderError) -> tuple[str, JsonObject]:
    """The exception in a stream: its name and what it says."""
    if _is_own(error) and is_exception(error.vendor_code):
        return error.vendor_code or "", _body(error)
    name = _WIRE[error.kind][1]
    name = name[:1].lower() + name[1:]
    return name if name in _IN_STREAMS else "modelStreamErrorException", _body(error)


def _is_own(error: ProviderError) -> bool:
    body: Any = error.body
    return is_object(body) and bool(body) and body.keys() <= _OWN_KEYS


def _body(error: ProviderError) -> JsonObject:
    """The error's own body where it is of this dialect, else one that says its kind in our words."""
    body: Any = error.body
    return body if _is_own(error) else {"message": f"{NAME}: {error.kind.value}"}
