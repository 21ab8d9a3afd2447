"""A wait that can be ended from outside: `asyncio.timeout` without a timer of its own, for those who have one."""

import asyncio
from types import TracebackType


class Patience:
    """A context to wait in, once. `end` makes whatever is waited for there raise TimeoutError out of the context.

    Args:
        loop: where it is waited. None: in the one that runs on entering, which takes a call of the system to find.
    """

    __slots__ = ("_cancelled_before", "_ended", "_ending", "_loop", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._task: asyncio.Task[object] | None = None
        self._cancelled_before = 0
        self._ending: asyncio.Handle | None = None
        self._ended = False

    def __enter__(self) -> None:
        """Begin to wait, in the running task."""
        task = self._task = asyncio.current_task(self._loop)
        if task is not None:
            self._cancelled_before = task.cancelling()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait no more. A cancellation that somebody else has asked for passes through as it is.

        Raises:
            TimeoutError: the wait was ended.
        """
        task, self._task = self._task, None
        if self._ending is None or task is None:
            return
        self._ending.cancel()
        if self._ended and task.uncancel() <= self._cancelled_before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def end(self) -> None:
        """End the wait, unless it is over by the loop's next turn. Outside of the context it does nothing."""
        if self._task is not None and self._ending is None:
            # Not at once: where nothing is waited for in this turn, the cancellation would hit what comes later.
            self._ending = self._task.get_loop().call_soon(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._ended = True
            self._task.cancel()
