"""What commands print for programs, as values: one of them is both the JSON and its published schema."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from offramp.contracts.oversight import Limits, OversightNeed
from offramp.contracts.policy import Decision, Reason
from offramp.contracts.uses import UseCode
from offramp.policy.diff import Change, PolicyDiff, Totals
from offramp.types import JsonObject, value

ReportKind: TypeAlias = Literal["diff", "decisions"]


@value
class DiffReport:
    """`offramp policy diff --json`."""

    _: KW_ONLY
    schema: Literal["offramp-policy-diff/1"] = "offramp-policy-diff/1"
    old: str
    new: str
    unreviewed: bool
    """Whether a document that nobody has reviewed had a part in it."""
    unsigned: bool
    """Whether a file that bears no signature had one."""
    totals: Totals
    by_use: dict[UseCode, Totals]
    changes: tuple[Change, ...]


@value
class DecisionReport:
    """One mission at one endpoint."""

    _: KW_ONLY
    mission: str
    endpoint: str
    allowed: bool
    unreviewed: bool
    unsigned: bool
    at: datetime
    denied_from: datetime | None
    """The first instant of denial. None: nothing that is known ends it."""
    oversight: tuple[OversightNeed, ...]
    """What people must do for each call, as the declaration claims it."""
    limits: Limits | None
    """How much is let through within any such window. None: nothing is counted, or the declaration cannot be read."""
    digests: tuple[str, ...]
    """SHA-256 of every contract and declaration that was read."""
    reasons: tuple[Reason, ...]


@value
class DecisionsReport:
    """`offramp policy explain --json` and `offramp policy matrix --json`."""

    _: KW_ONLY
    schema: Literal[1] = 1
    decisions: tuple[DecisionReport, ...]


_SHAPES: Final[dict[ReportKind, type[DiffReport] | type[DecisionsReport]]] = {
    "diff": DiffReport,
    "decisions": DecisionsReport,
}


def diff_report(found: PolicyDiff) -> DiffReport:
    """The difference, as it is printed."""
    return DiffReport(
        old=found.old,
        new=found.new,
        unreviewed=found.unreviewed,
        unsigned=found.unsigned,
        totals=found.totals,
        by_use=found.by_use,
        changes=found.changes,
    )


def decisions_report(found: Sequence[tuple[Decision, datetime | None, Limits | None]]) -> DecisionsReport:
    """Decisions, each with the first instant at which it denies, and what is counted."""
    return DecisionsReport(
        decisions=tuple(
            DecisionReport(
                mission=decision.mission,
                endpoint=decision.endpoint,
                allowed=decision.allowed,
                unreviewed=decision.unreviewed,
                unsigned=decision.unsigned,
                at=decision.at,
                denied_from=until,
                oversight=decision.oversight,
                limits=limits,
                digests=decision.digests,
                reasons=decision.reasons,
            )
            for decision, until, limits in found
        )
    )


def report_json(report: DiffReport | DecisionsReport) -> JsonObject:
    """As plain JSON."""
    shape: TypeAdapter[Any] = TypeAdapter(type(report))
    made: JsonObject = shape.dump_python(report, mode="json")
    return made


def report_schema(kind: ReportKind) -> JsonObject:
    """The JSON Schema (2020-12) of what a command prints."""
    made = TypeAdapter[Any](_SHAPES[kind]).json_schema(mode="serialization")
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = f"Offramp policy report: {kind}"
    return made
