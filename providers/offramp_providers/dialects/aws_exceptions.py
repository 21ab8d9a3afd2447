"""Exceptions of AWS: told by a name, in a header or in the body, and in a stream by the name of a message."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.errors import Phase, ProviderError, ProviderErrorKind
from offramp_providers.dialects.shapes import is_object

_Kind = ProviderErrorKind

KINDS: Final[Mapping[str, ProviderErrorKind]] = {
    "AccessDeniedException": _Kind.PERMISSION,
    "ResourceNotFoundException": _Kind.MODEL_NOT_FOUND,
    "ValidationException": _Kind.INVALID_REQUEST,
    "ConflictException": _Kind.INVALID_REQUEST,
    "ThrottlingException": _Kind.RATE_LIMITED,
    "ServiceQuotaExceededException": _Kind.QUOTA_EXHAUSTED,
    "ModelNotReadyException": _Kind.OVERLOADED,
    "ModelTimeoutException": _Kind.TIMEOUT,
    "ModelErrorException": _Kind.SERVER,
    "ModelStreamErrorException": _Kind.SERVER,
    "InternalServerException": _Kind.SERVER,
    "ServiceUnavailableException": _Kind.OVERLOADED,
    # Those of every AWS service: who asks is not known, or did not sign as he should.
    **dict.fromkeys(
        (
            *("UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException"),
            *("IncompleteSignature", "InvalidClientTokenId", "MissingAuthenticationToken", "NotAuthorized"),
            *("MissingAuthenticationTokenException", "ExpiredTokenException", "ExpiredToken", "SignatureDoesNotMatch"),
            "RequestExpired",
        ),
        _Kind.AUTHENTICATION,
    ),
    "OptInRequired": _Kind.PERMISSION,
    "RequestEntityTooLargeException": _Kind.TOO_LARGE,
}
"""By the exception's name (botocore bedrock-runtime of 2026-08-07, read 2026-11-26; of the general ones,
UnrecognizedClientException is recorded, the others are recalled)."""


def exception_name(headers: Mapping[str, str], body: Any) -> str | None:
    """The exception that an HTTP answer names, whose header has `Name:URL` and whose body `namespace#Name`."""
    inside: Any = body.get("__type") if is_object(body) else None
    for told in (headers.get("x-amzn-errortype"), inside):
        name = told.partition(":")[0].rpartition("#")[2] if type(told) is str else ""
        if name:
            return name
    return None


def is_exception(event: str | None) -> bool:
    """Whether a message of this name is an error in the stream."""
    return event is not None and event.endswith("Exception")


def exception_in_stream(event: str, body: Any, *, phase: Phase = "mid_stream") -> ProviderError:
    """The error that it means. Its text may quote the prompt, so it stays in the body."""
    known = event[:1].upper() + event[1:]
    return ProviderError(
        "the vendor broke the stream off" + (f" ({known})" if known in KINDS else ""),
        kind=KINDS.get(known, _Kind.UNKNOWN),
        vendor_code=event,
        phase=phase,
        body=body,
    )
