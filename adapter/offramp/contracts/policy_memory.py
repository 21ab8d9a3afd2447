"""The seams to what policy remembers: the last revision of each signed file, and who was on a mission's route."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, replace
from datetime import date
from typing import Protocol

from offramp.contracts.policy import PolicyContract
from offramp.types import Identity, value


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


@value
class Seen:
    """An endpoint that is, or was, on the route of a mission."""

    _: KW_ONLY
    identity: Identity
    on: date
    """The last day on which a client found it there, UTC."""
    contracts: tuple[PolicyContract, ...]
    """What its terms forbade, as carry-over contracts."""

    @property
    def place(self) -> Identity:
        """What makes it the same endpoint another day: all of its identity but the account."""
        return replace(self.identity, account=None)


class RouteMemory(Protocol):
    """Remembers across processes and restarts. What cannot be read or written is a `StateError`, never a blank."""

    def seen(self) -> Mapping[str, Sequence[Seen]]:
        """By mission: every endpoint that was ever on its route."""
        ...

    def remember(self, now: Mapping[str, Sequence[Seen]]) -> None:
        """Keep what is on the routes now. What was there before stays."""
        ...
