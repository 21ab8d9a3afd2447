"""What the failures of httpx mean. None of its own texts is passed on: they may quote a URL or a header.

Imports httpx, so it is itself imported at the first call only.
"""

import errno
import ssl
import zlib
from http import HTTPStatus
from typing import Final

import h11
import httpx

from offramp.errors import ProviderErrorKind
from offramp_providers.httpx_line import HeadTooLarge
from offramp_providers.meaning import Meaning, caused_by
from offramp_providers.proxy_tunnel import ProxyFailure

_TOO_LARGE: Final = Meaning(ProviderErrorKind.TOO_LARGE, "the answer's head is larger than the transport's limit")


def meaning_of_head(error: BaseException, origin: str) -> Meaning:
    """Of a failure before the answer's head has come.

    Args:
        error: as it was raised.
        origin: whom the connection is for.
    """
    failed = caused_by(error, ProxyFailure)
    if isinstance(failed, ProxyFailure):
        return failed.meaning
    if caused_by(error, ssl.SSLError):
        return Meaning(
            ProviderErrorKind.CONNECTION,
            f"no trusted TLS connection to {origin}",
            mend="check the address, the clock and the certificate authorities of this machine",
        )
    if caused_by(error, HeadTooLarge):
        return _TOO_LARGE
    if broken := caused_by(error, h11.RemoteProtocolError):
        return _meaning_of_broken_head(broken)
    match error:
        case httpx.ProxyError():
            return Meaning(ProviderErrorKind.CONNECTION, f"the proxy made no connection to {origin}")
        case httpx.ConnectError():
            return Meaning(ProviderErrorKind.CONNECTION, f"cannot connect to {origin}{_why(error)}")
        case httpx.TimeoutException():
            return Meaning(ProviderErrorKind.TIMEOUT, "no answer in time: the client's own bound has passed")
        case httpx.LocalProtocolError() | ValueError():
            return Meaning(ProviderErrorKind.INVALID_REQUEST, "the request's head cannot be written as HTTP")
        case _:
            return Meaning(ProviderErrorKind.CONNECTION, "the connection closed before an answer")


def meaning_of_body(error: BaseException) -> Meaning:
    """Of a failure while the answer's body arrives."""
    if caused_by(error, zlib.error):
        return Meaning(ProviderErrorKind.MALFORMED, "the answer's compression cannot be undone")
    if isinstance(error, httpx.TimeoutException):
        return Meaning(ProviderErrorKind.TIMEOUT, "no answer in time: the client's own bound has passed")
    return Meaning(ProviderErrorKind.STREAM_INTERRUPTED, "the connection closed before the answer's end")


def _meaning_of_broken_head(error: BaseException) -> Meaning:
    hint = getattr(error, "error_status_hint", None)
    if hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return _TOO_LARGE
    return Meaning(ProviderErrorKind.MALFORMED, "what answered does not speak HTTP")


def _why(error: BaseException) -> str:
    """The system's own word for it, where there is one."""
    cause = caused_by(error, OSError)
    if not isinstance(cause, OSError):
        return ""
    return f" ({errno.errorcode.get(cause.errno or 0) or type(cause).__name__})"


FAILURES: Final = (HeadTooLarge, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError)
"""What httpx and the system raise while bytes are exchanged."""
