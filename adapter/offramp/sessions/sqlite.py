"""A ledger in one SQLite file, shared by all threads and processes of a host.

Each ledger has one thread of its own for the file, so that a slow disk never stops the event loop.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.ledger import CallKey, ConversationStatus, Entry, Ledger, Record, Summary
from offramp.contracts.process import process_id
from offramp.errors import StateError
from offramp.sessions import ledger_file, ledger_rows
from offramp.sessions.retention import Retention
from offramp.types import ToolResult

_T = TypeVar("_T")

_left_by_fork: Final[list[sqlite3.Connection]] = []
"""A forked child may neither use nor close its parent's connections; here they are kept from being collected."""


class SQLiteLedger(Ledger):
    """`ledger.db`: opened at the first use, in write-ahead mode.

    Whatever a method has returned from survives the end of the process; the claim of a tool survives a power failure
    too, other entries of the last moments may not. Erased content is overwritten in the file and its log; what a disk
    or a backup keeps of older blocks is out of reach.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        retention_days: float | None = None,
        file_mode: int = 0o600,
        busy_timeout_s: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        """Name the file; nothing is opened yet.

        Args:
            path: the file. Its folder must exist. Not the file that holds the orders.
            retention_days: erase what was not touched for so long. None keeps it until it is erased by hand.
            file_mode: of a new file; an existing one may not be open to more people than this.
            busy_timeout_s: how long to wait for another process's write, in seconds.
            clock: where time comes from.

        Raises:
            ConfigurationError: the retention is not above zero.
        """
        self._path = Path(path).absolute()
        self._clock = clock or SystemClock()
        self._retention = Retention(retention_days, self._clock)
        self._mode = file_mode
        self._busy_timeout_s = busy_timeout_s
        self._pid = process_id()
        self._worker: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def mode(self) -> int:
        """The widest mode that it may have."""
        return self._mode

    @override
    async def append(self, conversation: str, entries: Sequence[Entry], *, expected: int) -> int:
        if self._retention.sweep_is_due():
            await self.expire()
        now = self._clock.now()
        return await self._run(
            lambda connection: ledger_rows.append(connection, conversation, entries, expected=expected, now=now)
        )

    @override
    async def read(self, conversation: str) -> Record:
        return await self._run(lambda connection: ledger_rows.read(connection, conversation, where=str(self._path)))

    @override
    async def start_tool(self, conversation: str, call: CallKey) -> bool:
        now = self._clock.now()
        return await self._run(lambda connection: ledger_rows.start_tool(connection, conversation, call, now=now))

    @override
    async def finish_tool(self, conversation: str, call: CallKey, result: ToolResult) -> None:
        now = self._clock.now()
        await self._run(lambda connection: ledger_rows.finish_tool(connection, conversation, call, result, now=now))

    @override
    async def summaries(self, *, status: Sequence[ConversationStatus] = ()) -> tuple[Summary, ...]:
        return await self._run(lambda connection: ledger_rows.summaries(connection, status))

    @override
    async def erase(self, conversation: str) -> None:
        await self._run(lambda connection: self._erase(connection, (conversation,)))

    @override
    async def expire(self) -> tuple[str, ...]:
        limit = self._retention.limit()
        if limit is None:
            return ()
        names = await self._run(lambda connection: ledger_rows.expired(connection, limit))
        if names:
            await self._run(lambda connection: self._erase(connection, names))
        return names

    @override
    async def aclose(self) -> None:
        if self._pid != process_id() or self._worker is None:
            return
        worker, self._worker = self._worker, None
        await asyncio.get_running_loop().run_in_executor(worker, self._close)
        worker.shutdown(wait=False)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _erase(self, connection: sqlite3.Connection, conversations: Sequence[str]) -> None:
        ledger_rows.erase(connection, conversations, now=self._clock.now())
        if not ledger_rows.truncate_log(connection):
            raise StateError(
                "content was erased, but another process still reads the log that held it",
                where=str(self._path),
                mend="erase again when that process has ended",
            )

    async def _run(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """Ask in the ledger's own thread."""
        if self._pid != process_id():
            self._leave_parent()
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="offramp-ledger")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._ask, question)

    def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        if self._connection is None:
            self._connection = ledger_file.connect(self._path, mode=self._mode, busy_timeout_s=self._busy_timeout_s)
            self._file = ledger_file.which(self._path)
        if ledger_file.which(self._path) != self._file:
            raise StateError(
                "the ledger was moved or replaced while it was open",
                where=str(self._path),
                mend="put it back, or restart",
            )
        with ledger_file.failing(self._path):
            return question(self._connection)

    def _leave_parent(self) -> None:
        if self._connection is not None:
            _left_by_fork.append(self._connection)
        self._connection, self._worker, self._pid = None, None, process_id()
