"""A bound on retries over all calls of a client, so that a vendor in trouble is not hit harder."""

from collections import deque
from typing import Final

from offramp.contracts.clock import Clock
from offramp.errors import ConfigurationError

_SLICES: Final = 10


class RetryBudget:
    """Allows retries up to a share of the requests in a sliding window.

    A quiet client may retry too: `reserve` retries in the window are always allowed. So the bound is the larger of
    `reserve` and `ratio` times the requests. One budget is shared by all calls of a client.
    """

    def __init__(self, clock: Clock, *, ratio: float = 0.1, window_s: float = 60.0, reserve: int = 3) -> None:
        """Begin with an empty window.

        Args:
            clock: for the window.
            ratio: retries per request, 0 to 1.
            window_s: how far back requests and retries count, in seconds.
            reserve: retries that are allowed in the window in any case. 0: none.

        Raises:
            ConfigurationError: a number is out of range.
        """
        if not (0 <= ratio <= 1 and window_s > 0 and reserve >= 0):
            raise ConfigurationError(
                f"a retry budget of ratio {ratio:g}, window {window_s:g} s, reserve {reserve} makes no sense",
                mend="give 0 <= ratio <= 1, window_s > 0 and reserve >= 0",
            )
        self._clock = clock
        self._ratio = ratio
        self._reserve = reserve
        self._slice_s = window_s / _SLICES
        # One entry a slice of the window, oldest first: its number, the requests and the retries in it. Constant
        # memory, where one time stamp a request would grow with the load.
        self._slices: deque[list[int]] = deque()

    def request(self) -> None:
        """Count a first attempt."""
        self._current()[1] += 1

    def take(self) -> bool:
        """Whether one more retry is within the budget; if so, it is counted."""
        current = self._current()
        if self.retries + 1 > max(self._reserve, self._ratio * self.requests):
            return False
        current[2] += 1
        return True

    @property
    def requests(self) -> int:
        """First attempts in the window."""
        self._forget()
        return sum(each[1] for each in self._slices)

    @property
    def retries(self) -> int:
        """Retries in the window."""
        self._forget()
        return sum(each[2] for each in self._slices)

    def _current(self) -> list[int]:
        number = int(self._clock.monotonic() / self._slice_s)
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append([number, 0, 0])
            self._forget()
        return self._slices[-1]

    def _forget(self) -> None:
        oldest = int(self._clock.monotonic() / self._slice_s) - _SLICES
        while self._slices and self._slices[0][0] <= oldest:
            self._slices.popleft()
