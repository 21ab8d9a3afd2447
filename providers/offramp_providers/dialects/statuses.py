"""What an HTTP status means where nothing else tells the kind of an error."""

from collections.abc import Mapping
from typing import Final

from offramp.errors import ProviderErrorKind

_K = ProviderErrorKind

_KINDS: Final[Mapping[int, ProviderErrorKind]] = {
    400: _K.INVALID_REQUEST,
    401: _K.AUTHENTICATION,
    402: _K.QUOTA_EXHAUSTED,
    403: _K.PERMISSION,
    404: _K.INVALID_REQUEST,
    405: _K.INVALID_REQUEST,
    408: _K.TIMEOUT,
    409: _K.INVALID_REQUEST,
    413: _K.TOO_LARGE,
    415: _K.INVALID_REQUEST,
    422: _K.INVALID_REQUEST,
    429: _K.RATE_LIMITED,
    451: _K.REGION,
    503: _K.OVERLOADED,
    504: _K.TIMEOUT,
    529: _K.OVERLOADED,
}


def kind_of_status(status: object) -> ProviderErrorKind:
    """The kind that a status alone tells; `unknown` where it is none, or says nothing."""
    if type(status) is not int:
        return _K.UNKNOWN
    return _KINDS.get(status, _K.SERVER if 500 <= status < 600 else _K.UNKNOWN)
