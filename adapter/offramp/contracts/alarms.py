"""Alarms of one event loop: for the many waits that mostly end long before their time, one timer serves all."""

import asyncio
from collections.abc import Callable
from typing import Final

from offramp.contracts.by_loop import ByLoop

Ring = Callable[[], None]


class Alarms:
    """Rings when a time has come, by the loop's own clock. To set an alarm and to cancel it costs next to nothing."""

    __slots__ = ("_next_s", "_number", "_set", "_timer")

    def __init__(self) -> None:
        self._set: dict[int, tuple[float, Ring]] = {}
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._next_s = 0.0
        """When the timer goes off; meaningless without one."""

    def set(self, when_s: float, ring: Ring) -> int:
        """Have `ring` called at this time of the loop, or soon after. The number is for `cancel`."""
        self._number += 1
        self._set[self._number] = (when_s, ring)
        if self._timer is None or when_s < self._next_s:
            self._wait(when_s)
        return self._number

    def cancel(self, number: int) -> None:
        """Do not ring. The timer stays as it is: the next wait is likely to need it."""
        self._set.pop(number, None)

    def _wait(self, until_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next_s = until_s
        self._timer = asyncio.get_running_loop().call_at(until_s, self._due)

    def _due(self) -> None:
        self._timer = None
        now_s = asyncio.get_running_loop().time()
        due = [(number, ring) for number, (when_s, ring) in self._set.items() if when_s <= now_s]
        for number, ring in due:
            if self._set.pop(number, None) is not None:  # unless one that rang before has cancelled it
                ring()
        if self._set and self._timer is None:
            self._wait(min(when_s for when_s, _ in self._set.values()))


_by_loop: Final = ByLoop(lambda _: Alarms())


def alarms(loop: asyncio.AbstractEventLoop) -> Alarms:
    """The loop's. It is asked for, since until Python 3.12 to find the running one takes a call of the system."""
    return _by_loop.of(loop)
