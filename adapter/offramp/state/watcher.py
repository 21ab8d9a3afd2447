"""A thread that looks at the state, so that a cut waits for no call and idle replicas acknowledge too.

A thread and not a task: it serves several event loops at once and none, keeps no loop alive, and sees an order while a
loop is busy. The cut itself still runs in the exchange's own loop.
"""

import threading
from collections.abc import Callable
from typing import Final

_IDLE_FACTOR: Final = 2


class Watcher:
    """Looks at least every `interval_s` while exchanges are open, and half as often while none is.

    Args:
        find_look: gives the look to take, or None when its owner is gone; the thread must not keep the owner alive.
        news: wakes the thread before its time.
    """

    def __init__(
        self, find_look: Callable[[], Callable[[], bool] | None], *, interval_s: float, news: threading.Event
    ) -> None:
        self._find_look = find_look
        self._interval_s = interval_s
        self._news = news
        self._stopped = False
        self.alive = False
        """Whether it still looks. The thread says so itself: to ask it takes longer than all else that a call asks."""
        self._thread = threading.Thread(target=self._run, name="offramp-permission", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self.alive = True
        try:
            self._thread.start()
        except RuntimeError:  # the system has no more threads to give
            self.alive = False
            raise

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        self._news.set()
        if self._thread is not threading.current_thread() and self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            self.alive = False

    def _watch(self) -> None:
        busy = True
        while not self._stopped:
            look = self._find_look()
            if look is None:
                return
            try:
                busy = look()
            except Exception:  # noqa: BLE001  # a watcher that ended would cut nothing any more
                busy = True
            del look
            self._news.wait(self._interval_s if busy else self._interval_s * _IDLE_FACTOR)
            self._news.clear()
