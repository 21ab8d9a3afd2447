"""Ask the same endpoint again, where `disposition_of` allows it: bounded by attempts, waits, budget and deadline.

The engine is tenacity, kept private and entered only after a first failure: a call that succeeds never pays for it.
"""

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from offramp.contracts.clock import Clock
from offramp.errors import ConfigurationError, ProviderError
from offramp.resilience.budget import RetryBudget
from offramp.resilience.deadline import Deadline
from offramp.resilience.disposition import disposition_of
from offramp.types import value

if TYPE_CHECKING:
    from tenacity import RetryCallState

_T = TypeVar("_T")


@value
class RetryPolicy:
    """When to try the same endpoint again."""

    attempts: int = 3
    """Calls in all, the first one included. At least 1."""
    first_wait_s: float = 0.5
    """Upper bound of the first pause, in seconds; it doubles with each further one."""
    max_wait_s: float = 20.0
    """Longest pause between attempts, in seconds. A longer Retry-After ends the retries and falls back."""
    jitter: bool = True
    """Draw each pause between zero and its bound, so that clients do not return together."""
    budget_ratio: float = 0.1
    """Retries per request, over all calls of a client."""

    def __post_init__(self) -> None:
        """Refuse numbers that would never call, or call without end."""
        if self.attempts < 1 or not (self.first_wait_s >= 0 and self.max_wait_s >= 0 and 0 <= self.budget_ratio <= 1):
            raise ConfigurationError(
                "the retry policy makes no sense",
                mend="give attempts >= 1, waits >= 0 and 0 <= budget_ratio <= 1",
            )

    def budget(self, clock: Clock) -> RetryBudget:
        """The budget that goes with this policy; one for a client."""
        return RetryBudget(clock, ratio=self.budget_ratio)


async def retrying(
    call: Callable[[], Awaitable[_T]],
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    clock: Clock,
    deadline: Deadline,
) -> _T:
    """Call, and call again as the policy allows. Cancellation passes through untouched.

    Args:
        call: one attempt at one endpoint. It decides anew about permission each time.
        policy: how often and how long.
        budget: shared by all calls of the client.
        clock: what waits.
        deadline: of the whole call. No pause is begun that would outlast it.

    Returns:
        What the first attempt to succeed gave.

    Raises:
        DeadlineExceeded: no time was left for the first attempt.
        BaseException: whatever the last attempt raised, unchanged.
    """
    if deadline.is_over:
        deadline.check()
    budget.request()
    try:
        return await call()
    except ProviderError as error:
        if not _may_retry(error):
            raise
        first = error
    return await _again(call, first, policy=policy, budget=budget, clock=clock, deadline=deadline)


async def _again(
    call: Callable[[], Awaitable[_T]],
    first: ProviderError,
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    clock: Clock,
    deadline: Deadline,
) -> _T:
    from tenacity import AsyncRetrying, retry_if_exception

    # tenacity is shown the failure that has already happened as its own first attempt: one rule for all of them.
    past = iter((first,))

    async def attempt() -> _T:
        for failure in past:
            raise failure
        return await call()

    def is_over(state: "RetryCallState") -> bool:
        spent = state.attempt_number >= policy.attempts or not _in_time(state.upcoming_sleep, deadline)
        return spent or not budget.take()

    engine = AsyncRetrying(
        sleep=clock.sleep,
        wait=lambda state: _wait_s(_error_of(state), state.attempt_number, policy),
        stop=is_over,
        retry=retry_if_exception(_may_retry),
        reraise=True,
    )
    return await engine(attempt)


def _may_retry(error: BaseException) -> bool:
    return disposition_of(error).step == "retry"


def _error_of(state: "RetryCallState") -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _in_time(wait_s: float, deadline: Deadline) -> bool:
    return wait_s < deadline.remaining()


def _wait_s(error: BaseException | None, attempt: int, policy: RetryPolicy) -> float:
    """Seconds until the next attempt; infinite where the vendor asks for more than the policy has."""
    asked = error.retry_after_s if isinstance(error, ProviderError) else None
    if asked is None:
        return _drawn(min(policy.max_wait_s, policy.first_wait_s * 2.0 ** (attempt - 1)), policy)
    # Written so that a number which is none (NaN) ends the retries too.
    if not 0 <= asked <= policy.max_wait_s:
        return float("inf")
    # Never earlier than asked; a little later, so that not everybody comes at once.
    return asked + (_drawn(policy.first_wait_s, policy) if policy.jitter else 0.0)


def _drawn(bound_s: float, policy: RetryPolicy) -> float:
    return random.uniform(0, bound_s) if policy.jitter else bound_s  # noqa: S311  # spreads load; nobody guards a secret by it
