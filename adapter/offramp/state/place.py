"""The place of a state on disk: the file, the lock beside it, and the folder that shows that it once existed."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from offramp.errors import StateError
from offramp.state.order_chain import RESTORE

_LOCK_WAIT_S: Final = 5.0
_LOCK_POLL_S: Final = 0.01
_NO_STATE: Final = "the first client or order makes it; where there was one, check `state` in offramp.toml, or --state"

FileMark = tuple[int, int, int]
"""Tells one version of a file from the next: inode, time of change in nanoseconds, size in bytes."""


class Place:
    """Where one state lies. Relative names do not follow a later change of the working directory."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.name = os.fspath(self.path)
        self.replicas = self.path.with_name(f"{self.path.name}.replicas")
        """One small file for each running gate. It outlives the state file, and so shows that there was one."""
        self._lock = self.path.with_name(f"{self.path.name}.lock")

    def mark(self) -> FileMark:
        """Which version of the file lies there now.

        Raises:
            StateError: there is none.
        """
        try:
            found = os.stat(self.name)  # noqa: PTH116  # before every send: pathlib would double its cost
        except OSError as error:
            raise StateError("the state cannot be found", where=self.name, mend=RESTORE) from error
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def must_be_made(self, *, create: bool) -> bool:
        """Whether this is a new state, to be made now.

        Raises:
            StateError: there is no state here and none may be made, or there was one and it has vanished.
        """
        if self.path.exists():
            return False
        if self.replicas.exists():
            raise StateError(
                "the state has vanished",
                where=self.name,
                mend=f"{RESTORE}. To begin anew with nothing prohibited, delete {self.replicas} too",
            )
        if not create:
            raise StateError("there is no state here", where=self.name, mend=_NO_STATE)
        return True

    @contextmanager
    def locked(self) -> Generator[None]:
        """Be the only writer among all processes of the host.

        Raises:
            StateError: the lock could not be had within five seconds.
        """
        try:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise StateError("the state cannot be locked", where=self.name, mend="check folder and mode") from error
        try:
            self._wait_for_lock(descriptor)
            yield
        finally:
            os.close(descriptor)  # this also unlocks

    @contextmanager
    def unlocked(self) -> Generator[None]:
        """Only look: no lock is taken, and none is made."""
        yield

    def _wait_for_lock(self, descriptor: int) -> None:
        until = time.monotonic() + _LOCK_WAIT_S
        while not try_lock(descriptor):
            if time.monotonic() > until:
                raise StateError("another process holds the state's lock", where=self.name, mend="end it, or try again")
            time.sleep(_LOCK_POLL_S)


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Whether the file is ours now. It is until it is closed, or its process ends."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Whether the file is ours now. It is until it is closed, or its process ends."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old or the new, also after a power cut. Raises OSError."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # folders cannot be opened there; the replacing itself is journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
