"""Is it an answer, a refusal, or neither? Decided once, here."""

import hashlib
import hmac
from typing import Final

from offramp.errors import (
    ConfigurationError,
    OfframpError,
    OutputInvalid,
    ProviderError,
    ProviderErrorKind,
)
from offramp.json_form import dump
from offramp.types import AnyResponse, OutcomeKind, Refusal, value
from offramp_conformance.parity.results import AnswerOutcome

_REFUSALS: Final = (OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER)
_NO_ANSWERS: Final = (OutcomeKind.PAUSED, OutcomeKind.CANCELLED, OutcomeKind.ERROR)


@value
class Came:
    """What came back when a question was asked."""

    outcome: AnswerOutcome
    reason: str | None = None
    response: AnyResponse | None = None


def came_back(response: AnyResponse) -> Came:
    """A refusal in any of its forms is one; an answer that was cut short by its own limit is still an answer."""
    kind = response.outcome.kind
    if kind in _REFUSALS or any(isinstance(part, Refusal) for part in response.message.parts):
        return Came("refused", kind.value if kind in _REFUSALS else "refusal", response)
    if kind in _NO_ANSWERS:
        return Came("not_tried", kind.value, response)
    if response.message.status == "interrupted":
        return Came("not_tried", "interrupted", response)
    return Came("answered", None, response)


def was_raised(error: Exception) -> Came:
    """Of an error in place of an answer.

    Raises:
        ConfigurationError: the error is one. No vendor is to blame for it.
    """
    match error:
        case ConfigurationError():
            raise error
        case ProviderError(kind=ProviderErrorKind.CONTENT_FILTER):
            return Came("refused", "content_filter")
        case OutputInvalid(response=response) if response is not None:
            return came_back(response)
        case ProviderError():
            return Came("not_tried", f"{type(error).__name__}: {error.kind.value}")
        case _:
            ours = "" if isinstance(error, OfframpError) else "raised "
            return Came("not_tried", f"{ours}{type(error).__name__}")


def digest_of(response: AnyResponse, salt: bytes) -> str:
    """Keyed, so that nobody can try short answers against it."""
    return hmac.new(salt, dump(response.message), hashlib.sha256).hexdigest()
