"""A deadline counts down once for the whole call."""

import asyncio
import math

import pytest

from offramp.contracts.clock import ManualClock, SystemClock
from offramp.contracts.transport import Deadlines
from offramp.errors import DeadlineExceeded
from offramp.resilience import Deadline


def test_remaining_counts_down_and_never_falls_below_zero():
    clock = ManualClock()
    deadline = Deadline(clock, 10)

    clock.advance(4)
    early = deadline.remaining()
    clock.advance(40)

    assert (early, deadline.remaining()) == (6, 0)


def test_check_raises_only_when_no_time_is_left():
    clock = ManualClock()
    deadline = Deadline(clock, 10)

    clock.advance(9.5)
    deadline.check()
    clock.advance(0.5)

    with pytest.raises(DeadlineExceeded, match=r"the retry did not end within 10 s\. Raise timeout_s"):
        deadline.check("the retry")


def test_deadline_without_bound_never_passes():
    clock = ManualClock()
    deadline = Deadline(clock, None)

    clock.advance(1e9)
    deadline.check()

    assert deadline.remaining() == math.inf


@pytest.mark.parametrize(("own", "left", "narrowed"), [(600.0, 20.0, 20.0), (5.0, 20.0, 5.0), (None, 20.0, 20.0)])
def test_exchange_never_outlasts_the_call(own: float | None, left: float, narrowed: float):
    deadline = Deadline(ManualClock(), left)

    found = deadline.narrow(Deadlines(total_s=own, idle_s=7))

    assert found == Deadlines(total_s=narrowed, idle_s=7)


def test_unbounded_call_leaves_the_exchange_its_own_deadlines():
    deadlines = Deadlines(total_s=None)

    assert Deadline(ManualClock(), None).narrow(deadlines) is deadlines


async def test_enforced_deadline_cancels_what_runs_inside():
    cancelled = asyncio.Event()

    async def never_ends() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(DeadlineExceeded), Deadline(SystemClock(), 0.01).enforced():
        await never_ends()

    assert cancelled.is_set()


async def test_timeout_of_the_body_itself_is_not_taken_for_the_deadline():
    with pytest.raises(TimeoutError, match="my own"), Deadline(SystemClock(), 100).enforced():
        raise TimeoutError("my own")


async def test_cancellation_from_outside_passes_through_an_enforced_deadline():
    started = asyncio.Event()

    async def work() -> None:
        with Deadline(SystemClock(), 100).enforced():
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_enforced_deadline_that_has_passed_begins_nothing():
    clock = ManualClock()
    deadline = Deadline(clock, 1)
    clock.advance(1)
    begun = False

    with pytest.raises(DeadlineExceeded), deadline.enforced():
        begun = True

    assert not begun
