"""A ledger's SQLite file: making it, opening it, and telling what is wrong with it. Content lies in it: mode 0600."""

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from offramp.errors import ConfigurationError, StateError

VERSION: Final = 1

_MODE_ATTEMPTS: Final = 100
_MODE_PAUSE_S: Final = 0.01

_TABLES: Final = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS ledger (version INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, mission TEXT, status TEXT NOT NULL, endpoint TEXT, sequence INTEGER NOT NULL,
    opened TEXT NOT NULL, updated TEXT NOT NULL, erased TEXT);
CREATE TABLE IF NOT EXISTS entries (
    conversation TEXT NOT NULL, sequence INTEGER NOT NULL, at TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (conversation, sequence));
CREATE TABLE IF NOT EXISTS tools (
    conversation TEXT NOT NULL, message INTEGER NOT NULL, part INTEGER NOT NULL,
    started TEXT, finished TEXT, result BLOB, UNIQUE (conversation, message, part));
INSERT OR IGNORE INTO ledger SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ledger);
COMMIT;
"""


def connect(path: Path, *, mode: int, busy_timeout_s: float) -> sqlite3.Connection:
    """Open the ledger, and make it where there is none. The connection may be used by one thread at a time.

    Raises:
        StateError: no such folder, a wider mode than allowed, another version, or no ledger at all.
    """
    _make_private(path, mode)
    with failing(path):
        connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def examine(path: Path, *, mode: int) -> None:
    """See whether a ledger could be opened, or made where there is none; nothing is made or changed.

    Raises:
        StateError: as `connect` would.
    """
    if not path.exists():
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise StateError("cannot be made", where=str(path), mend="check the folder and its permissions")
        return
    _require_private(path, mode)
    if not os.access(path, os.R_OK | os.W_OK):
        raise StateError(
            "cannot be read and written", where=str(path), mend="run this under the account that owns it, or run chmod"
        )
    # Without a log beside it nobody has it open, and it can be read without the files that reading it else makes.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    with failing(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as connection:
        if _tables_of(connection, path):
            _require_version(connection, path)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    tables = _tables_of(connection, path)
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    # Freed pages are overwritten by every writer: a later erasure could not reach the copies that others left behind.
    connection.execute("PRAGMA secure_delete=ON")
    if not tables:
        connection.executescript(_TABLES)
    _require_version(connection, path)


def _tables_of(connection: sqlite3.Connection, path: Path) -> set[str]:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if tables and "ledger" not in tables:
        raise StateError("is no ledger but another database", where=str(path), mend="name a file of its own")
    return tables


def _require_version(connection: sqlite3.Connection, path: Path) -> None:
    versions = [row[0] for row in connection.execute("SELECT version FROM ledger")]
    if versions != [VERSION]:
        raise StateError(
            f"a ledger of version {versions}", where=str(path), mend=f"this release reads version {VERSION} only"
        )


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Change the mode, which does not wait by itself where another process is just making the same change."""
    for _ in range(_MODE_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(_MODE_PAUSE_S)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _make_private(path: Path, mode: int) -> None:
    """Create the file with its mode before SQLite would, and refuse one that more people may read."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
    except FileExistsError:
        pass
    except OSError as error:
        raise StateError(
            f"cannot be made ({error.strerror})", where=str(path), mend="check the folder and its permissions"
        ) from error
    _require_private(path, mode)


def _require_private(path: Path, mode: int) -> None:
    found = path.stat().st_mode & 0o777
    if os.name == "posix" and found & ~mode:
        raise StateError(
            f"holds conversations, and its mode {found:03o} lets others in", where=str(path), mend=f"run chmod {mode:o}"
        )


def which(path: Path) -> tuple[int, int] | None:
    """Which file lies there now: its device and number. None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def failing(path: Path) -> Generator[None]:
    """Turn SQLite's errors into ours.

    Raises:
        StateError: locked for too long, full, corrupt, or unreadable.
        ConfigurationError: the name of a session, a mission or an endpoint is no text that can be written.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise ConfigurationError(
            "a name holds half a character", where=str(path), mend="name it in whole ones"
        ) from error
    except sqlite3.Error as error:
        raise StateError(_what(error), where=str(path), mend=_mend(error)) from error
    except OSError as error:
        raise StateError(f"cannot be used ({error.strerror})", where=str(path)) from error


def _code(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


def _what(error: sqlite3.Error) -> str:
    return f"the ledger cannot be used ({error}, {_code(error)})"


def _mend(error: sqlite3.Error) -> str:
    code = _code(error)
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another process holds it: end that one, or try again"
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "restore the file from a backup, or name another one"
    return "check the disk, and the file's permissions"
