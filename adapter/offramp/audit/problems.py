"""What can be wrong with a log."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.types import value

ProblemKind: TypeAlias = Literal[
    "altered",
    "out_of_place",
    "torn_tail",
    "after_closed",
    "renamed",
    "file_missing",
    "shortened",
    "unreadable",
    "note_altered",
    "root_differs",
    "signature_unknown",
    "undecided",
    "no_contract",
    "not_in_force",
    "after_order",
    "unapproved",
    "approved_twice",
    "unsupervised",
]


@value
class Problem:
    """One thing that is wrong with a log."""

    kind: ProblemKind
    file: str
    _: KW_ONLY
    line: int | None = None
    """Counted from 1; None where the whole file is meant."""
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}"


@value
class Unknown:
    """A call of which the log does not tell how it ended: it is under way, or its process was killed."""

    file: str
    line: int
    _: KW_ONLY
    call_id: str | None
    endpoint: str | None
    sent: bool
    """Whether bytes may have left. Otherwise it was decided, and the log tells of no send."""

    def __str__(self) -> str:
        call = f"call {self.call_id or 'unknown'} at {self.endpoint or 'unknown'}"
        known = "was sent" if self.sent else "was permitted, and the log tells of no send"
        return f"{self.file}:{self.line}: {call} {known}; how it ended is unknown"
