"""What stands around the gate in its tests: a log in memory, conditions of a decision, an order, and who obeyed."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from offramp.contracts.audit import Entry
from offramp.contracts.policy import Decision
from offramp.contracts.state import Order, PermissionStore
from offramp.errors import StateError
from offramp.state import prohibit
from offramp.types import Selector

Decide: TypeAlias = Callable[..., Decision]


class Recorder:
    """A decision log in memory, writing by writing; `full` makes it fail as a full disk would."""

    def __init__(self) -> None:
        self.writings: list[Sequence[Entry]] = []
        self.full = False

    def append(self, *entries: Entry) -> None:
        if self.full:
            raise StateError("a decision could not be recorded")
        self.writings.append(entries)

    def defer(self, entry: Entry) -> None:
        self.append(entry)

    @property
    def entries(self) -> list[Entry]:
        return [entry for writing in self.writings for entry in writing]

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]


class Approved:
    """A condition that a person has met, and the log knows of."""

    def __init__(self, log: Recorder) -> None:
        self.log = log

    def at_last_hop(self) -> None:
        self.log.append(Entry("approval"))

    def broken(self) -> str | None:
        return None


class Unwatched(Approved):
    """A condition that held at the last hop, and holds no more."""

    def broken(self) -> str | None:
        return "nobody watches"


def stop(store: PermissionStore, word: str = "developer:acme", **more: Any) -> Order:
    """Ann prohibits what the word selects."""
    return prohibit(store, Selector.parse(word), reason="ORDER-17", by="ann", **more)


def acknowledged(store: PermissionStore) -> list[int | None]:
    """The epoch that each replica says it obeys."""
    return [report.epoch_acknowledged for report in store.replicas()]
