"""Alarms ring in time by one timer; a wait that is ended says so, and a cancellation from outside stays one."""

import asyncio

import pytest

from offramp.contracts.alarms import Alarms, alarms
from offramp.contracts.patience import Patience


async def rung(rings: list[str], count: int) -> None:
    """Wait for so many rings, and then for one that should not come."""
    late = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, late.set)
    await late.wait()
    assert len(rings) == count


async def test_alarms_ring_in_the_order_of_their_times():
    now_s, rings = asyncio.get_running_loop().time(), list[str]()
    clock = Alarms()
    clock.set(now_s + 0.03, lambda: rings.append("late"))
    clock.set(now_s + 0.01, lambda: rings.append("early"))
    clock.set(now_s - 1, lambda: rings.append("past"))

    await rung(rings, 3)

    assert rings == ["past", "early", "late"]


async def test_a_cancelled_alarm_does_not_ring_and_the_next_one_does():
    now_s, rings = asyncio.get_running_loop().time(), list[str]()
    clock = Alarms()
    number = clock.set(now_s + 0.005, lambda: rings.append("cancelled"))
    clock.set(now_s + 0.02, lambda: rings.append("next"))
    clock.cancel(number)
    clock.cancel(number)

    await rung(rings, 1)

    assert rings == ["next"]


async def test_an_alarm_may_cancel_and_set_others():
    now_s, rings = asyncio.get_running_loop().time(), list[str]()
    clock = Alarms()

    def first() -> None:
        rings.append("first")
        clock.cancel(second)
        clock.set(now_s, lambda: rings.append("third"))

    clock.set(now_s, first)
    second = clock.set(now_s, lambda: rings.append("second"))

    await rung(rings, 2)

    assert rings == ["first", "third"]


async def test_many_waits_share_one_timer(monkeypatch: pytest.MonkeyPatch):
    loop, timers = asyncio.get_running_loop(), list[float]()
    call_at = loop.call_at
    monkeypatch.setattr(loop, "call_at", lambda when, *more: (timers.append(when), call_at(when, *more))[1])
    clock = Alarms()

    for number in [clock.set(loop.time() + 60 + each, lambda: None) for each in range(100)]:
        clock.cancel(number)

    assert len(timers) == 1


async def test_a_loop_has_one_set_of_alarms():
    loop = asyncio.get_running_loop()
    assert alarms(loop) is alarms(loop)


async def test_patience_that_ends_raises_out_of_the_wait():
    patience = Patience()
    asyncio.get_running_loop().call_soon(patience.end)

    with pytest.raises(TimeoutError), patience:
        await asyncio.Event().wait()

    await asyncio.sleep(0)  # nothing of the cancellation is left over
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_patience_that_ends_where_nothing_waits_harms_nothing():
    patience = Patience()

    with patience:
        patience.end()
    patience.end()

    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_cancellation_from_outside_passes_through():
    begun = asyncio.Event()

    async def wait() -> None:
        with Patience():
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_beside_an_end_is_not_swallowed():
    patience, begun = Patience(), asyncio.Event()

    async def wait() -> None:
        with patience:
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await begun.wait()
    patience.end()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
