"""One SQLite file beside a state, for what people answer and what is observed: `state.db.oversight`.

It is apart from the orders, so that no heartbeat and no count makes a replica read the orders again; and it is SQLite
beside a `file:` state too, since using an approval up needs a transaction. Nothing of it is made before it is needed.
"""

import os
import secrets
import sqlite3
import threading
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager
from hashlib import sha256
from hmac import new as hmac_of
from pathlib import Path
from typing import Any, Final

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.process import process_id
from offramp.errors import StateError
from offramp.state.place import Place

_SCHEMA: Final = 2
PATIENT_S: Final = 5.0
"""How long a command waits for another process that is writing."""
PROMPT_S: Final = 0.5
"""How long a client does: its event loop and its watcher wait with it, and an order must be obeyed within 2 s."""
_MEND: Final = "check folder, mode and disk; where it is lost, delete it: approvals that were granted are void then"

_TABLES: Final = """
BEGIN IMMEDIATE;
CREATE TABLE store (id TEXT NOT NULL, key BLOB NOT NULL);
CREATE TABLE requests (
    id TEXT PRIMARY KEY, mission TEXT NOT NULL, role TEXT NOT NULL, digest TEXT NOT NULL, asked_at TEXT NOT NULL,
    expires_at TEXT NOT NULL, state TEXT NOT NULL, by TEXT, ruled_at TEXT, token TEXT, content TEXT
);
CREATE UNIQUE INDEX one_open ON requests (mission, role, digest) WHERE state != 'granted';
CREATE TABLE spent (approval TEXT PRIMARY KEY, call_id TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE watches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mission TEXT NOT NULL, kind TEXT NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL, beat_at TEXT NOT NULL, beat_monotonic_s REAL NOT NULL, signature TEXT
);
CREATE INDEX of_mission ON watches (mission);
CREATE TABLE observed (
    mission TEXT, window_s INTEGER, counted TEXT, word TEXT, slot INTEGER NOT NULL,
    PRIMARY KEY (mission, window_s, counted, word)
) WITHOUT ROWID;
CREATE TABLE counts (
    mission TEXT, window_s INTEGER, counted TEXT, slot INTEGER, n INTEGER NOT NULL,
    PRIMARY KEY (mission, window_s, counted, slot)
) WITHOUT ROWID;
CREATE TABLE alarms (
    mission TEXT, window_s INTEGER, counted TEXT, level TEXT, observed INTEGER, most INTEGER, at TEXT, until TEXT,
    PRIMARY KEY (mission, window_s, counted, level)
) WITHOUT ROWID;
"""

_left_by_fork: Final[list[sqlite3.Connection]] = []
"""A forked child may neither use nor close its parent's connections; here they are kept from being collected."""


class OversightFile:
    """Safe for all threads and processes of one host, and after a fork."""

    def __init__(self, path: Path, *, clock: Clock | None = None, wait_s: float = PATIENT_S) -> None:
        self.clock: Clock = clock or SystemClock()
        self._wait_ms = int(wait_s * 1000)
        self._place = Place(path)
        self._lock = threading.Lock()
        self._pid = process_id()
        self._open: sqlite3.Connection | None = None
        self._inode: int | None = None
        self._durably: bool | None = None
        """What the connection does at the end of a transaction; None: as SQLite has it."""
        self._id = ""
        self._key = b""

    @classmethod
    def beside(
        cls, state_url: str, base: Path, *, clock: Clock | None = None, wait_s: float = PATIENT_S
    ) -> "OversightFile":
        """The one that belongs to a state, `sqlite:FILE` or `file:FILE`."""
        return cls(base / f"{state_url.partition(':')[2]}.oversight", clock=clock, wait_s=wait_s)

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept here. To ask makes nothing."""
        return os.path.exists(self._place.name)  # noqa: PTH110  # before every send: pathlib would double its cost

    @property
    def id(self) -> str:
        """The file's own. One that is made anew has another. Raises StateError."""
        with self._using():
            return self._id

    def keyed(self, content: bytes) -> str:
        """A digest that nobody can try short texts against who does not hold this file. Raises StateError."""
        with self._using():
            return f"hmac-sha256:{hmac_of(self._key, content, sha256).hexdigest()}"

    def rows(self, query: str, *given: object) -> list[Any]:
        """What a question finds. Raises StateError."""
        with self._using() as connection:
            return connection.execute(query, given).fetchall()

    @contextmanager
    def writing(self, *, durably: bool = False) -> Generator[sqlite3.Connection]:
        """One transaction, alone among all processes; an error takes all of it back.

        Args:
            durably: it is on the disk when this ends, so that a power cut does not undo it.

        Raises:
            StateError: it cannot be written, or another process kept the file for longer than this one waits.
        """
        with self._using() as connection:
            if durably != self._durably:
                connection.execute(f"PRAGMA synchronous={'FULL' if durably else 'NORMAL'}")
                self._durably = durably
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file. Safe to call twice; whoever uses it again opens it again."""
        if self._pid == process_id():
            with self._lock:
                self._drop()

    def __del__(self) -> None:
        """Whoever forgets to close it leaves no file open."""
        self.close()

    @contextmanager
    def _using(self) -> Generator[sqlite3.Connection]:
        if self._pid != process_id():
            self._leave_parent()
        with self._lock:
            try:
                yield self._connected()
            except sqlite3.Error as error:
                self._drop()
                what = f"the file of approvals and watches cannot be used ({error})"
                raise StateError(what, where=self._place.name, mend=_MEND) from error

    def _connected(self) -> sqlite3.Connection:
        """The connection to the file that lies there now: one that was put in its place is another store."""
        try:
            inode = os.stat(self._place.name).st_ino  # noqa: PTH116  # before every send: pathlib would double its cost
        except OSError:
            inode = None
        if self._open is None or inode is None or inode != self._inode:
            self._drop()
            self._make_if_missing()
            self._connect()
        assert self._open is not None  # noqa: S101  # for the type checker: it was just made
        return self._open

    def _connect(self) -> None:
        uri = f"{self._place.path.as_uri()}?mode=rw"
        opened = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            opened.execute(f"PRAGMA busy_timeout={self._wait_ms}")
            opened.execute("PRAGMA secure_delete=ON")
            self._refuse_other_version(opened)
            self._id, self._key = opened.execute("SELECT id, key FROM store").fetchone()
            self._inode = self._place.mark()[0]
        except BaseException:
            opened.close()
            raise
        self._open, self._durably = opened, None

    def _refuse_other_version(self, opened: sqlite3.Connection) -> None:
        if opened.execute("PRAGMA user_version").fetchone()[0] != _SCHEMA:
            raise StateError("this is no file that this version can read", where=self._place.name, mend=_MEND)

    def _make_if_missing(self) -> None:
        if self.exists:
            return
        with self._place.locked():
            if not self.exists:
                self._make()

    def _make(self) -> None:
        """In one step: another process sees the whole file or none."""
        draft = self._place.path.with_name(f"{self._place.path.name}.{secrets.token_hex(4)}.new")
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as made:
                made.execute("PRAGMA journal_mode=WAL")
                made.executescript(_TABLES)
                made.execute("INSERT INTO store VALUES (?, ?)", (uuid.uuid4().hex, secrets.token_bytes(32)))
                made.execute(f"PRAGMA user_version={_SCHEMA}")
                made.execute("COMMIT")
            draft.replace(self._place.path)
        except OSError as error:
            raise StateError("it cannot be made", where=self._place.name, mend=_MEND) from error
        finally:
            draft.unlink(missing_ok=True)

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _leave_parent(self) -> None:
        if self._open is not None:
            _left_by_fork.append(self._open)
        self._open, self._lock, self._pid = None, threading.Lock(), process_id()
