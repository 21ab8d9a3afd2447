"""What it means that an endpoint answers a request with a known fault in it."""

from collections.abc import Collection

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, broken, held, unclear
from offramp_conformance.suite.sending import HungUp

_K = ProviderErrorKind
_FAULTS = range(400, 429)
"""Statuses that find fault with the request."""
_SAYS_NOTHING = frozenset({_K.RATE_LIMITED, _K.OVERLOADED, _K.CONNECTION, _K.QUOTA_EXHAUSTED, _K.SUSPENDED, _K.REGION})


def told_as(made: Exchanged, expected: Collection[ProviderErrorKind], fault: str) -> Observation:
    """Whether the fault is told as one of these kinds.

    Args:
        made: the exchange with the fault in its request.
        expected: kinds that name it.
        fault: as the subject of a sentence.
    """
    match made.error:
        case None:
            return broken(f"{fault} is answered as if nothing were wrong")
        case HungUp():
            return broken(f"{fault} makes it hang")
        case ProviderError(kind=kind) as error if kind in expected:
            return held(f"it is told as {kind}{_status(error)}")
        case ProviderError(answered_by="page", status=int() as status) if (
            _K.INVALID_REQUEST in expected and status in _FAULTS
        ):
            return held(f"it is told by a page, status {status}")
        case ProviderError(kind=kind) if kind in _SAYS_NOTHING:
            return unclear(f"it was not looked at: {kind}")
        case ProviderError(kind=kind) as error:
            return broken(f"{fault} is told as {kind}{_status(error)}")
        case error:
            return unclear(f"it was not looked at: {type(error).__name__}")


def _status(error: ProviderError) -> str:
    return "" if error.status is None else f", status {error.status}"
