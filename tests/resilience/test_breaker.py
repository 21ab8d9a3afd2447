"""The breaker: what opens it, what closes it, and that it agrees with a model written in another way."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from offramp.contracts.clock import ManualClock
from offramp.errors import ConfigurationError, Prohibited, ProviderError, ProviderErrorKind
from offramp.resilience import BreakerPolicy, Breakers, CircuitBreaker, disposition_of


def failure(kind: str) -> ProviderError:
    return ProviderError("failed", kind=ProviderErrorKind(kind))


def outcome(breaker: CircuitBreaker, error: BaseException | None) -> None:
    """One whole call that ends in this way."""
    attempt = breaker.admit()
    assert attempt is not None
    attempt.report(error)


def opened(clock: ManualClock) -> CircuitBreaker:
    breaker = CircuitBreaker("a", clock)
    for _ in range(5):
        outcome(breaker, failure("server"))
    return breaker


@pytest.mark.parametrize("kind", ["overloaded", "server", "timeout", "connection"])
def test_breaker_opens_after_five_failures(kind: str):
    breaker = CircuitBreaker("a", ManualClock())

    states = []
    for _ in range(5):
        outcome(breaker, failure(kind))
        states.append(breaker.state)

    assert states == ["closed"] * 4 + ["open"]
    assert breaker.admit() is None


@pytest.mark.parametrize("kind", ["rate_limited", "invalid_request", "authentication", "content_filter"])
def test_answer_that_says_no_closes_the_count(kind: str):
    breaker = CircuitBreaker("a", ManualClock())
    for _ in range(4):
        outcome(breaker, failure("server"))

    outcome(breaker, failure(kind))

    assert breaker.status.failures == 0


@pytest.mark.parametrize(
    "error",
    [
        asyncio.CancelledError(),
        Prohibited("stopped", selector="developer:acme", epoch=1),
        failure("stream_interrupted"),
        failure("unknown"),
    ],
    ids=["cancelled", "order", "stream_interrupted", "unknown"],
)
def test_error_that_says_nothing_of_the_endpoint_changes_nothing(error: BaseException):
    breaker = CircuitBreaker("a", ManualClock())
    outcome(breaker, failure("server"))

    outcome(breaker, error)

    assert (breaker.status.failures, breaker.state) == (1, "closed")


def test_success_between_failures_starts_the_count_again():
    breaker = CircuitBreaker("a", ManualClock())

    for error in (*[failure("server")] * 4, None, *[failure("server")] * 4):
        outcome(breaker, error)

    assert breaker.state == "closed"


def test_open_breaker_lets_one_probe_through_after_its_time():
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(29.9)
    early = breaker.admit()

    clock.advance(0.1)
    probe, second = breaker.admit(), breaker.admit()

    assert (early, second) == (None, None)
    assert probe is not None
    assert breaker.state == "half_open"


def test_probe_that_succeeds_closes_it():
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(30)

    outcome(breaker, None)

    assert (breaker.state, breaker.status.failures) == ("closed", 0)


def test_probe_that_fails_opens_it_for_the_whole_time_again():
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(30)

    outcome(breaker, failure("timeout"))
    clock.advance(29)

    assert breaker.status.state == "open"
    assert breaker.status.probe_in_s == pytest.approx(1)
    assert breaker.status.last is ProviderErrorKind.TIMEOUT


def test_probe_that_was_cancelled_makes_room_for_another():
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(30)

    outcome(breaker, asyncio.CancelledError())

    assert breaker.admit() is not None


def test_late_results_of_earlier_calls_do_not_decide_a_probe():
    clock = ManualClock()
    breaker = CircuitBreaker("a", clock)
    early_success, early_failure = breaker.admit(), breaker.admit()
    assert early_success is not None
    assert early_failure is not None
    for _ in range(5):
        outcome(breaker, failure("server"))
    clock.advance(30)
    probe = breaker.admit()

    early_success.report(None)
    early_failure.report(failure("server"))

    assert probe is not None
    assert breaker.state == "half_open"
    assert breaker.admit() is None


def test_attempt_as_a_context_reports_what_was_raised_in_it():
    breaker = CircuitBreaker("a", ManualClock(), BreakerPolicy(failures=1))
    attempt = breaker.admit()
    assert attempt is not None

    with pytest.raises(ProviderError), attempt:
        raise failure("server")

    assert breaker.state == "open"


def test_failure_that_a_stream_told_is_not_undone_by_leaving_the_context():
    breaker = CircuitBreaker("a", ManualClock())
    attempt = breaker.admit()
    assert attempt is not None

    with attempt:
        attempt.report(failure("server"))

    assert breaker.status.failures == 1


def test_refusal_falls_back_and_says_when_to_come_back():
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(10)

    refusal = breaker.refusal()

    assert (refusal.kind, refusal.retry_after_s) == (ProviderErrorKind.SERVER, 20)
    assert disposition_of(refusal).falls_back
    assert str(refusal).startswith("a: left alone after 5 failures in a row.")


def test_breakers_are_kept_apart_by_endpoint():
    breakers = Breakers(ManualClock(), BreakerPolicy(failures=1))

    outcome(breakers.of("a"), failure("server"))
    breakers.of("b")

    assert {name: status.state for name, status in breakers.status().items()} == {"a": "open", "b": "closed"}
    assert breakers.of("a") is breakers.of("a")


@pytest.mark.parametrize("numbers", [{"failures": 0}, {"open_s": 0}])
def test_policy_that_makes_no_sense_is_refused(numbers: dict[str, int]):
    with pytest.raises(ConfigurationError, match="failures >= 1"):
        BreakerPolicy(**numbers)


@dataclass
class Model:
    """The rules in their plainest form: a history of events, read anew each time."""

    limit: int
    open_s: float
    failures: int = 0
    opened: float | None = None
    probing: int | None = None
    period: int = 0
    waiting: dict[int, int] = field(default_factory=dict)

    def state(self, now: float) -> str:
        if self.opened is None:
            return "closed"
        return "open" if now < self.opened + self.open_s else "half_open"

    def admits(self, now: float) -> bool:
        return self.state(now) == "closed" or (self.state(now) == "half_open" and self.probing is None)

    def ends(self, call: int, how: str, now: float) -> None:
        period = self.waiting.pop(call)
        probe = self.probing == call
        self.probing = None if probe else self.probing
        if period != self.period or how == "silent":
            return
        self.failures = self.failures + 1 if how == "failing" else 0
        if how == "answering" and self.opened is not None:
            self.opened, self.period = None, self.period + 1
        if how == "failing" and (probe or self.failures >= self.limit):
            self.opened, self.period = now, self.period + 1


RESULTS = {
    "failing": failure("server"),
    "answering": None,
    "silent": asyncio.CancelledError(),
}


class BreakerAgreesWithModel(RuleBasedStateMachine):
    """Any interleaving of calls, results and time gives what the model gives."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.breaker = CircuitBreaker("a", self.clock, BreakerPolicy(failures=2, open_s=10))
        self.model = Model(limit=2, open_s=10)
        self.open_calls = {}
        self.next = 0

    @rule()
    def begin(self) -> None:
        expected = self.model.admits(self.clock.monotonic())
        attempt = self.breaker.admit()
        assert (attempt is not None) == expected
        if attempt is not None:
            self.model.waiting[self.next] = self.model.period
            if self.model.opened is not None:
                self.model.probing = self.next
            self.open_calls[self.next] = attempt
            self.next += 1

    @rule(which=st.integers(0, 100), how=st.sampled_from(sorted(RESULTS)))
    def end(self, which: int, how: str) -> None:
        if self.open_calls:
            call = sorted(self.open_calls)[which % len(self.open_calls)]
            self.model.ends(call, how, self.clock.monotonic())
            self.open_calls.pop(call).report(RESULTS[how])

    @rule(seconds=st.sampled_from([1.0, 4.0, 10.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def agrees(self) -> None:
        now = self.clock.monotonic()
        assert self.breaker.state == self.model.state(now)
        assert self.breaker.lets_pass == self.model.admits(now)
        assert self.breaker.status.failures == self.model.failures


BreakerAgreesWithModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_breaker_agrees_with_model = BreakerAgreesWithModel.TestCase
