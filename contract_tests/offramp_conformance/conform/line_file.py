"""A file of JSON lines, for its owner alone, that is whole up to its last line wherever its writer was killed."""

import os
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from offramp.errors import ConfigurationError, StateError

_AFRESH: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_GO_ON: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND

_T = TypeVar("_T", bound=BaseModel)


class LineFile:
    """Open for writing, each line at once."""

    def __init__(self, path: Path, *, append: bool, first: BaseModel | None = None) -> None:
        """Open it.

        Args:
            path: the file.
            append: whether to go on behind its last whole line. Without it an old one is replaced.
            first: a line to write at once.

        Raises:
            StateError: it cannot be written.
        """
        self._path = path
        try:
            if append and path.exists():
                _drop_torn_end(path)
            descriptor = os.open(path, _GO_ON if append else _AFRESH, 0o600)
        except OSError as error:
            raise StateError("the journal cannot be written", where=str(path), mend="check folder and mode") from error
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        if first is not None:
            try:
                self.write(first)
            except BaseException:
                self.close()
                raise

    def write(self, line: BaseModel) -> None:
        """Add a line. Raises StateError."""
        try:
            self._file.write(line.model_dump_json() + "\n")
            self._file.flush()
        except OSError as error:
            raise StateError("the journal cannot be written", where=str(self._path), mend="check the disk") from error

    def close(self) -> None:
        """Close it."""
        self._file.close()


def is_begun(path: Path) -> bool:
    """Whether at least one whole line stands there."""
    return bool(_whole_lines(path))


def read_lines(path: Path, shape: TypeAdapter[_T]) -> list[_T]:
    """Its whole lines.

    Raises:
        ConfigurationError: a line is none of this shape.
        StateError: it cannot be read.
    """
    try:
        return [shape.validate_json(line) for line in _whole_lines(path)]
    except ValidationError as error:
        raise ConfigurationError("the journal is damaged", where=str(path), mend="run without --resume") from error


def _whole_lines(path: Path) -> list[bytes]:
    """The last one may have been torn. None where there is no file."""
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError("the journal cannot be read", where=str(path), mend="check file and mode") from error


def _drop_torn_end(path: Path) -> None:
    """Cut off a last line that was not written to its end."""
    raw = path.read_bytes()
    whole = raw.rfind(b"\n") + 1
    if whole < len(raw):
        with path.open("r+b") as file:
            file.truncate(whole)
