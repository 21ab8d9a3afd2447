"""The replicas of one host: a small file for each, so that heartbeats never touch the orders nor each other."""

import os
import time
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from offramp.contracts.state import ReplicaReport
from offramp.errors import StateError

_FORGOTTEN_AFTER_S: Final = 7 * 24 * 3600.0


@cache
def _adapter() -> TypeAdapter[ReplicaReport]:
    return TypeAdapter(ReplicaReport)


class ReplicaFolder:
    """Reports by replica."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """Make the folder, and drop reports of replicas that died a week ago. Raises StateError."""
        try:
            self._folder.mkdir(exist_ok=True)
            for file in self._folder.glob("*.json"):
                if time.time() - file.stat().st_mtime > _FORGOTTEN_AFTER_S:
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise self._failure("made") from error

    def report(self, report: ReplicaReport) -> None:
        """Write a replica's report over its last one. Raises StateError."""
        file = self._file(report.replica)
        draft = file.with_suffix(".new")
        try:
            draft.write_bytes(_adapter().dump_json(report))
            draft.replace(file)
        except OSError as error:
            raise self._failure("written") from error

    def withdraw(self, replica: str) -> None:
        """Delete a replica's report, if that can be done."""
        try:
            self._file(replica).unlink(missing_ok=True)
        except OSError:
            return  # it will be shown as silent, which is true

    def all(self) -> tuple[ReplicaReport, ...]:
        """All reports, by name. One that cannot be read is a replica of which nothing is known. Raises StateError."""
        try:
            files = sorted(self._folder.glob("*.json"))
        except OSError as error:
            raise self._failure("read") from error
        return tuple(report for file in files if (report := _read(file)) is not None)

    def _file(self, replica: str) -> Path:
        return self._folder / f"{replica}.json"

    def _failure(self, verb: str) -> StateError:
        what = f"the list of replicas cannot be {verb}"
        return StateError(what, where=os.fspath(self._folder), mend="let this process write to the folder")


def _read(file: Path) -> ReplicaReport | None:
    try:
        return _adapter().validate_json(file.read_bytes())
    except FileNotFoundError:
        return None  # it has withdrawn meanwhile
    except (OSError, ValueError):
        return ReplicaReport(file.stem)
