"""Retries: how often, how long, and never when they must not be."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.clock import ManualClock
from offramp.errors import ConfigurationError, DeadlineExceeded, PolicyDenied, ProviderError, ProviderErrorKind
from offramp.resilience import Deadline, RetryBudget, RetryPolicy, retrying

STEADY = RetryPolicy(jitter=False)


def failing(kind: str = "overloaded", **facts: object) -> ProviderError:
    return ProviderError("failed", kind=ProviderErrorKind(kind), **facts)


class Calls:
    """Raises or returns what it is given, one a call."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)
        self.made = 0

    async def __call__(self) -> object:
        self.made += 1
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step


async def ask(
    call: Callable[[], object],
    *,
    clock: ManualClock,
    policy: RetryPolicy = STEADY,
    budget: RetryBudget | None = None,
    total_s: float | None = None,
) -> object:
    deadline = Deadline(clock, total_s)
    return await retrying(
        call, policy=policy, budget=budget or RetryBudget(clock, ratio=1), clock=clock, deadline=deadline
    )


async def test_success_is_returned_and_nothing_waits():
    clock, call = ManualClock(), Calls("answer")

    answer = await ask(call, clock=clock)

    assert (answer, call.made, clock.slept) == ("answer", 1, [])


async def test_pauses_double_until_an_attempt_succeeds():
    clock, call = ManualClock(), Calls(failing(), failing(), failing("server"), "answer")

    answer = await ask(call, clock=clock, policy=RetryPolicy(attempts=4, jitter=False))

    assert (answer, clock.slept) == ("answer", [0.5, 1.0, 2.0])


async def test_pauses_do_not_grow_beyond_the_longest():
    clock, call = ManualClock(), Calls(failing(), failing(), failing(), "answer")

    await ask(call, clock=clock, policy=RetryPolicy(attempts=4, first_wait_s=4, max_wait_s=5, jitter=False))

    assert clock.slept == [4, 5, 5]


async def test_last_failure_is_raised_unchanged_after_the_last_attempt():
    last = failing("server")
    clock, call = ManualClock(), Calls(failing(), failing(), last)

    with pytest.raises(ProviderError) as caught:
        await ask(call, clock=clock)

    assert caught.value is last
    assert call.made == 3


async def test_one_attempt_means_no_retry():
    clock, call = ManualClock(), Calls(failing())

    with pytest.raises(ProviderError):
        await ask(call, clock=clock, policy=RetryPolicy(attempts=1))

    assert call.made == 1


@pytest.mark.parametrize("kind", ["timeout", "quota_exhausted", "content_filter", "authentication", "unknown"])
async def test_failure_that_may_not_be_retried_is_raised_at_once(kind: str):
    clock, call = ManualClock(), Calls(failing(kind))

    with pytest.raises(ProviderError):
        await ask(call, clock=clock)

    assert (call.made, clock.slept) == (1, [])


async def test_failure_in_mid_stream_is_never_retried():
    clock, call = ManualClock(), Calls(failing("server", phase="mid_stream"))

    with pytest.raises(ProviderError):
        await ask(call, clock=clock)

    assert call.made == 1


async def test_refusal_to_retry_holds_for_a_later_attempt_too():
    denied = PolicyDenied("denied meanwhile")
    clock, call = ManualClock(), Calls(failing(), denied)

    with pytest.raises(PolicyDenied) as caught:
        await ask(call, clock=clock, policy=RetryPolicy(attempts=9))

    assert caught.value is denied
    assert call.made == 2


async def test_retry_after_is_waited_for():
    clock, call = ManualClock(), Calls(failing("rate_limited", retry_after_s=12.5), "answer")

    await ask(call, clock=clock)

    assert clock.slept == [12.5]


async def test_jitter_never_comes_earlier_than_retry_after():
    clock, call = ManualClock(), Calls(failing("rate_limited", retry_after_s=3), "answer")

    await ask(call, clock=clock, policy=RetryPolicy(first_wait_s=0.5))

    assert 3 <= clock.slept[0] <= 3.5


@pytest.mark.parametrize("asked", [20.1, 3600, float("inf"), float("nan"), -1])
async def test_retry_after_beyond_the_longest_wait_ends_the_retries(asked: float):
    clock, call = ManualClock(), Calls(failing("rate_limited", retry_after_s=asked), "answer")

    with pytest.raises(ProviderError):
        await ask(call, clock=clock)

    assert (call.made, clock.slept) == (1, [])


async def test_retry_after_beyond_the_deadline_ends_the_retries():
    clock, call = ManualClock(), Calls(failing("rate_limited", retry_after_s=10), "answer")

    with pytest.raises(ProviderError):
        await ask(call, clock=clock, total_s=10)

    assert (call.made, clock.slept) == (1, [])


async def test_pause_within_the_deadline_is_taken():
    clock, call = ManualClock(), Calls(failing("rate_limited", retry_after_s=10), "answer")

    answer = await ask(call, clock=clock, total_s=10.5)

    assert answer == "answer"


async def test_call_whose_deadline_has_passed_is_not_made():
    clock, call = ManualClock(), Calls("answer")

    with pytest.raises(DeadlineExceeded):
        await ask(call, clock=clock, total_s=0)

    assert call.made == 0


async def test_jitter_draws_between_zero_and_the_bound():
    drawn: list[float] = []
    for _ in range(200):
        clock, call = ManualClock(), Calls(failing(), failing(), "answer")
        await ask(call, clock=clock, policy=RetryPolicy(first_wait_s=1))
        drawn.append(clock.slept[1])

    assert all(0 <= wait <= 2 for wait in drawn)
    assert min(drawn) < 0.5
    assert max(drawn) > 1.5


async def test_empty_budget_ends_the_retries():
    clock = ManualClock()
    call = Calls(failing(), "answer")

    with pytest.raises(ProviderError):
        await ask(call, clock=clock, budget=RetryBudget(clock, ratio=0, reserve=0))

    assert call.made == 1


async def test_cancellation_during_a_retry_passes_through_untouched():
    cancelled = asyncio.CancelledError()
    clock, call = ManualClock(), Calls(failing(), cancelled, "answer")

    with pytest.raises(asyncio.CancelledError) as caught:
        await ask(call, clock=clock)

    assert caught.value is cancelled
    assert call.made == 2


async def test_cancellation_during_a_pause_ends_the_call():
    class Waiting(ManualClock):
        begun = asyncio.Event()

        async def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)
            self.begun.set()
            await asyncio.Event().wait()

    clock, call = Waiting(), Calls(failing(), "answer")

    task = asyncio.create_task(ask(call, clock=clock))
    await clock.begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert call.made == 1


async def test_budget_counts_each_call_once_and_each_retry():
    clock = ManualClock()
    budget = RetryBudget(clock)

    await ask(Calls("answer"), clock=clock, budget=budget)
    await ask(Calls(failing(), failing(), "answer"), clock=clock, budget=budget)

    assert (budget.requests, budget.retries) == (2, 2)


def test_success_does_not_load_the_retry_engine():
    script = """
import asyncio, sys
from offramp.contracts.clock import SystemClock
from offramp.resilience import Deadline, RetryPolicy, retrying

async def answer():
    return 1

clock, policy = SystemClock(), RetryPolicy()
call = retrying(answer, policy=policy, budget=policy.budget(clock), clock=clock, deadline=Deadline(clock, 9))
assert asyncio.run(call) == 1
assert "tenacity" not in sys.modules
"""

    done = run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "numbers", [{"attempts": 0}, {"first_wait_s": -1}, {"max_wait_s": float("nan")}, {"budget_ratio": 2}]
)
def test_policy_that_makes_no_sense_is_refused(numbers: dict[str, float]):
    with pytest.raises(ConfigurationError, match="attempts >= 1"):
        RetryPolicy(**numbers)


def test_quiet_client_may_retry_within_the_reserve():
    budget = RetryBudget(ManualClock(), reserve=3)
    budget.request()

    taken = [budget.take() for _ in range(5)]

    assert taken == [True, True, True, False, False]


def test_busy_client_may_retry_a_tenth_of_its_requests():
    budget = RetryBudget(ManualClock())
    for _ in range(100):
        budget.request()

    taken = [budget.take() for _ in range(20)]

    assert taken == [True] * 10 + [False] * 10


def test_budget_forgets_what_left_the_window():
    clock = ManualClock()
    budget = RetryBudget(clock, window_s=60, reserve=1)
    budget.take()
    refused = budget.take()

    clock.advance(60)

    assert not refused
    assert budget.take()


@given(
    st.lists(
        st.tuples(st.sampled_from(["request", "take"]), st.sampled_from([0.0, 0.5, 3.0, 7.0, 61.0])), max_size=120
    ),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0, 2]),
)
def test_budget_never_exceeds_the_larger_of_share_and_reserve(
    steps: Sequence[tuple[str, float]], ratio: float, reserve: int
):
    clock = ManualClock()
    budget = RetryBudget(clock, ratio=ratio, window_s=60, reserve=reserve)
    requests: list[float] = []
    retries: list[float] = []

    for step, pause in steps:
        clock.advance(pause)
        now = clock.monotonic()
        if step == "request":
            requests.append(now)
            budget.request()
        elif budget.take():
            retries.append(now)
            # Counted by time stamps, and over the shortest window that the slices may stand for.
            within = sum(now - at < 60 for at in requests)
            assert sum(now - at <= 54 for at in retries) <= max(reserve, ratio * within)
