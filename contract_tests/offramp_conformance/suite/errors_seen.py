"""What it means for a try that an error came where an answer was needed. The one place that says so."""

from typing import Final

from offramp.errors import OfframpError, Prohibited, ProviderError, ProviderErrorKind
from offramp_conformance.suite.observations import Observation, broken, inexcusable, rejected, unclear
from offramp_conformance.suite.sending import HungUp

_NOBODY_S_FAULT: Final = frozenset(
    {
        ProviderErrorKind.OVERLOADED,
        ProviderErrorKind.SERVER,
        ProviderErrorKind.CONNECTION,
        ProviderErrorKind.TIMEOUT,
        ProviderErrorKind.RATE_LIMITED,
        ProviderErrorKind.QUOTA_EXHAUSTED,
        ProviderErrorKind.AUTHENTICATION,
        ProviderErrorKind.PERMISSION,
        ProviderErrorKind.SUSPENDED,
        ProviderErrorKind.REGION,
        ProviderErrorKind.MODEL_NOT_FOUND,
        ProviderErrorKind.MODEL_RETIRED,
        ProviderErrorKind.CONTENT_FILTER,
        ProviderErrorKind.CONTEXT_EXCEEDED,
    }
)
"""They say nothing of what the check looks at."""

ENDS_THE_RUN: Final = frozenset(
    {
        ProviderErrorKind.AUTHENTICATION,
        ProviderErrorKind.QUOTA_EXHAUSTED,
        ProviderErrorKind.SUSPENDED,
        ProviderErrorKind.REGION,
        ProviderErrorKind.MODEL_NOT_FOUND,
        ProviderErrorKind.MODEL_RETIRED,
    }
)
"""Nothing else will be answered either, where an untampered request meets it."""

_REFUSED_FROM: Final = 400
"""Below this status it was an answer, not the question, that was at fault."""

WORTH_WAITING: Final = frozenset(
    {
        ProviderErrorKind.OVERLOADED,
        ProviderErrorKind.RATE_LIMITED,
        ProviderErrorKind.SERVER,
        ProviderErrorKind.CONNECTION,
    }
)
"""A later try may be answered."""


def sight_of_error(error: OfframpError, *, optional: bool) -> Observation:
    """What a try has seen that got this error.

    Args:
        error: in place of an answer.
        optional: whether the check is about something that an endpoint may lack.
    """
    match error:
        case HungUp():
            return broken(f"it hung: {error.what}")
        case Prohibited():
            return unclear("an order stops this endpoint")
        case ProviderError(kind=ProviderErrorKind.TOO_LARGE, status=status) if status is None or status < _REFUSED_FROM:
            return inexcusable("the answer is larger than a client takes")
        case ProviderError(kind=ProviderErrorKind.INVALID_REQUEST | ProviderErrorKind.TOO_LARGE):
            why = f"the request was refused: {_told(error)}"
            return rejected(why) if optional else broken(why)
        case ProviderError(kind=kind) if kind in _NOBODY_S_FAULT:
            return unclear(f"there was no answer: {_told(error)}")
        case ProviderError(kind=ProviderErrorKind.MALFORMED, status=status) if status is None or status < _REFUSED_FROM:
            return inexcusable(f"the answer could not be read: {_told(error)}")
        case ProviderError():
            return broken(f"the answer could not be read: {_told(error)}")
        case _:
            return unclear(f"there was no answer: {type(error).__name__}")


def _told(error: ProviderError) -> str:
    status = "" if error.status is None else f", status {error.status}"
    code = "" if error.vendor_code is None else f", {error.vendor_code[:80]}"
    return f"{error.kind}{status}{code}"
