"""The decision log: every decision stands on disk before the send that it permits. One file for each process.

A call writes once: its decision is deferred, and goes out together with the line that says `sent`, before the first
byte does. What has happened already, an outcome, goes out with the next line, or two turns of the event loop later.
"""

import asyncio
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.audit.entries import decision_content, failure_entry, outcome_content
from offramp.audit.pseudonyms import Pseudonyms
from offramp.audit.records import FIRST, content_of, link, read_line
from offramp.contracts.audit import DecisionRecorder, Detail, Entry
from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.policy import Decision
from offramp.contracts.process import process_id
from offramp.errors import StateError
from offramp.types import AnyResponse, Identity, Loss

_TAIL_BYTES: Final = 65536


@dataclass(slots=True)
class _OpenFile:
    """A file, and where its chain of lines stands. It changes with every line."""

    descriptor: int
    path: Path
    size: int = 0
    seq: int = 0
    last: str = FIRST


@dataclass(slots=True)
class _Own:
    """What one process has of a log. A forked child begins with nothing: its parent's lock may be held."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    file: _OpenFile | None = None
    deferred: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])
    """Content of lines that are not written yet, and since when."""
    failed: bool = False
    """Whether the last writing has failed. Until one succeeds nothing is deferred, so that each failure is told."""


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
        self._processes: dict[int, _Own] = {}

    @property
    def path(self) -> Path | None:
        """This process's file; None before its first entry."""
        file = self._written().file
        return file.path if file else None

    @property
    def head(self) -> tuple[int, str] | None:
        """Number and hash of the last line. Kept elsewhere, they show a file that was cut short or written anew."""
        file = self._written().file
        return (file.seq, file.last) if file else None

    @override
    def append(self, *entries: Entry) -> None:
        self._append(*map(content_of, entries))

    @override
    def defer(self, entry: Entry) -> None:
        self._defer(content_of(entry))

    def _append(self, *contents: str) -> None:
        own = self._own()
        with own.lock:
            now = self._clock.now()
            self._write(own, *((now, content) for content in contents))

    def _defer(self, content: str) -> None:
        own = self._own()
        with own.lock:
            if own.failed or not (own.deferred or self._flushes_later(own)):
                self._write(own, (self._clock.now(), content))
            else:
                own.deferred.append((self._clock.now(), content))

    def append_decision(
        self,
        decision: Decision,
        *,
        identity: Identity,
        call_id: str | None = None,
        epoch: int | None = None,
        losses: Sequence[Loss] = (),
    ) -> None:
        """Record a policy decision, and what the call would lose. A permit is deferred. Raises StateError."""
        content = decision_content(decision, identity=identity, call_id=call_id, epoch=epoch, losses=losses)
        if decision.allowed:
            self._defer(content)
        else:
            self._append(content)

    def append_outcome(self, response: AnyResponse, *, identity: Identity, call_id: str | None = None) -> None:
        """Record how an exchange ended: outcome, served model, usage, losses. It is deferred. Raises StateError."""
        self._defer(outcome_content(response, identity=identity, call_id=call_id))

    def append_failure(self, error: BaseException, *, identity: Identity, call_id: str | None = None) -> None:
        """Record that an exchange failed, and its kind of error. Raises StateError."""
        self.append(failure_entry(error, identity=identity, call_id=call_id))

    def checkpoint(self) -> None:
        """Write a line that says how many there are, and bring the file to the disk. Raises StateError."""
        own = self._written()
        with own.lock:
            if own.file is not None:
                self._write(own, (self._clock.now(), content_of(_closing("checkpoint", own))))
                os.fsync(own.file.descriptor)

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
        own = self._written()
        with own.lock:
            if own.file is None:
                return
            try:
                self._write(own, (self._clock.now(), content_of(_closing("closed", own))))
            finally:
                self._drop(own)

    def _own(self) -> _Own:
        pid = process_id()
        return self._processes.get(pid) or self._processes.setdefault(pid, _Own())

    def _written(self) -> _Own:
        """What this process has, with nothing left deferred. Raises StateError."""
        own = self._own()
        with own.lock:
            if own.deferred:
                self._write(own)
        return own

    def _flushes_later(self, own: _Own) -> bool:
        """Have what is deferred written when the next turn of the event loop ends. False: there is no loop here."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        # One turn later than could be: what departs at the end of this one writes, and takes this along.
        loop.call_soon(loop.call_soon, self._flush, own)
        return True

    def _flush(self, own: _Own) -> None:
        with own.lock, suppress(StateError):  # it stays deferred; whoever writes next is told
            if own.deferred:
                self._write(own)

    def _write(self, own: _Own, *more: tuple[datetime, str]) -> None:
        """What was deferred, and more. Where that fails, `more` is forgotten: what it stands for is not done."""
        own.failed = True  # until it has not
        opened = () if own.file else (self._open(own),)
        file = own.file
        assert file is not None  # noqa: S101  # for the type checker: it was just opened
        lines, seq, last = list[bytes](), file.seq, file.last
        for at, content in (*opened, *own.deferred, *more):
            seq += 1
            line, last = link(content, seq=seq, at=at.isoformat(), prev=last)
            lines.append(line)
        written = b"".join(lines)
        self._put(own, file, written)
        own.deferred.clear()
        file.size += len(written)
        file.seq, file.last = seq, last
        own.failed = False

    def _put(self, own: _Own, file: _OpenFile, written: bytes) -> None:
        try:
            if os.write(file.descriptor, written) != len(written):
                raise OSError("the line was written in part")  # noqa: TRY301  # as any other failed write
            if self._fsync:
                os.fsync(file.descriptor)
        except OSError as error:
            self._take_back(own, file)
            raise StateError(
                f"a decision could not be recorded ({error.strerror or error}), so nothing is sent",
                where=str(file.path),
                mend="make room on the disk; the log then goes on in a new file",
            ) from error

    def _take_back(self, own: _Own, file: _OpenFile) -> None:
        """Cut off what was written in part, if that can be done, and leave the file: the next line begins a new one."""
        with suppress(OSError):  # where it fails the torn line stays, and verification names it
            os.ftruncate(file.descriptor, file.size)
            if file.size == 0:
                file.path.unlink()  # a file in which nothing stands would look like one that was emptied
        self._drop(own)

    def _drop(self, own: _Own) -> None:
        file, own.file = own.file, None
        if file is not None:
            os.close(file.descriptor)

    def _open(self, own: _Own) -> tuple[datetime, str]:
        """Make a new file. Gives the line that it begins with."""
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
        own.file = _OpenFile(descriptor, path)
        return self._clock.now(), content_of(Entry("opened", detail={"file": name, **earlier}))


def _closing(kind: Literal["checkpoint", "closed"], own: _Own) -> Entry:
    """A line that says how many stand before it."""
    return Entry(kind, detail={"records": (own.file.seq if own.file else 0) + len(own.deferred)})


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
