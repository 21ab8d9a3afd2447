"""A JSON file beside the state that remembers. A mark beside it outlives it, and so shows that there was one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from offramp.errors import StateError
from offramp.state.place import Place, write_durably

ContentT = TypeVar("ContentT")
_RESTORE: Final = "restore it from a backup"


class KeptFile(Generic[ContentT]):
    """What is in it is of one type. What cannot be read is an error, never a blank."""

    def __init__(
        self, path: Path, *, what: str, shape: Callable[[], TypeAdapter[ContentT]], blank: Callable[[], ContentT]
    ) -> None:
        """Nothing is touched yet.

        Args:
            path: of the file.
            what: what people call it, such as `the memory of policy files`.
            shape: of its content; built at first use.
            blank: the content where nothing was ever remembered.
        """
        self._place = Place(path)
        self._mark = self._place.path.with_suffix(".kept")
        self._what, self._shape, self._blank = what, shape, blank

    def locked(self) -> AbstractContextManager[None]:
        """Be the only writer among all processes of the host. Raises StateError."""
        return self._place.locked()

    def read(self) -> ContentT:
        """What is remembered.

        Raises:
            StateError: it is damaged, has vanished, or cannot be read.
        """
        try:
            return self._shape().validate_json(self._place.path.read_bytes())
        except FileNotFoundError as error:
            if not self._mark.exists():
                return self._blank()
            mend = f"{_RESTORE}. To trust whatever lies there now, delete {self._mark} too"
            raise StateError(f"{self._what} has vanished", where=self._place.name, mend=mend) from error
        except OSError as error:
            raise StateError(
                f"{self._what} cannot be read", where=self._place.name, mend="check folder and mode"
            ) from error
        except ValidationError as error:
            raise StateError(f"{self._what} is damaged", where=self._place.name, mend=_RESTORE) from error

    def write(self, content: ContentT) -> None:
        """Replace it durably, by whoever holds the lock. Raises StateError."""
        try:
            write_durably(self._place.path, self._shape().dump_json(content, indent=1))
            self._mark.touch()
        except OSError as error:
            raise StateError(
                f"{self._what} cannot be written", where=self._place.name, mend="check disk and mode"
            ) from error
