"""Evidence: what a claim rests on. A claim without evidence is not made."""

from dataclasses import KW_ONLY
from datetime import date
from typing import Literal, TypeAlias

from offramp.types import value

EvidenceLevel: TypeAlias = Literal["unverified", "declared", "documented", "observed"]
"""In rising order: a table or a library of somebody else's has it so; somebody says so; a source that a reader can open
says so; one of our checks has seen it."""


@value
class Evidence:
    """What a claim rests on, and when it was last looked at."""

    _: KW_ONLY
    level: EvidenceLevel
    checked: date
    source: str | None = None
    """URL, or name and version of a published specification. Required for `documented`."""
    check_id: str | None = None
    """The conformance check that saw it. Required for `observed`."""
    digest: str | None = None
    """SHA-256 of the check's report. Required for `observed`."""

    def __post_init__(self) -> None:
        """Refuse a level that nothing supports."""
        if self.level == "documented" and not self.source:
            raise ValueError("documented evidence needs a source")
        if self.level == "observed" and not (self.check_id and self.digest):
            raise ValueError("observed evidence needs check_id and digest")
