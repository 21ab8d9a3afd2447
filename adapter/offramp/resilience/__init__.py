"""Floor 2: what follows a failure. One place decides; retries, breakers and deadlines obey it."""

from offramp.resilience.breaker import Attempt, BreakerPolicy, Breakers, BreakerState, BreakerStatus, CircuitBreaker
from offramp.resilience.budget import RetryBudget
from offramp.resilience.deadline import Deadline
from offramp.resilience.disposition import Disposition, Health, Step, disposition_of, may_be_an_answer
from offramp.resilience.retry import RetryPolicy, retrying

__all__ = [
    "Attempt",
    "BreakerPolicy",
    "BreakerState",
    "BreakerStatus",
    "Breakers",
    "CircuitBreaker",
    "Deadline",
    "Disposition",
    "Health",
    "RetryBudget",
    "RetryPolicy",
    "Step",
    "disposition_of",
    "may_be_an_answer",
    "retrying",
]
