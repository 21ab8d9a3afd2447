"""Lines of JSON that worker processes write and the drill reads: events, and the starts of tools.

Each line is one `write` to a file opened for appending, so that what a killed process has done stays told.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Final, Literal, TypeAlias

from offramp.types import JsonObject

EventKind: TypeAlias = Literal[
    "started", "turn_start", "first_text", "cut", "first_output", "turn_end", "finished", "failed"
]

EVENTS: Final = "events"
STARTS: Final = "tool-starts"


class Journal:
    """One worker's lines of one kind."""

    def __init__(self, folder: Path, name: str, worker: int) -> None:
        self._file = os.open(journal_path(folder, name, worker), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, content: JsonObject) -> None:
        """Add a line, stamped with the host's monotonic clock."""
        os.write(self._file, (json.dumps({"t": monotonic(), **content}) + "\n").encode())

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def journal_path(folder: Path, name: str, worker: int) -> Path:
    """Where a worker's lines stand."""
    return folder / f"{name}-{worker}.jsonl"


class Tail:
    """Reads the lines that were added since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0

    def read(self) -> Iterator[JsonObject]:
        """New, whole lines."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._place)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._place += len(line)
                yield json.loads(line)
