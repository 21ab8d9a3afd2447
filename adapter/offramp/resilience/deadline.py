"""One deadline for a whole call: retries, waits and fall-backs included."""

import asyncio
import math
from dataclasses import replace
from types import TracebackType

from offramp.contracts.alarms import Alarms, alarms
from offramp.contracts.clock import Clock
from offramp.contracts.patience import Patience
from offramp.contracts.transport import Deadlines
from offramp.errors import DeadlineExceeded


class Deadline:
    """Counts down from the moment it is made."""

    __slots__ = ("_clock", "_ends", "loop", "total_s")

    def __init__(self, clock: Clock, total_s: float | None) -> None:
        self._clock = clock
        self.total_s = total_s
        """Seconds in all. None: no bound."""
        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop in which it is enforced; None: it is not yet, or has no bound."""
        self._ends = math.inf if total_s is None else clock.monotonic() + total_s

    def remaining(self) -> float:
        """Seconds left: infinite where there is no bound, never below zero."""
        return max(0.0, self._ends - self._clock.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self._clock.monotonic() >= self._ends

    def check(self, doing: str = "the call") -> None:
        """Raise if the time is up.

        Args:
            doing: what would come next, for the message.

        Raises:
            DeadlineExceeded: no time is left.
        """
        if self.remaining() <= 0:
            raise self.exceeded(doing)

    def narrow(self, deadlines: Deadlines) -> Deadlines:
        """An exchange's deadlines, none of them beyond this one."""
        left = self.remaining()
        if left == math.inf:
            return deadlines
        return replace(deadlines, total_s=left if deadlines.total_s is None else min(left, deadlines.total_s))

    def enforced(self, doing: str = "the call") -> "_Enforced":
        """Cancel what runs inside when the time is up. A cancellation from outside passes through as it is.

        Raises:
            DeadlineExceeded: the time was up.
        """
        return _Enforced(self, doing)

    def exceeded(self, doing: str) -> DeadlineExceeded:
        """The error that says that the time was up."""
        return DeadlineExceeded(
            f"{doing} did not end within {self.total_s:g} s",
            mend="raise timeout_s, or shorten the route's own deadlines",
        )


class _Enforced(Patience):
    """The context of `enforced`: a class of its own, since a generator would double the cost for every call."""

    __slots__ = ("_alarm", "_alarms", "_deadline", "_doing")

    def __init__(self, deadline: Deadline, doing: str) -> None:
        super().__init__()
        self._deadline = deadline
        self._doing = doing
        self._alarms: Alarms | None = None
        self._alarm = 0

    def __enter__(self) -> None:
        left = self._deadline.remaining()
        if left <= 0:
            raise self._deadline.exceeded(self._doing)
        if left < math.inf:
            loop = self._loop = self._deadline.loop = asyncio.get_running_loop()
            self._alarms = alarms(loop)
            self._alarm = self._alarms.set(loop.time() + left, self.end)
        super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alarms is not None:
            self._alarms.cancel(self._alarm)
        try:
            super().__exit__(kind, error, trace)
        except TimeoutError as timeout:
            raise self._deadline.exceeded(self._doing) from timeout
