"""What is remembered of signed policy files, in one JSON file beside the state: no replica takes a revision back."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from offramp.contracts.policy_memory import Accepted
from offramp.state.kept_file import KeptFile
from offramp.types import value


@value
class _Content:
    """The whole of the file."""

    schema: Literal["offramp-policy-memory/1"]
    documents: dict[str, Accepted]


@cache
def _shape() -> TypeAdapter[_Content]:
    return TypeAdapter(_Content)


class FilePolicyMemory:
    """`state.db.policy.json`."""

    def __init__(self, path: Path) -> None:
        self._file = KeptFile(
            path,
            what="the memory of policy files",
            shape=_shape,
            blank=lambda: _Content("offramp-policy-memory/1", {}),
        )

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
        return self._file.read().documents.get(document)

    def accept(self, document: str, accepted: Accepted) -> None:
        """Remember it durably, unless a higher revision is held. Raises StateError."""
        with self._file.locked():
            content = self._file.read()
            held = content.documents.get(document)
            if held is not None and held.revision > accepted.revision:
                return
            content.documents[document] = accepted
            self._file.write(content)
