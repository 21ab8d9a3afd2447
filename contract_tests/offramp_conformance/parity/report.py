"""The report of a comparison: stable values with all that a plot needs, and their JSON."""

import json
from dataclasses import KW_ONLY
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from offramp.types import JsonObject, value
from offramp_conformance.parity.analysis import Analysis
from offramp_conformance.parity.estimates import Estimate
from offramp_conformance.parity.expense import Expense, expenses
from offramp_conformance.parity.golden_set import GoldenSet
from offramp_conformance.parity.noise import Noise
from offramp_conformance.parity.plan import ParityPlan
from offramp_conformance.parity.results import AnswerResult, CaseResult
from offramp_conformance.parity.slices import Slice
from offramp_conformance.parity.verdict import Verdict

SCHEMA_ID: Final = "offramp-parity/1"


@value
class GoldenSetFacts:
    """Which golden set it was."""

    name: str
    _: KW_ONLY
    sha256: str
    """Of its content, not of its spelling."""
    cases: int
    clusters: int


@value
class LookAt:
    """What one look saw of one measure."""

    _: KW_ONLY
    cases: int
    fraction: float | None
    measure: str
    difference: float
    lower: float
    upper: float


@value
class Count:
    """How often an outcome came, with its reason."""

    _: KW_ONLY
    side: Literal["old", "new", "judge"]
    outcome: str
    reason: str | None
    count: int


@value
class ParityReport:
    """Is the new vendor as good as the old one was, on this golden set?"""

    _: KW_ONLY
    schema: Literal["offramp-parity/1"] = SCHEMA_ID
    verdict: Verdict
    golden_set: GoldenSetFacts
    plan: ParityPlan
    estimates: tuple[Estimate, ...]
    noise: Noise | None
    """None: the old vendor was asked once only, or nothing grades an answer by itself."""
    slices: tuple[Slice, ...]
    missing: float
    """Share of the cases asked, by weight, that a failure keeps out of the comparison."""
    outcomes: tuple[Count, ...]
    """Every outcome but plain answers: refusals, and what was not tried and why."""
    expenses: tuple[Expense, ...]
    looks: tuple[LookAt, ...]
    old_models: tuple[str, ...]
    """Who said to have answered."""
    new_models: tuple[str, ...]
    cases: tuple[CaseResult, ...]
    """Those that were asked, in the order of the golden set."""

    def as_json(self) -> JsonObject:
        """As the published schema has it."""
        found: JsonObject = _shape().dump_python(self, mode="json")
        return found


@cache
def _shape() -> TypeAdapter[ParityReport]:
    return TypeAdapter(ParityReport)


def derived_report_schema() -> JsonObject:
    """The JSON Schema (2020-12) that the values amount to."""
    made = _shape().json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": SCHEMA_ID}


def report_schema() -> JsonObject:
    """The schema as it is published beside this file."""
    found: JsonObject = json.loads(
        (files("offramp_conformance.parity") / "parity-report.schema.json").read_text("utf-8")
    )
    return found


def read_report(content: JsonObject) -> ParityReport:
    """The report that was written as this JSON. Raises pydantic's ValidationError where it is none."""
    return _shape().validate_python(content)


def report_of(
    analysis: Analysis,
    golden_set: GoldenSet,
    plan: ParityPlan,
    *,
    cases: tuple[CaseResult, ...],
    looks: tuple[LookAt, ...],
) -> ParityReport:
    """Put together what was seen and what it shows."""
    return ParityReport(
        verdict=analysis.verdict,
        golden_set=GoldenSetFacts(
            golden_set.name,
            sha256=golden_set.sha256,
            cases=len(golden_set.cases),
            clusters=len(golden_set.clusters),
        ),
        plan=plan,
        estimates=analysis.estimates,
        noise=analysis.noise,
        slices=analysis.slices,
        missing=analysis.missing,
        outcomes=_outcomes(cases),
        expenses=expenses(cases),
        looks=looks,
        old_models=_models([each for case in cases for each in case.old]),
        new_models=_models([each for case in cases for each in case.new]),
        cases=cases,
    )


def looked(analysis: Analysis, cases: int) -> tuple[LookAt, ...]:
    """What a look saw."""
    return tuple(
        LookAt(
            cases=cases,
            fraction=analysis.fraction,
            measure=each.measure,
            difference=each.difference,
            lower=each.lower,
            upper=each.upper,
        )
        for each in analysis.estimates
    )


def _outcomes(cases: tuple[CaseResult, ...]) -> tuple[Count, ...]:
    counts: dict[tuple[Any, str, str | None], int] = {}
    for case in cases:
        found: list[tuple[Any, str, str | None]] = [
            (side, each.outcome, each.reason)
            for side, answers in (("old", case.old), ("new", case.new))
            for each in answers
            if each.outcome != "answered"
        ]
        judged = (case.preference, case.own_preference)
        found += [("judge", each.winner, each.reason) for each in judged if each and each.winner == "not_tried"]
        for key in found:
            counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: tuple(str(each) for each in item[0]))
    return tuple(Count(side=side, outcome=what, reason=why, count=count) for (side, what, why), count in ordered)


def _models(answers: list[AnswerResult]) -> tuple[str, ...]:
    return tuple(sorted({each.model for each in answers if each.model is not None}))
