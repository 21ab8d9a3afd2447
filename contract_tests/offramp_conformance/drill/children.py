"""The drill's processes: started each in a group of its own, and ended whatever happens to the drill."""

import asyncio
import atexit
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from offramp.errors import OfframpError

_GRACE_S: Final = 2.0
_FIRST_LINE_S: Final = 30.0


class DrillFailed(OfframpError):
    """The drill itself could not be carried out; it says nothing about the promises."""


class Children:
    """Processes that end with this one. A context manager; leaving it ends those that still run.

    Each holds its standard input open to us and ends when it closes, so that even a killed drill leaves none behind.
    """

    def __init__(self, folder: Path) -> None:
        """Start nothing yet.

        Args:
            folder: where what they write to standard error is kept.
        """
        self._folder = folder
        self._running: list[Process] = []

    async def __aenter__(self) -> "Children":
        """Take care that none is left behind."""
        atexit.register(self._kill)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all."""
        await self.end()
        atexit.unregister(self._kill)

    async def start(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """Start `python -m module`."""
        with (self._folder / f"errors-{len(self._running)}").open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
                start_new_session=True,  # Ctrl-C is for the drill alone, which then ends its children in order
            )
        self._running.append(process)
        return process

    def last_words(self, process: Process) -> str:
        """The last line that a process wrote to standard error; empty where there is none."""
        said = (self._folder / f"errors-{self._running.index(process)}").read_text("utf-8", "replace").splitlines()
        return said[-1].strip() if said else ""

    async def line_of(self, process: Process, word: str) -> str:
        """The rest of the next line of output, which has to begin with a word.

        Raises:
            DrillFailed: another line came, or none in time.
        """
        if process.stdout is None:
            raise DrillFailed("a process was started without its output")
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), _FIRST_LINE_S)).decode().strip()
        except TimeoutError as error:
            raise DrillFailed(f"a process did not say {word} in time", mend="try again on a quieter machine") from error
        if not line.startswith(f"{word} "):
            raise DrillFailed(f"a process ended instead of saying {word}: {self.last_words(process)}")
        return line.removeprefix(f"{word} ")

    async def end(self) -> None:
        """Ask all to end, and kill what does not."""
        left = [process for process in self._running if process.returncode is None]
        for process in left:
            if process.stdin is not None:
                process.stdin.close()
        self._signal(left, signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in left]
        if waits:
            await asyncio.wait(waits, timeout=_GRACE_S)
        self._kill()
        for process in left:
            await process.wait()
        self._running.clear()

    def _kill(self) -> None:
        # Windows has no SIGKILL; SIGTERM ends a process there at once.
        hard = getattr(signal, "SIGKILL", signal.SIGTERM)
        self._signal([process for process in self._running if process.returncode is None], hard)

    def _signal(self, processes: Sequence[Process], number: signal.Signals) -> None:
        for process in processes:
            try:
                if sys.platform == "win32":
                    process.terminate()
                else:
                    os.killpg(process.pid, number)
            except ProcessLookupError:
                continue
