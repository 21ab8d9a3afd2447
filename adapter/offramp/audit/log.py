"""The decision log: every decision stands on disk before the send that it permits. One file for each process."""

import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.audit.entries import decision_entry, failure_entry, outcome_entry
from offramp.audit.pseudonyms import Pseudonyms
from offramp.audit.records import FIRST, read_line, write_line
from offramp.contracts.audit import DecisionRecorder, Detail, Entry
from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.policy import Decision
from offramp.contracts.process import process_id
from offramp.errors import StateError
from offramp.types import AnyResponse, Identity, Loss

_TAIL_BYTES: Final = 65536


@dataclass(slots=True)
class _OpenFile:
    """This process's file, and where its chain of lines stands. It changes with every line."""

    descriptor: int
    path: Path
    size: int = 0
    seq: int = 0
    last: str = FIRST


class DecisionLog(DecisionRecorder):
    """Appends linked lines to `<folder>/<time>-<pid>-<random>.jsonl`. Safe for threads, and after a fork.

    Args:
        folder: made where it is missing. Nothing is touched before the first entry.
        clock: where the time of an entry comes from.
        fsync: have each line on the disk, not only with the operating system. Then a power cut loses nothing, and an
            entry costs milliseconds.
    """

    def __init__(self, folder: Path, *, clock: Clock | None = None, fsync: bool = False) -> None:
        self._folder = folder.absolute()
        self._clock: Clock = clock or SystemClock()
        self._fsync = fsync
        self._pseudonyms = Pseudonyms(self._folder / "salt")
        self._files: dict[int, _OpenFile] = {}
        self._locks: dict[int, threading.Lock] = {}

    @property
    def path(self) -> Path | None:
        """This process's file; None before its first entry."""
        file = self._files.get(process_id())
        return file.path if file else None

    @property
    def head(self) -> tuple[int, str] | None:
        """Number and hash of the last line. Kept elsewhere, they show a file that was cut short or written anew."""
        file = self._files.get(process_id())
        return (file.seq, file.last) if file else None

    @override
    def append(self, entry: Entry) -> None:
        with self._lock():
            file = self._files.get(process_id()) or self._open()
            self._write(file, entry)

    def append_decision(
        self,
        decision: Decision,
        *,
        identity: Identity,
        call_id: str | None = None,
        epoch: int | None = None,
        losses: Sequence[Loss] = (),
    ) -> None:
        """Record a policy decision, and what the call would lose. Raises StateError."""
        self.append(decision_entry(decision, identity=identity, call_id=call_id, epoch=epoch, losses=losses))

    def append_outcome(self, response: AnyResponse, *, identity: Identity, call_id: str | None = None) -> None:
        """Record how an exchange ended: outcome, served model, usage, losses. Raises StateError."""
        self.append(outcome_entry(response, identity=identity, call_id=call_id))

    def append_failure(self, error: BaseException, *, identity: Identity, call_id: str | None = None) -> None:
        """Record that an exchange failed, and its kind of error. Raises StateError."""
        self.append(failure_entry(error, identity=identity, call_id=call_id))

    def checkpoint(self) -> None:
        """Write a line that says how many there are, and bring the file to the disk. Raises StateError."""
        with self._lock():
            file = self._files.get(process_id())
            if file is not None:
                self._write(file, Entry("checkpoint", detail={"records": file.seq}))
                os.fsync(file.descriptor)

    def pseudonym(self, name: str) -> str:
        """A word that stands for a person in entries: the same for the same name in this folder, and not to be undone.

        Raises:
            StateError: the folder's salt can be neither read nor made.
        """
        return self._pseudonyms.of(name)

    def close(self) -> None:
        """Write the closing line. Without one a reader cannot tell whether the end of a file was cut off.

        Raises:
            StateError: it could not be written.
        """
        with self._lock():
            file = self._files.get(process_id())
            if file is None:
                return
            try:
                self._write(file, Entry("closed", detail={"records": file.seq}))
            finally:
                self._drop(file)

    def _lock(self) -> threading.Lock:
        """Each process its own: a fork may copy one that is held."""
        pid = process_id()
        return self._locks.get(pid) or self._locks.setdefault(pid, threading.Lock())

    def _write(self, file: _OpenFile, entry: Entry) -> None:
        at = self._clock.now().isoformat()
        line, digest = write_line(entry, seq=file.seq + 1, at=at, prev=file.last)
        try:
            if os.write(file.descriptor, line) != len(line):
                raise OSError("the line was written in part")  # noqa: TRY301  # as any other failed write
            if self._fsync:
                os.fsync(file.descriptor)
        except OSError as error:
            self._take_back(file)
            raise StateError(
                f"a decision could not be recorded ({error.strerror or error}), so nothing is sent",
                where=str(file.path),
                mend="make room on the disk; the log then goes on in a new file",
            ) from error
        file.size += len(line)
        file.seq, file.last = file.seq + 1, digest

    def _take_back(self, file: _OpenFile) -> None:
        """Cut off a part of a line, if that can be done, and leave the file: the next entry begins a new one."""
        with suppress(OSError):  # where it fails the torn line stays, and verification names it
            os.ftruncate(file.descriptor, file.size)
        self._drop(file)

    def _drop(self, file: _OpenFile) -> None:
        self._files.pop(process_id(), None)
        os.close(file.descriptor)

    def _open(self) -> _OpenFile:
        name = f"{self._clock.now():%Y%m%dT%H%M%S.%fZ}-{process_id()}-{secrets.token_hex(3)}.jsonl"
        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            earlier = _earlier_end(self._folder, name)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        except OSError as error:
            raise StateError(
                f"the decision log cannot be opened ({error.strerror or error}), so nothing is sent",
                where=str(self._folder),
                mend="make the folder writable, or set `audit` to another",
            ) from error
        file = self._files[process_id()] = _OpenFile(descriptor, path)
        self._write(file, Entry("opened", detail={"file": name, **earlier}))
        return file


def _earlier_end(folder: Path, name: str) -> dict[str, Detail]:
    """The file before this one and its last line, so that a lost or shortened file is missed later. Raises OSError."""
    earlier = max((file.name for file in folder.glob("*.jsonl") if file.name < name), default=None)
    if earlier is None:
        return {}
    with (folder / earlier).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().split(b"\n")[:-1]
    record = read_line(lines[-1]) if lines else None
    if record is None:
        return {"earlier": earlier}
    return {"earlier": earlier, "earlier_seq": record.seq, "earlier_hash": record.hash}
