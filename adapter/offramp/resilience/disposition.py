"""What follows an error: the only place that decides whether a call is retried, falls back, or ends.

It does not look at the status or the text of an error, only at its type, kind and phase, and at whose word it is. What
it does not know ends the call: a model's refusal or a policy denial in unknown clothes must not be asked again
elsewhere.
"""

from dataclasses import KW_ONLY, replace
from typing import Final, Literal, TypeAlias, assert_never

from offramp.errors import Phase, Prohibited, ProviderError, ProviderErrorKind, ServedModelMismatch
from offramp.types import value

Step: TypeAlias = Literal["retry", "fall_back", "give_up"]
"""`retry`: the same endpoint again. `fall_back`: the next endpoint. `give_up`: raise the error."""

Health: TypeAlias = Literal["failing", "answering", "unknown"]
"""What an error says of the endpoint behind it: it fails; it is there, and said no; or nothing."""


@value
class Disposition:
    """What may follow an error."""

    step: Step
    """What to do now."""
    _: KW_ONLY
    falls_back: bool
    """Whether the next endpoint may be asked once retries are over. False: no other endpoint, ever, for this call."""
    excludes: Literal["developer"] | None = None
    """Which part of the failed identity must not be asked through another account, host or reseller either."""
    interrupts: bool = False
    """Whether output had begun: the caller gets `Interrupted` with what had arrived, and nothing is sent again."""
    resumes: bool = False
    """Whether an interrupted turn may be resumed, also elsewhere. False: the fault is an answer, or could be one."""
    health: Health = "unknown"
    """What a breaker makes of it."""
    why: str
    """One sentence for a person."""


def disposition_of(error: BaseException, *, phase: Phase = "before_first_output") -> Disposition:
    """Decide what follows an error.

    Args:
        error: whatever the call raised.
        phase: `mid_stream` where output had begun, whatever the error itself says of it.
    """
    match error:
        case ProviderError():
            begun = "mid_stream" in (phase, error.phase)
            if error.answered_by == "proxy" and _of_kind(error.kind) is _STANDING:
                return _BARRED
            return _in_mid_stream(_of_kind(error.kind), error.kind) if begun else _of_kind(error.kind)
        case Prohibited():
            return _of_order(error, begun=phase == "mid_stream")
        case _:
            return _FINAL


def may_be_an_answer(error: BaseException) -> bool:
    """Whether the vendor has answered, or may have: then the turn is over, and nobody asks it again."""
    if isinstance(error, ProviderError):
        return _of_kind(error.kind) in (_ANSWER, _UNCLEAR) and error.kind is not ProviderErrorKind.STREAM_INTERRUPTED
    return isinstance(error, ServedModelMismatch)


def _of_order(error: Prohibited, *, begun: bool) -> Disposition:
    if error.selector is None:
        return _UNREADABLE
    return _ORDER_IN_MID_STREAM if begun else _ORDER


def _in_mid_stream(before: Disposition, kind: ProviderErrorKind) -> Disposition:
    """Nothing is sent again once output has begun; whether the turn may be resumed depends on the kind."""
    resumes = before.falls_back or kind is ProviderErrorKind.STREAM_INTERRUPTED
    return replace(before, step="give_up", falls_back=False, excludes=None, interrupts=resumes, resumes=resumes)


def _of_kind(kind: ProviderErrorKind) -> Disposition:  # noqa: C901  # one line a kind, in one place on purpose
    match kind:
        case ProviderErrorKind.OVERLOADED:
            return _TRANSIENT
        case ProviderErrorKind.SERVER:
            return _TRANSIENT
        case ProviderErrorKind.CONNECTION:
            return _TRANSIENT
        case ProviderErrorKind.RATE_LIMITED:
            return _RATE_LIMITED
        case ProviderErrorKind.TIMEOUT:
            return _SLOW
        case ProviderErrorKind.MODEL_RETIRED:
            return _RETIRED
        case ProviderErrorKind.QUOTA_EXHAUSTED:
            return _EXHAUSTED
        case ProviderErrorKind.CONTENT_FILTER:
            return _ANSWER
        case (
            ProviderErrorKind.AUTHENTICATION
            | ProviderErrorKind.PERMISSION
            | ProviderErrorKind.SUSPENDED
            | ProviderErrorKind.REGION
        ):
            return _STANDING
        case (
            ProviderErrorKind.INVALID_REQUEST
            | ProviderErrorKind.TOO_LARGE
            | ProviderErrorKind.CONTEXT_EXCEEDED
            | ProviderErrorKind.MODEL_NOT_FOUND
        ):
            return _CALLER
        case ProviderErrorKind.STREAM_INTERRUPTED | ProviderErrorKind.MALFORMED | ProviderErrorKind.UNKNOWN:
            return _UNCLEAR
        case _:
            assert_never(kind)


_TRANSIENT: Final = Disposition(
    "retry", falls_back=True, health="failing", why="the fault is the vendor's, and usually passes"
)
_RATE_LIMITED: Final = Disposition(
    "retry", falls_back=True, health="answering", why="the vendor asks us to come back later"
)
# One timeout has already cost the longest wait that the endpoint was given, and the vendor may still be at work on the
# request: asking there again would double the wait and the load.
_SLOW: Final = Disposition("fall_back", falls_back=True, health="failing", why="the endpoint did not answer in time")
_RETIRED: Final = Disposition("fall_back", falls_back=True, health="answering", why="the model is no longer served")
_EXHAUSTED: Final = Disposition(
    "fall_back",
    falls_back=True,
    excludes="developer",
    health="answering",
    why="the quota is used up; the same developer's models are not asked through another account or reseller",
)
_ANSWER: Final = Disposition(
    "give_up", falls_back=False, health="answering", why="a filter's decision is an answer; it is not asked elsewhere"
)
_STANDING: Final = Disposition(
    "give_up", falls_back=False, health="answering", why="the vendor does not serve this account here; a person decides"
)
_BARRED: Final = Disposition(
    "fall_back", falls_back=True, why="the proxy lets nothing through to this host; nothing has reached the vendor"
)
_CALLER: Final = Disposition(
    "give_up", falls_back=False, health="answering", why="the request or the configuration is at fault"
)
_UNCLEAR: Final = Disposition(
    "give_up", falls_back=False, why="it is not known whether an answer was given, so none is asked for again"
)
_ORDER: Final = Disposition("fall_back", falls_back=True, why="an order stops this endpoint; an order is not a refusal")
_ORDER_IN_MID_STREAM: Final = Disposition(
    "give_up", falls_back=False, interrupts=True, resumes=True, why="an order cut the answer off"
)
# Without the order's own words nobody knows which endpoints it stops.
_UNREADABLE: Final = Disposition(
    "give_up", falls_back=False, why="permission could not be read, so that every endpoint is stopped"
)
_FINAL: Final = Disposition("give_up", falls_back=False, why="not a failure of the vendor's")
