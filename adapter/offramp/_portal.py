"""One background event loop for blocking callers: in scripts, threads, forked children, and inside a running loop."""

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from offramp.errors import ConfigurationError, StateError

_T = TypeVar("_T")


class Portal:
    """A thread with an event loop. Started at the first call; stopped by `close`, or with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    @property
    def forked(self) -> bool:
        """Whether this is a child of the process that made the portal: its thread did not come along."""
        return os.getpid() != self._pid

    def call(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run to its end on the background loop and give its result. Ctrl-C cancels it there and is raised here.

        Raises:
            ConfigurationError: the caller runs on the background loop itself, and would wait for itself for good.
            StateError: the portal was closed by another thread in the meantime.
        """
        if self._thread is threading.current_thread():
            work.close()
            raise ConfigurationError(
                "an async tool called the blocking client that runs it",
                mend="make the tool a plain function, or use AsyncClient",
            )
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result()
        except CancelledError as error:
            raise StateError("the client was closed", mend="open a new one") from error
        except KeyboardInterrupt:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop and join its thread. A later call starts another."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None or self.forked:
            return
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join()
        atexit.unregister(self.close)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._loop.is_closed():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), name="offramp", daemon=True)
                self._thread.start()
                atexit.register(self.close)
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        _end(loop)


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what still runs: its callers, in other threads, would wait for good."""
    while left := asyncio.all_tasks(loop):
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
