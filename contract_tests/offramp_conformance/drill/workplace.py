"""The folder that a drill works in: its own, and gone at its end. What killed drills left goes with the next one.

A drill holds a lock on a file in its folder for as long as it lives; whose lock is free has ended, however that came.
"""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from offramp.errors import ConfigurationError
from offramp.state.place import try_lock

_PREFIX: Final = "offramp-drill-"
_LOCK: Final = "drill.lock"
_ROOM: Final = 64 << 20
"""Bytes. A drill of 24 conversations takes a few million."""


@contextmanager
def workplace() -> Generator[Path]:
    """A new folder, which is removed in the end.

    Raises:
        ConfigurationError: there is too little room for it.
        OSError: it cannot be made.
    """
    place = Path(tempfile.gettempdir())
    _remove_abandoned(place)
    if shutil.disk_usage(place).free < _ROOM:
        mend = f"free {_ROOM >> 20} MB, or export TMPDIR=FOLDER on another disk"
        raise ConfigurationError("there is too little room for a drill", where=str(place), mend=mend)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    descriptor = _locked(folder)
    try:
        yield folder
    finally:
        _remove(folder, descriptor)


def _locked(folder: Path) -> int:
    """Make the lock. Nobody ever sees it free: it gets its name only when it is held."""
    draft = folder / f"{_LOCK}.new"
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
    if try_lock(descriptor):
        with suppress(OSError):  # Windows renames no open file: there, what a killed drill leaves behind stays
            draft.rename(folder / _LOCK)
    return descriptor


def _remove_abandoned(place: Path) -> None:
    """Remove what drills of this user have left behind; what cannot be removed stays, and hinders nobody."""
    for folder in _own(place):
        with suppress(OSError):
            descriptor = os.open(folder / _LOCK, os.O_RDWR)  # without one, it is no drill's, or of one that begins
            if try_lock(descriptor):
                _remove(folder, descriptor)
            else:
                os.close(descriptor)


def _own(place: Path) -> Iterator[Path]:
    """Folders, no links to some, that bear a drill's name and belong to this user."""
    for folder in sorted(place.glob(f"{_PREFIX}*")):
        with suppress(OSError):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.geteuid()):
                yield folder


def _remove(folder: Path, descriptor: int) -> None:
    """The lock goes last: whoever is killed at this leaves a folder that the next drill removes."""
    try:
        for held in folder.iterdir():
            if held.is_dir() and not held.is_symlink():
                shutil.rmtree(held)
            elif held.name != _LOCK:
                held.unlink()
    finally:
        os.close(descriptor)
    shutil.rmtree(folder, ignore_errors=True)
