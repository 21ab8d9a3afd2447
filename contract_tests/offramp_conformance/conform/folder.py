"""The folder of a run: one run at a time writes there, and what an earlier one left is no part of a new one."""

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from offramp.errors import StateError
from offramp.state.place import try_lock

_LOCK: Final = "conform.lock"


@contextmanager
def held(folder: Path) -> Generator[None]:
    """Be the only run in the folder until the block ends. Makes it where there is none.

    Raises:
        StateError: it cannot be written, or another run is writing there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateError("no report can be written there", where=str(folder), mend="check folder and mode") from error
    try:
        if not try_lock(descriptor):
            raise StateError(
                "another run is writing there",
                where=str(folder),
                mend="wait for its end, or give another --report folder",
            )
        yield
    finally:
        os.close(descriptor)  # this also unlocks


def forget(files: Iterable[Path]) -> None:
    """Take away what an earlier run has left. Raises StateError."""
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise StateError(
                "what an earlier run left cannot be removed", where=str(file), mend="check its mode"
            ) from error
