"""What the failures of aiohttp mean. None of its own texts is passed on: they may quote a URL or a header.

Imports aiohttp, so it is itself imported at the first call only.
"""

import errno

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError, LineTooLong

from offramp.errors import ProviderErrorKind
from offramp_providers.meaning import Meaning, caused_by
from offramp_providers.proxy_tunnel import ProxyFailure


def meaning_of_head(error: BaseException | None, origin: str) -> Meaning:
    """Of a failure before the answer's head has come.

    Args:
        error: as it was raised.
        origin: whom the connection is for.
    """
    match error:
        case ProxyFailure():
            return error.meaning
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return Meaning(
                ProviderErrorKind.CONNECTION,
                f"no trusted TLS connection to {origin}",
                mend="check the address, the clock and the certificate authorities of this machine",
            )
        case aiohttp.ClientConnectorError():
            why = errno.errorcode.get(error.errno or 0) or type(error.os_error).__name__
            return Meaning(ProviderErrorKind.CONNECTION, f"cannot connect to {origin} ({why})")
        case HttpProcessingError() if caused_by(error, LineTooLong):
            return Meaning(ProviderErrorKind.TOO_LARGE, "the answer's head is larger than the transport's limit")
        case HttpProcessingError():
            return Meaning(ProviderErrorKind.MALFORMED, "what answered does not speak HTTP")
        case ValueError():
            return Meaning(ProviderErrorKind.INVALID_REQUEST, "the request's head cannot be written as HTTP")
        case _:
            return Meaning(ProviderErrorKind.CONNECTION, "the connection closed before an answer")


def meaning_of_body(error: BaseException | None) -> Meaning:
    """Of a failure while the answer's body arrives."""
    if error is not None and caused_by(error, ContentEncodingError):
        return Meaning(ProviderErrorKind.MALFORMED, "the answer's compression cannot be undone")
    return Meaning(ProviderErrorKind.STREAM_INTERRUPTED, "the connection closed before the answer's end")
