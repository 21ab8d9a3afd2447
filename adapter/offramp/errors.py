"""Every error that Offramp raises, in one tree.

OfframpError
├── ConfigurationError            a setup mistake: file, key, mend; never retried
│   └── MissingExtraError         an optional part is not installed
├── PolicyDenied                  a policy contract forbids the call, or permits it nowhere
│   └── ApprovalNeeded            a person has to approve this very call first
├── Prohibited                    an order in force stops this endpoint
├── CapabilityError               the endpoint cannot do what was asked
│   ├── LossExceeded              it could, but would lose more than `max_loss` allows
│   └── Unsupported               it has no such call at all: no counting, no embeddings, no list of models
├── ProviderError                 the vendor failed, or could not be reached
├── Interrupted                   an answer was cut off; carries what had arrived
├── DeadlineExceeded              the call's own deadline passed
├── OutputInvalid                 the answer does not fit the type that was asked for
├── ServedModelMismatch           another model than the one asked for has answered
├── ToolError                     a tool could not be run, or its fate is not known
│   └── MaxTurnsExceeded          the loop over tool calls did not come to an end
├── SessionError                  the conversation is not in a state that allows this
└── StateError                    a store could not be read or written; permission then fails closed

Each carries data, not only prose. No message holds a secret or prompt text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from offramp.types.losses import Loss
    from offramp.types.responses import AnyResponse


class OfframpError(Exception):
    """The root: says what happened, where, and how to mend it."""

    def __init__(self, what: str, *, where: str | None = None, mend: str | None = None) -> None:
        self.what = what
        """What happened, to whom."""
        self.where = where
        """File and line, key, endpoint or conversation; None where there is only one place it can be."""
        self.mend = mend
        """What to do about it."""
        place = f"{where}: " if where else ""
        advice = f". {mend[0].upper()}{mend[1:].removesuffix('.')}." if mend else ""
        super().__init__(f"{place}{what.removesuffix('.') if mend else what}{advice}")

    def __reduce__(self) -> tuple[object, ...]:
        """Let it cross to another process whole: the arguments of the constructors differ by class."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[OfframpError], args: tuple[object, ...]) -> OfframpError:
    return kind.__new__(kind, *args)


class ConfigurationError(OfframpError):
    """A setup mistake. It is raised before anything is sent, and a retry never catches it."""


class MissingExtraError(ConfigurationError):
    """An optional part is not installed."""

    def __init__(self, extra: str, *, needed_for: str) -> None:
        self.extra = extra
        super().__init__(f"{needed_for} needs the extra {extra!r}", mend=f"run: pip install 'offramp[{extra}]'")


class PolicyDenied(OfframpError):
    """A policy contract forbids the call, or nothing permits it. Terminal: no other endpoint is tried."""

    def __init__(
        self, what: str, *, reasons: Sequence[str] = (), where: str | None = None, mend: str | None = None
    ) -> None:
        self.reasons = tuple(reasons)
        """One line a reason: layer, clause, document, section."""
        super().__init__(what, where=where, mend=mend)


class ApprovalNeeded(PolicyDenied):
    """A person has to approve this very call first. A request for it stands in the queue; nothing was sent."""

    def __init__(  # noqa: PLR0913  # each is a separate fact of the request
        self,
        what: str,
        *,
        request: str,
        digest: str,
        mission: str,
        role: str,
        expires_at: datetime,
        reasons: Sequence[str] = (),
        where: str | None = None,
        mend: str | None = None,
    ) -> None:
        self.request = request
        """The request's id: for `offramp approvals grant`, and for `client.approval` once it was granted."""
        self.digest = digest
        """Of the call, keyed: what the approval will name."""
        self.mission = mission
        self.role = role
        """Who has to approve, in the words of the declaration."""
        self.expires_at = expires_at
        """Until then the request may be answered."""
        super().__init__(what, reasons=reasons, where=where, mend=mend)


class Prohibited(OfframpError):
    """An order in force stops this endpoint, or the state that would say so cannot be read."""

    def __init__(self, what: str, *, selector: str | None, epoch: int | None, mend: str | None = None) -> None:
        self.selector = selector
        """The order's selector; None where permission failed closed without an order."""
        self.epoch = epoch
        super().__init__(what, mend=mend)


class CapabilityError(OfframpError):
    """The endpoint cannot do what was asked."""

    def __init__(
        self, what: str, *, requirements: Sequence[str] = (), where: str | None = None, mend: str | None = None
    ) -> None:
        self.requirements = tuple(requirements)
        super().__init__(what, where=where, mend=mend)


class LossExceeded(CapabilityError):
    """Sending would lose more than the mission allows. Nothing was sent."""

    def __init__(self, what: str, *, losses: Sequence[Loss], where: str | None = None, mend: str | None = None) -> None:
        self.losses = tuple(losses)
        super().__init__(what, requirements=[loss.code for loss in losses], where=where, mend=mend)


class Unsupported(CapabilityError):
    """The endpoint has no such call at all. Nothing was sent."""


class ProviderErrorKind(StrEnum):
    """What went wrong at the vendor. `disposition_of` decides on it alone."""

    OVERLOADED = "overloaded"
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    MODEL_RETIRED = "model_retired"
    MODEL_NOT_FOUND = "model_not_found"
    AUTHENTICATION = "authentication"
    PERMISSION = "permission"
    SUSPENDED = "suspended"
    REGION = "region"
    INVALID_REQUEST = "invalid_request"
    TOO_LARGE = "too_large"
    CONTEXT_EXCEEDED = "context_exceeded"
    CONTENT_FILTER = "content_filter"
    STREAM_INTERRUPTED = "stream_interrupted"
    MALFORMED = "malformed"
    """The vendor answered, but not in its own dialect."""
    UNKNOWN = "unknown"


_MENDS: Final[Mapping[ProviderErrorKind, str]] = {
    ProviderErrorKind.MODEL_NOT_FOUND: "correct the endpoint's `model`, or ask whether its account may use it",
    ProviderErrorKind.MODEL_RETIRED: "set the endpoint's `model` to its successor",
    ProviderErrorKind.AUTHENTICATION: "correct the key that the endpoint's `key` names",
    ProviderErrorKind.PERMISSION: "ask the vendor for access, or take the endpoint off the route",
    ProviderErrorKind.QUOTA_EXHAUSTED: "raise the account's limit, or put another developer's endpoint on the route",
    ProviderErrorKind.SUSPENDED: "speak with the vendor; to go on elsewhere, prohibit it",
    ProviderErrorKind.REGION: "choose an endpoint that may serve this region",
    ProviderErrorKind.INVALID_REQUEST: "look at error.body; it may quote the prompt, so do not log it",
    ProviderErrorKind.CONTEXT_EXCEEDED: "shorten the conversation, or choose a model with a larger context",
}
"""What to do about a failure of the vendor, where whoever raised it did not know better."""

Phase: TypeAlias = Literal["before_first_output", "mid_stream"]


AnsweredBy: TypeAlias = Literal["vendor", "proxy", "page"]
"""`proxy`: the configured proxy, before anything of the request had left. `page`: a web page in place of the API's own
words, as a gateway, a filter or a sign-in page on the way gives them."""


class ProviderError(OfframpError):
    """The vendor failed, or could not be reached."""

    def __init__(  # noqa: PLR0913  # each is a separate fact of the failure, and all but one are optional
        self,
        what: str,
        *,
        kind: ProviderErrorKind,
        status: int | None = None,
        vendor_code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        phase: Phase = "before_first_output",
        endpoint: str | None = None,
        body: object = None,
        mend: str | None = None,
        answered_by: AnsweredBy = "vendor",
    ) -> None:
        self.kind = kind
        self.status = status
        """HTTP status; None where no answer arrived."""
        self.answered_by: AnsweredBy = answered_by
        """Whose word it is."""
        self.vendor_code = vendor_code
        """The vendor's own word for the error."""
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        """Seconds the vendor asks us to wait; None where it does not say."""
        self.phase: Phase = phase
        self.endpoint = endpoint
        self.body = body
        """The vendor's error body as decoded JSON. It may quote the prompt: never print it."""
        super().__init__(what, where=endpoint, mend=mend or _MENDS.get(kind))

    def at(self, endpoint: str, *, phase: Phase | None = None, status: int | None = None) -> ProviderError:
        """The same failure, told where it happened; a pure codec cannot know. A status it knows already is kept."""
        located = ProviderError(
            self.what,
            kind=self.kind,
            status=status if self.status is None else self.status,
            vendor_code=self.vendor_code,
            request_id=self.request_id,
            retry_after_s=self.retry_after_s,
            phase=phase or self.phase,
            endpoint=endpoint,
            body=self.body,
            mend=self.mend,
            answered_by=self.answered_by,
        )
        located.__cause__ = self.__cause__
        return located

    def answered(self, by: AnsweredBy, *, status: int | None) -> ProviderError:
        """The same failure, as somebody else than the vendor has told it."""
        self.answered_by, self.status = by, status
        return self


class Interrupted(OfframpError):
    """An answer was cut off. Nothing of it is spliced into a later one."""

    def __init__(self, what: str, *, partial: AnyResponse | None, mend: str | None = None) -> None:
        self.partial = partial
        """What had arrived; its message has the status `interrupted`."""
        super().__init__(what, mend=mend)


class DeadlineExceeded(OfframpError):
    """The call's own deadline passed."""


class OutputInvalid(OfframpError):
    """The answer does not fit the type that was asked for."""

    def __init__(self, what: str, *, response: AnyResponse | None, mend: str | None = None) -> None:
        self.response = response
        super().__init__(what, mend=mend)


class ServedModelMismatch(OfframpError):
    """Another model than the one asked for has answered."""

    def __init__(
        self, what: str, *, asked: str, served: str | None, response: AnyResponse | None, mend: str | None = None
    ) -> None:
        self.asked = asked
        self.served = served
        self.response = response
        super().__init__(what, mend=mend)


class ToolError(OfframpError):
    """A tool could not be run, or it was started and its fate is not known."""


class MaxTurnsExceeded(ToolError):
    """The loop over tool calls did not come to an end within `max_turns`."""


class SessionError(OfframpError):
    """The conversation is not in a state that allows this."""


class StateError(OfframpError):
    """A store could not be read or written. Permission fails closed."""
