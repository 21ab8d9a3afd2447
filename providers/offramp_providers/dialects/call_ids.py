"""Ids of tool calls. The wire may leave them out and match by order: then they are derived, the same each time."""

from offramp.types import JsonObject


class CallIds:
    """The calls of one conversation, in order, while it is decoded."""

    __slots__ = ("_count", "_names", "_open", "_ran", "seed")

    def __init__(self, seed: str) -> None:
        self.seed = seed
        """What makes derived ids differ from those of another turn."""
        self._count = 0
        self._names: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        """Calls of the last turn that have had no result: id and name."""
        self._ran: str | None = None

    def begin_turn(self, seed: str) -> None:
        """The model speaks again: results from here on are for its new calls."""
        self.seed = seed
        self._count = 0
        self._open = []
        self._ran = None

    def derived(self) -> str:
        """An id for a call that has none."""
        self._count += 1
        return f"call_{self.seed}_{self._count}"

    def called(self, call_id: str, name: str) -> None:
        """A call that the application is to run."""
        self._names[call_id] = name
        self._open.append((call_id, name))

    def ran(self, call_id: str) -> None:
        """A call that the vendor runs itself."""
        self._ran = call_id

    def name_of(self, call_id: str) -> str | None:
        """The function that was called under this id."""
        return self._names.get(call_id)

    def answered(self, call_id: str) -> None:
        """A result names this call."""
        self._open = [each for each in self._open if each[0] != call_id]

    def next_open(self, name: str | None) -> str:
        """The call that a result without an id answers: the first of this name, else the first."""
        found = next((each for each in self._open if each[1] == name), None) or next(iter(self._open), None)
        if found is None:
            return self.derived()
        self._open.remove(found)
        return found[0]

    def last_run(self) -> str:
        """The vendor's own call that a result without an id belongs to."""
        return self._ran if self._ran is not None else self.derived()


def take_id(left: JsonObject, key: str = "id") -> tuple[str | None, tuple[str, ...]]:
    """Take an id; None, and the mark of how it was missing, where there is none."""
    found: object = left.get(key)
    if type(found) is str and found:
        del left[key]
        return found, ()
    if found == "":
        del left[key]
        return None, ("id=empty",)
    return None, ("id=absent",)
