"""What is remembered of signed policy files, in one JSON file beside the state: no replica takes a revision back."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from offramp.contracts.policy_memory import Accepted
from offramp.errors import StateError
from offramp.state.place import Place, write_durably
from offramp.types import value

_RESTORE: Final = "restore it from a backup"


@value
class _Content:
    """The whole of the file."""

    schema: Literal["offramp-policy-memory/1"]
    documents: dict[str, Accepted]


@cache
def _adapter() -> TypeAdapter[_Content]:
    return TypeAdapter(_Content)


class FilePolicyMemory:
    """`state.db.policy.json`. A mark beside it outlives it, and so shows that there was one."""

    def __init__(self, path: Path) -> None:
        self._place = Place(path)
        self._mark = self._place.path.with_suffix(".kept")

    @classmethod
    def beside(cls, state_url: str, base: Path) -> "FilePolicyMemory":
        """The memory that belongs to a state, `sqlite:FILE` or `file:FILE`."""
        name = state_url.partition(":")[2]
        return cls(base / f"{name}.policy.json")

    def accepted(self, document: str) -> Accepted | None:
        """What was last accepted of this document; None where nothing ever was.

        Raises:
            StateError: the memory is damaged, has vanished, or cannot be read.
        """
        return self._content().documents.get(document)

    def accept(self, document: str, accepted: Accepted) -> None:
        """Remember it durably, unless a higher revision is held. Raises StateError."""
        with self._place.locked():
            content = self._content()
            held = content.documents.get(document)
            if held is not None and held.revision > accepted.revision:
                return
            content.documents[document] = accepted
            self._write(content)

    def _content(self) -> _Content:
        try:
            return _adapter().validate_json(self._place.path.read_bytes())
        except FileNotFoundError as error:
            if not self._mark.exists():
                return _Content("offramp-policy-memory/1", {})
            mend = f"{_RESTORE}. To trust whatever lies there now, delete {self._mark} too"
            raise StateError("the memory of policy files has vanished", where=self._place.name, mend=mend) from error
        except OSError as error:
            raise StateError(
                "the memory of policy files cannot be read", where=self._place.name, mend="check folder and mode"
            ) from error
        except ValidationError as error:
            raise StateError("the memory of policy files is damaged", where=self._place.name, mend=_RESTORE) from error

    def _write(self, content: _Content) -> None:
        try:
            write_durably(self._place.path, json.dumps(asdict(content), indent=1).encode())
            self._mark.touch()
        except OSError as error:
            raise StateError(
                "the memory of policy files cannot be written", where=self._place.name, mend="check disk and mode"
            ) from error
