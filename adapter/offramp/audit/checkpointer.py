"""Makes the checkpoints of one file of the log, in a thread of its own: signing and writing hold up no call.

A line costs its writer one node of the tree (under 1 µs), since its leaf is the hash that it bears; to hand it to the
thread would cost more. A checkpoint that cannot be written stops no call: its lines stay unwitnessed until the next one
can be, and `close` tells.
"""

import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from offramp.audit.checkpoints import Checkpoint, beside, note_of, origin_of, write_notes
from offramp.audit.merkle import Growing
from offramp.ed25519 import PrivateKey, read_private_key
from offramp.errors import StateError
from offramp.types import value


@value
class Checkpointing:
    """How often checkpoints are made, and who signs them."""

    key: PrivateKey | None = None
    """Not given: they are unsigned, and every report says so."""
    every_records: int = 1000
    every_s: float = 10.0


def signed_by(key_file: Path | None) -> Checkpointing:
    """Checkpoints as often as usual, signed with the key of this file. Raises ConfigurationError, MissingExtraError."""
    return Checkpointing(read_private_key(key_file, needed_for="signing checkpoints") if key_file else None)


class Checkpointer:
    """Grows the tree over a file's lines. Safe for threads."""

    def __init__(self, log_file: Path, settings: Checkpointing) -> None:
        self._path = beside(log_file)
        self._origin = origin_of(log_file.name)
        self._settings = settings
        self._tree = Growing()
        self._growing = threading.Lock()
        self._due = settings.every_records
        """At which size the thread is woken next."""
        self._noted = 0
        self._noting = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="offramp-checkpoints", daemon=True)
        self._thread.start()

    def add(self, hashes: Iterable[str]) -> None:
        """Take up lines that stand in the file, by the hashes that they bear."""
        with self._growing:
            self._tree.extend(map(bytes.fromhex, hashes))
        if self._tree.size >= self._due:
            self._due = self._tree.size + self._settings.every_records
            self._wake.set()

    def note(self) -> None:
        """Make a checkpoint over all that was added, unless there is one. Raises StateError."""
        with self._noting:
            if self._tree.size > self._noted:
                self._write()

    def stop(self) -> None:
        """End the thread. What was added since the last checkpoint gets none."""
        self._stopped = True
        self._wake.set()

    def close(self) -> None:
        """End the thread, with a last checkpoint. Raises StateError."""
        self.stop()
        if self._thread is not threading.current_thread():
            self._thread.join()
        self.note()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._settings.every_s)
            self._wake.clear()
            if self._stopped:
                return
            with suppress(StateError):  # tried again with the next lines; `close` tells
                self.note()

    def _write(self) -> None:
        with self._growing:
            checkpoint = Checkpoint(self._origin, self._tree.size, self._tree.root())
        written = write_notes([note_of(checkpoint, self._settings.key)])
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            try:
                _append(descriptor, written)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StateError(
                f"a checkpoint of the decision log could not be written ({error.strerror or error})",
                where=str(self._path),
                mend="make room on the disk",
            ) from error
        self._noted = checkpoint.size


def _append(descriptor: int, written: bytes) -> None:
    """All of it or nothing. Raises OSError."""
    before = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, written) != len(written):
            raise OSError("it was written in part")  # noqa: TRY301  # as any other failed write
    except OSError:
        with suppress(OSError):  # where it fails the torn note stays, and verification names it
            os.ftruncate(descriptor, before)
        raise
