"""The seam to what is remembered of signed policy files: the highest revision accepted, and its very text."""

from dataclasses import KW_ONLY
from typing import Protocol

from offramp.types import value


@value
class Accepted:
    """A signed policy file, as it was last accepted."""

    _: KW_ONLY
    revision: int
    sha256: str
    """Of the file's bytes."""
    content: str
    """The file's text."""
    signatures: str
    """The text of the signature file beside it."""


class PolicyMemory(Protocol):
    """Remembers across processes and restarts. What cannot be read or written is a `StateError`, never a blank."""

    def accepted(self, document: str) -> Accepted | None:
        """What was last accepted of this document; None where nothing ever was."""
        ...

    def accept(self, document: str, accepted: Accepted) -> None:
        """Remember it. A lower revision than the one that is held changes nothing."""
        ...


class ForgetfulMemory:
    """Remembers for as long as it lives: for tests, and for looking at files without a deployment."""

    def __init__(self) -> None:
        self._held: dict[str, Accepted] = {}

    def accepted(self, document: str) -> Accepted | None:
        """What was last accepted of this document."""
        return self._held.get(document)

    def accept(self, document: str, accepted: Accepted) -> None:
        """Remember it, unless a higher revision is held."""
        held = self._held.get(document)
        if held is None or held.revision <= accepted.revision:
            self._held[document] = accepted
