"""What one claim amounts to: its fit, and its evidence in words."""

from typing import assert_never

from offramp.contracts.capability import Capability, Fit, Support
from offramp.contracts.evidence import Evidence


def fit_of(support: Support) -> Fit:
    """What a claim means for a need."""
    match support:
        case "native":
            return "satisfied"
        case "emulated":
            return "emulated"
        case "ignored":
            return "degraded"
        case "rejected" | "unsupported":
            return "unsatisfiable"
        case _:
            assert_never(support)


def claimed(claim: Capability) -> str:
    """The claim in words: level, support, day, source, note."""
    note = f"; {claim.note}" if claim.note else ""
    return f"{claim.evidence.level} {claim.support} {dated(claim.evidence)}{note}"


def cited(why: str, evidence: Evidence | None) -> str:
    """A reason with its evidence in brackets."""
    return f"{why} ({evidence.level} {dated(evidence)})" if evidence else why


def dated(evidence: Evidence) -> str:
    """The day and, where it is known, the source, or the check that has seen it."""
    source = evidence.source or evidence.check_id
    return f"{evidence.checked.isoformat()}{f', {source}' if source else ''}"
