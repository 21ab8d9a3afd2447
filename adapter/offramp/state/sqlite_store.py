"""Orders in SQLite (write-ahead log). A read asks whether anything was committed since; only a change is read again."""

import json
import sqlite3
import threading
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.process import process_id
from offramp.contracts.state import Order, OrderDraft, PermissionStore, ReplicaReport, Snapshot
from offramp.errors import StateError
from offramp.state.committed import committed
from offramp.state.keeper import Mark, SnapshotKeeper
from offramp.state.order_chain import RESTORE, seal, unseal
from offramp.state.place import FileMark, Place
from offramp.state.replica_folder import ReplicaFolder
from offramp.types import JsonObject

_SCHEMA: Final = 1
_BUSY_MS: Final = 2000
_MAKING: Final = "check disk, folder and mode"

_TABLES: Final = """
BEGIN IMMEDIATE;
CREATE TABLE store (id TEXT NOT NULL);
CREATE TABLE orders (epoch INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TRIGGER orders_stay AFTER DELETE ON orders BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;
CREATE TRIGGER orders_keep AFTER UPDATE ON orders BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;
"""

_left_by_fork: Final[list[sqlite3.Connection]] = []
"""A forked child may neither use nor close its parent's connections; here they are kept from being collected."""


class SqliteStore(PermissionStore):
    """`sqlite:state.db`. Safe for all threads and processes of one host, and after a fork."""

    def __init__(
        self, path: Path, *, operators: Path | None = None, clock: Clock | None = None, create: bool = True
    ) -> None:
        self._place = Place(path)
        self._clock = clock or SystemClock()
        self._keeper = SnapshotKeeper(
            where=self._place.name, operators=operators or self._place.path.with_name("operators.toml")
        )
        self._replicas = ReplicaFolder(self._place.replicas)
        self._reading = threading.Lock()
        self._pid = process_id()
        self._reader: sqlite3.Connection | None = None
        self._reader_mark: FileMark | None = None
        with self._place.locked() if create else self._place.unlocked():
            if self._place.must_be_made(create=create):
                self._make()
            if create:
                self._replicas.make()
        self.read()

    @property
    @override
    def url(self) -> str:
        return f"sqlite:{self._place.name}"

    @override
    def read(self) -> Snapshot:
        if self._pid != process_id():
            self._leave_parent()
        with self._reading:
            try:
                return self._read()
            except (sqlite3.Error, StateError):
                self._drop_reader()
                self._keeper.forget()
            with self._failing("read"):  # once more, from the file itself: a passing trouble must not stop every call
                return self._read()

    @override
    def epoch(self) -> int:
        return self.read().epoch

    @override
    def history(self) -> tuple[Order, ...]:
        with self._failing("read"), closing(self._connect()) as connection:
            return _load(connection, self._place.name)[1]

    @override
    def commit(self, draft: OrderDraft) -> Order:
        with self._failing("written"), closing(self._connect()) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            store, orders = _load(connection, self._place.name)
            last = connection.execute("SELECT hash FROM orders ORDER BY epoch DESC LIMIT 1").fetchone()
            order = committed(draft, epoch=len(orders) + 1, clock=self._clock)
            record = seal(order, last[0] if last else store)
            row = (order.epoch, json.dumps(record["order"]), record["hash"])
            connection.execute("INSERT INTO orders VALUES (?, ?, ?)", row)
            connection.execute("COMMIT")
        return order

    @override
    def report(self, report: ReplicaReport) -> None:
        self._replicas.report(report)

    @override
    def withdraw(self, replica: str) -> None:
        self._replicas.withdraw(replica)

    @override
    def replicas(self) -> tuple[ReplicaReport, ...]:
        return self._replicas.all()

    @override
    def close(self) -> None:
        if self._pid == process_id():
            with self._reading:
                self._drop_reader()

    def _read(self) -> Snapshot:
        file_mark = self._place.mark()
        if self._reader is None or file_mark != self._reader_mark:
            self._renew_reader(file_mark)
        reader = self._reader
        assert reader is not None  # noqa: S101  # for the type checker: it was just made
        version: int = reader.execute("PRAGMA data_version").fetchone()[0]
        mark: Mark = (*file_mark, version)
        return self._keeper.fresh(mark) or self._keeper.accept(mark, *_load(reader, self._place.name))

    def _renew_reader(self, file_mark: FileMark) -> None:
        """Open the file that lies there now. `data_version` counts anew for each connection, so what was kept goes."""
        old, self._reader = self._reader, self._connect()
        self._reader_mark = file_mark
        self._keeper.forget()
        if old is not None:
            old.close()  # after the opening: the last one to close a file would tidy it up, and so change it

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _leave_parent(self) -> None:
        if self._reader is not None:
            _left_by_fork.append(self._reader)
        self._reader, self._reading, self._pid = None, threading.Lock(), process_id()

    def _connect(self) -> sqlite3.Connection:
        uri = f"{self._place.path.as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        return connection

    def _make(self) -> None:
        """In one step: where it fails, as on a full disk, nothing is left that would be taken for a damaged state."""
        draft = self._place.path.with_name(f"{self._place.path.name}.new")
        try:
            with self._failing("made", mend=_MAKING):
                draft.unlink(missing_ok=True)  # of a process that was killed at this; we hold the lock
                self._write(draft)
                draft.replace(self._place.path)
        finally:
            for left in (draft, *(draft.with_name(f"{draft.name}-{each}") for each in ("wal", "shm", "journal"))):
                left.unlink(missing_ok=True)

    def _write(self, draft: Path) -> None:
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_TABLES)
            connection.execute("INSERT INTO store VALUES (?)", (uuid.uuid4().hex,))
            connection.execute(f"PRAGMA user_version={_SCHEMA}")
            connection.execute("COMMIT")

    @contextmanager
    def _failing(self, verb: str, *, mend: str = RESTORE) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StateError(f"the state cannot be {verb} ({error})", where=self._place.name, mend=mend) from error


def _load(connection: sqlite3.Connection, where: str) -> tuple[str, tuple[Order, ...]]:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    ids = connection.execute("SELECT id FROM store").fetchall() if version == _SCHEMA else []
    if len(ids) != 1:
        raise StateError("this is not a state that this version can read", where=where, mend=RESTORE)
    rows = connection.execute("SELECT record, hash FROM orders ORDER BY epoch").fetchall()
    records = [_record(text, link, where) for text, link in rows]
    return ids[0][0], unseal(records, store=ids[0][0], where=where)


def _record(text: str, link: str, where: str) -> JsonObject:
    try:
        return {"order": json.loads(text), "hash": link}
    except (TypeError, ValueError) as error:
        raise StateError("an order's record is damaged", where=where, mend=RESTORE) from error
