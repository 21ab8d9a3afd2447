"""Waivers as values."""

from typing import Any

from offramp.contracts.declaration import Waiver
from support.policies import TODAY


def waiver(**parts: Any) -> Waiver:
    """Of the mission `triage`, for today: it lifts the clause `forbid` of the document `a terms`."""
    given: dict[str, Any] = {
        "mission": "triage",
        "document": "a terms",
        "clauses": ("forbid",),
        "authority": "board",
        "reason": "the vendor was left",
        "on": TODAY,
        "valid_until": TODAY,
    }
    return Waiver(**{**given, **parts})
