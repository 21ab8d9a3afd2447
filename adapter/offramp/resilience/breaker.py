"""A circuit breaker for each endpoint: after repeated failures it is left alone for a while, then probed once."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from types import TracebackType
from typing import Literal, Self, TypeAlias

from offramp.contracts.clock import Clock
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind
from offramp.resilience.disposition import disposition_of
from offramp.types import value

BreakerState: TypeAlias = Literal["closed", "open", "half_open"]
"""`closed`: calls pass. `open`: none does. `half_open`: one probe passes, and its result decides."""


@value
class BreakerPolicy:
    """When to leave an endpoint alone, and for how long."""

    failures: int = 5
    """Failures in a row that open it. At least 1."""
    open_s: float = 30.0
    """Seconds without a call before a probe is let through."""

    def __post_init__(self) -> None:
        """Refuse numbers that would never close, or never open."""
        if self.failures < 1 or not self.open_s > 0:
            raise ConfigurationError("the breaker policy makes no sense", mend="give failures >= 1 and open_s > 0")


@value
class BreakerStatus:
    """What a breaker shows."""

    _: KW_ONLY
    state: BreakerState
    failures: int
    """Failures in a row."""
    probe_in_s: float | None
    """Seconds until a probe is let through; None unless open."""
    last: ProviderErrorKind | None
    """The last failure that counted."""


class CircuitBreaker:
    """Counts failures in a row. Only what `disposition_of` calls failing counts; any answer at all closes it.

    Results of calls that began before the last change of state are ignored: a late failure does not spoil a probe, and
    a late success does not close what has since opened.
    """

    def __init__(self, endpoint: str, clock: Clock, policy: BreakerPolicy | None = None) -> None:
        self.endpoint = endpoint
        self._clock = clock
        self._policy = policy or BreakerPolicy()
        self._failures = 0
        self._opened_at: float | None = None
        self._last: ProviderErrorKind | None = None
        self._generation = 0
        self._probe: Attempt | None = None

    @property
    def state(self) -> BreakerState:
        """As of now. Reading changes nothing."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._clock.monotonic() - self._opened_at >= self._policy.open_s else "open"

    @property
    def status(self) -> BreakerStatus:
        """State, count and last failure, for reports."""
        state = self.state
        left = self._left_s() if state == "open" else None
        return BreakerStatus(state=state, failures=self._failures, probe_in_s=left, last=self._last)

    @property
    def lets_pass(self) -> bool:
        """Whether `admit` would give an attempt now. Reading changes nothing."""
        return self._opened_at is None or (self.state == "half_open" and self._probe is None)

    def admit(self) -> "Attempt | None":
        """An attempt to use as a context manager around the call; None where the endpoint is left alone for now."""
        if self._opened_at is None:  # closed, as it mostly is
            return Attempt(self, self._generation)
        if not self.lets_pass:
            return None
        self._probe = Attempt(self, self._generation)
        return self._probe

    def report(self, attempt: "Attempt", error: BaseException | None) -> None:
        """Take the result of an attempt. Call `Attempt.report`, which does so once only."""
        if attempt is self._probe:
            self._probe = None
        if attempt.generation != self._generation:
            return
        if error is None:
            self._answered()
            return
        health = disposition_of(error).health
        if health == "answering":
            self._answered()
        elif health == "failing" and isinstance(error, ProviderError):
            self._failed(error.kind)

    def _answered(self) -> None:
        self._failures = 0
        if self._opened_at is not None:
            self._opened_at = None
            self._generation += 1

    def _failed(self, kind: ProviderErrorKind) -> None:
        self._failures += 1
        self._last = kind
        # The count goes on while it is open, so that one failed probe is enough to open it again.
        if self._failures >= self._policy.failures:
            self._opened_at = self._clock.monotonic()
            self._generation += 1

    def refusal(self) -> ProviderError:
        """The error for a call that is not let through.

        It is of the kind that opened it, and with the time to come back, so that the same rules decide what
        follows.
        """
        return ProviderError(
            f"left alone after {self._failures} failures in a row",
            kind=self._last or ProviderErrorKind.OVERLOADED,
            retry_after_s=self._left_s(),
            endpoint=self.endpoint,
            mend="wait for the next probe, or add an endpoint to the route",
        )

    def _left_s(self) -> float:
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self._policy.open_s - self._clock.monotonic())


class Attempt:
    """One call that a breaker let through. Leaving the context reports how it went."""

    __slots__ = ("_breaker", "_reported", "generation")

    def __init__(self, breaker: CircuitBreaker, generation: int) -> None:
        self._breaker = breaker
        self._reported = False
        self.generation = generation
        """Which period of the breaker it belongs to."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Report: an answer, or what the error says of the endpoint. A cancelled call says nothing."""
        if not self._reported:
            self.report(error)

    def report(self, error: BaseException | None) -> None:
        """Say how the call went, where its end does not show it: a stream's failure comes as its last event.

        Only the first report counts.
        """
        if not self._reported:
            self._reported = True
            self._breaker.report(self, error)


class Breakers:
    """One breaker an endpoint, made when first asked for. Belongs to a client; replicas do not share it."""

    def __init__(self, clock: Clock, policy: BreakerPolicy | None = None) -> None:
        self._clock = clock
        self._policy = policy
        self._breakers: dict[str, CircuitBreaker] = {}

    def of(self, endpoint: str) -> CircuitBreaker:
        """The breaker of the endpoint with this name."""
        known = self._breakers.get(endpoint)
        if known is None:
            known = self._breakers[endpoint] = CircuitBreaker(endpoint, self._clock, self._policy)
        return known

    def status(self) -> Mapping[str, BreakerStatus]:
        """Every breaker that was ever asked for, by endpoint."""
        return {name: breaker.status for name, breaker in self._breakers.items()}
