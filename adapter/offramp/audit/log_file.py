"""One open file of the decision log: lines go to its end whole or not at all, and its checkpoints grow with them."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from offramp.audit.checkpointer import Checkpointer, Checkpointing
from offramp.audit.records import FIRST, read_line
from offramp.contracts.audit import Detail
from offramp.contracts.process import process_id
from offramp.errors import StateError

_TAIL_BYTES: Final = 65536


@dataclass(slots=True)
class LogFile:
    """A file, and where its chain of lines stands. It changes with every line."""

    descriptor: int
    path: Path
    checkpoints: Checkpointer
    size: int = 0
    seq: int = 0
    last: str = FIRST

    def put(self, lines: Sequence[bytes], hashes: Sequence[str], *, fsync: bool) -> None:
        """Write lines, which bear these hashes, to its end.

        Raises:
            StateError: none of them is there, and the file is closed.
        """
        written = b"".join(lines)
        try:
            if os.write(self.descriptor, written) != len(written):
                raise OSError("the line was written in part")  # noqa: TRY301  # as any other failed write
            if fsync:
                os.fsync(self.descriptor)
        except OSError as error:
            self._take_back()
            raise StateError(
                f"a decision could not be recorded ({error.strerror or error}), so nothing is sent",
                where=str(self.path),
                mend="make room on the disk; the log then goes on in a new file",
            ) from error
        self.checkpoints.add(hashes)
        self.size += len(written)
        self.seq += len(lines)
        self.last = hashes[-1]

    def close(self) -> None:
        """Close it, with a last checkpoint. Raises StateError where that cannot be written."""
        os.close(self.descriptor)
        self.checkpoints.close()

    def _take_back(self) -> None:
        """Cut off what was written in part, if that can be done, and leave the file: the next line begins a new one."""
        with suppress(OSError):  # where it fails the torn line stays, and verification names it
            os.ftruncate(self.descriptor, self.size)
            if self.size == 0:
                self.path.unlink()  # a file in which nothing stands would look like one that was emptied
        with suppress(StateError):  # its last lines stay without a checkpoint
            self.close()


def open_log_file(folder: Path, now: datetime, checkpointing: Checkpointing) -> tuple[LogFile, dict[str, Detail]]:
    """Make a new file. Gives it, and what its first line is to say of it. Raises StateError."""
    name = f"{now:%Y%m%dT%H%M%S.%fZ}-{process_id()}-{secrets.token_hex(3)}.jsonl"
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _earlier_end(folder, name)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
    except OSError as error:
        raise StateError(
            f"the decision log cannot be opened ({error.strerror or error}), so nothing is sent",
            where=str(folder),
            mend="make the folder writable, or set `audit` to another",
        ) from error
    return LogFile(descriptor, path, Checkpointer(path, checkpointing)), {"file": name, **earlier}


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
