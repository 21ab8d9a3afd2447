"""The decision log: every decision stands on disk before the send that it permits. One file for each process.

A call writes once: the gate hands over its decision together with the line that says `sent`, before the first byte goes
out. What has happened already, an outcome, is deferred: it is written with the next line, or two turns of the event
loop later; so is a permit that was not used.
"""

import asyncio
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeAlias

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.audit.checkpointer import Checkpointing
from offramp.audit.entries import failure_entry, outcome_content
from offramp.audit.log_file import LogFile, open_log_file
from offramp.audit.pseudonyms import Pseudonyms
from offramp.audit.records import content_of, link
from offramp.contracts.audit import DecisionRecorder, Entry, decision_entry
from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.policy import Decision
from offramp.contracts.process import process_id
from offramp.errors import StateError
from offramp.types import AnyResponse, Identity, Loss

Content: TypeAlias = str | Callable[[], str]
"""What a line says, or what writes it out. That never raises, so that no line keeps others from being written."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Own:
    """What one process has of a log. A forked child begins with nothing: its parent's lock may be held."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    file: LogFile | None = None
    deferred: list[tuple[datetime, Content]] = field(default_factory=list[tuple[datetime, Content]])
    """Lines that are not written yet: since when, and their content. What one turn defers is written out together."""
    writings: int = 0
    """How many there have been."""
    failed: bool = False
    """Whether the last writing has failed. Until one succeeds nothing is deferred, so that each failure is told."""
    second: datetime = _LONG_AGO
    """The second that was written last, and as it was written up to its fraction: most lines of a second share it."""
    second_text: str = ""

    def stamp(self, now: datetime) -> str:
        """The time as ISO 8601 has it, in UTC."""
        since = now - self.second
        if since.days or since.seconds:
            self.second, since = now.replace(microsecond=0), timedelta(microseconds=now.microsecond)
            self.second_text = f"{self.second:%Y-%m-%dT%H:%M:%S}"
        return f"{self.second_text}.{since.microseconds:06}+00:00"


class DecisionLog(DecisionRecorder):
    """Appends linked lines to `<folder>/<time>-<pid>-<random>.jsonl`. Safe for threads, and after a fork.

    Args:
        folder: made where it is missing. Nothing is touched before the first entry.
        clock: where the time of an entry comes from.
        fsync: have each line on the disk, not only with the operating system. Then a power cut loses nothing, and an
            entry costs milliseconds.
        checkpointing: how often checkpoints are made beside each file, and who signs them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        fsync: bool = False,
        checkpointing: Checkpointing | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._clock: Clock = clock or SystemClock()
        self._fsync = fsync
        self._checkpointing = checkpointing or Checkpointing()
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
            self._write(own, *[(now, content) for content in contents])

    def _defer(self, content: Content) -> None:
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
        entry = decision_entry(decision, identity=identity, call_id=call_id, epoch=epoch, losses=losses)
        if decision.allowed:
            self.defer(entry)
        else:
            self.append(entry)

    def append_outcome(self, response: AnyResponse, *, identity: Identity, call_id: str | None = None) -> None:
        """Record how an exchange ended: outcome, served model, usage, losses. It is deferred. Raises StateError."""
        self._defer(outcome_content(response, identity=identity, call_id=call_id))

    def append_failure(self, error: BaseException, *, identity: Identity, call_id: str | None = None) -> None:
        """Record that an exchange failed, and its kind of error. Raises StateError."""
        self.append(failure_entry(error, identity=identity, call_id=call_id))

    def checkpoint(self) -> None:
        """Write a line that says how many there are, and make a checkpoint on the disk. Raises StateError."""
        own = self._written()
        with own.lock:
            if own.file is not None:
                self._write(own, (self._clock.now(), content_of(_closing("checkpoint", own))))
                os.fsync(own.file.descriptor)
                own.file.checkpoints.note()

    def pseudonym(self, name: str) -> str:
        """A word that stands for a person in entries: the same for the same name in this folder, and not to be undone.

        Raises:
            StateError: the folder's salt can be neither read nor made.
        """
        return self._pseudonyms.of(name)

    def close(self) -> None:
        """Write the closing line, and a checkpoint over all lines. Safe to call twice.

        Without a closing line a reader cannot tell whether the end of a file was cut off.

        Raises:
            StateError: one of them could not be written.
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
        loop.call_soon(loop.call_soon, self._flush, own, own.writings)
        return True

    def _flush(self, own: _Own, writings: int) -> None:
        """Write what was deferred when there had been so many writings. What has come since has its own turns."""
        with own.lock, suppress(StateError):  # it stays deferred; whoever writes next is told
            if own.deferred and own.writings == writings:
                self._write(own)

    def _write(self, own: _Own, *more: tuple[datetime, Content]) -> None:
        """What was deferred, and more. Where that fails, `more` is forgotten: what it stands for is not done."""
        own.failed = True  # until it has not
        opened = () if own.file else (self._open(own),)
        file = own.file
        assert file is not None  # noqa: S101  # for the type checker: it was just opened
        lines, hashes, last = list[bytes](), list[str](), file.last
        for seq, (at, content) in enumerate((*opened, *own.deferred, *more), start=file.seq + 1):
            line, last = link(_text_of(content), seq=seq, at=own.stamp(at), prev=last)
            lines.append(line)
            hashes.append(last)
        try:
            file.put(lines, hashes, fsync=self._fsync)
        except StateError:
            own.file = None  # it has closed itself; the next line begins a new one
            raise
        own.deferred.clear()
        own.writings += 1
        own.failed = False

    def _drop(self, own: _Own) -> None:
        file, own.file = own.file, None
        if file is not None:
            file.close()

    def _open(self, own: _Own) -> tuple[datetime, Content]:
        """Make a new file. Gives the line that it begins with."""
        own.file, detail = open_log_file(self._folder, self._clock.now(), self._checkpointing)
        weakref.finalize(self, own.file.checkpoints.stop).atexit = False
        return self._clock.now(), content_of(Entry("opened", detail=detail))


def _text_of(content: Content) -> str:
    return content if isinstance(content, str) else content()


def _closing(kind: Literal["checkpoint", "closed"], own: _Own) -> Entry:
    """A line that says how many stand before it."""
    return Entry(kind, detail={"records": (own.file.seq if own.file else 0) + len(own.deferred)})
