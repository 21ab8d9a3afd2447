"""Runs functions in forks of this process, a few at once, and gets one word back from each."""

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any, Final, Generic, TypeVar

KeyT = TypeVar("KeyT")

HANGS: Final = "(hangs)"
ENDS: Final = "(ends its process)"
FORK: Final = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Task(Generic[KeyT]):
    """Something to run in a fork."""

    key: KeyT
    run: Callable[[], Any]
    most_s: float
    """How long it may take. Then it is ended, and its word is `HANGS`."""


@dataclass(frozen=True)
class _Running(Generic[KeyT]):
    task: Task[KeyT]
    process: ForkProcess
    receiver: Connection
    until: float

    def is_over(self) -> bool:
        return self.receiver.poll() or not self.process.is_alive() or time.monotonic() > self.until

    def ended(self) -> Any:
        """Its word."""
        word: Any = ENDS if not self.process.is_alive() else HANGS
        if self.receiver.poll():
            with contextlib.suppress(EOFError):
                word = self.receiver.recv()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.receiver.close()
        return word


def in_forks(tasks: Iterable[Task[KeyT]], jobs: int) -> Iterator[tuple[KeyT, Any]]:
    """The word of each task, as they end. A task is taken when there is room for it, not before."""
    waiting, running = iter(tasks), list[_Running[KeyT]]()
    while True:
        while len(running) < jobs and (task := next(waiting, None)) is not None:
            running.append(_start(task))
        if not running:
            return
        wait([handle for each in running for handle in (each.receiver, each.process.sentinel)], timeout=1.0)
        for each in [each for each in running if each.is_over()]:
            running.remove(each)
            yield each.task.key, each.ended()


def _start(task: Task[KeyT]) -> _Running[KeyT]:
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_run, args=(task, sender))
    process.start()
    sender.close()
    return _Running(task, process, receiver, time.monotonic() + task.most_s)


def _run(task: Task[Any], sender: Connection) -> None:
    os.setsid()  # whatever it starts ends with it
    be_silent()
    sender.send(task.run())
    os._exit(0)


def be_silent() -> None:
    """What this process says goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
