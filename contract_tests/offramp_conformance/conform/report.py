"""`conform-report.json`: the run as data. Of prompts and answers it holds excerpts of what was found wanting alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import KW_ONLY
from datetime import datetime
from typing import Final

from offramp.contracts.endpoint import Endpoint
from offramp.types import JsonObject, value
from offramp_conformance.conform.baseline import Stale
from offramp_conformance.conform.levels import Selection
from offramp_conformance.conform.parity import is_as_good
from offramp_conformance.conform.verdict import Verdict
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.results import CallRecord, CheckResult, Try
from offramp_conformance.suite.spending import Meter

SCHEMA_ID: Final = "offramp-conform/2"


@value
class EndpointRun:
    """What was found at one endpoint."""

    endpoint: Endpoint
    _: KW_ONLY
    results: tuple[CheckResult, ...]
    verdict: Verdict
    stale: tuple[Stale, ...] = ()
    meter: Meter
    begun: datetime
    """What was seen is as old as this, however late the run came to its end."""
    in_flight: int = 0
    """Calls of an interrupted run that may have arrived and were made again."""
    losses: tuple[str, ...] = ()


@value
class ConformRun:
    """All of a run: the endpoint that is asked about, and the one that it is held against."""

    _: KW_ONLY
    at: datetime
    mission: str
    selection: Selection
    tries: int
    most_tries: int
    suite: JsonObject
    runs: tuple[EndpointRun, ...]
    """The first is the one that is asked about."""
    parity: JsonObject | None = None
    """None: not asked for."""
    parity_in_flight: int = 0
    """Calls of an interrupted comparison that may have arrived and were made again."""

    @property
    def passed(self) -> bool:
        """Whether the endpoint that is asked about passed all that was asked for, and the baseline is in order."""
        asked = self.runs[0]
        return asked.verdict.passed and not asked.stale and (self.parity is None or is_as_good(self.parity))


def report(run: ConformRun, checks: Sequence[Check]) -> JsonObject:
    """The whole report. `conform-report.schema.json` beside this file describes it."""
    words = {each.id: each for each in checks}
    return {
        "schema": SCHEMA_ID,
        "at": run.at.isoformat(),
        "mission": run.mission,
        "level": run.selection.level,
        "tries": run.tries,
        "most_tries": run.most_tries,
        "suite": run.suite,
        "left_out": list(run.selection.left_out),
        "passed": run.passed,
        "endpoints": [_endpoint(each, words) for each in run.runs],
        "parity": run.parity,
        "parity_calls_in_flight": run.parity_in_flight,
    }


def _endpoint(run: EndpointRun, words: dict[str, Check]) -> JsonObject:
    who = run.endpoint.identity
    return {
        "endpoint": who.endpoint,
        "identity": {
            "developer": who.developer,
            "host": who.host,
            "reseller": who.reseller,
            "model": who.model,
            "region": who.region,
            "agreement": who.agreement,
        },
        "dialect": run.endpoint.profile.dialect,
        "verdict": _verdict(run.verdict),
        "states": dict(sorted(Counter(each.state for each in run.results).items())),
        "surprises": {each.id: each.surprise for each in run.results if each.surprise},
        "lapses": dict(Counter(each.lapse_standing for each in run.results if each.lapse_standing)),
        "stale_gaps": [{"check": each.check, "why": each.why} for each in run.stale],
        "calls": run.meter.calls,
        "calls_in_flight": run.in_flight,
        "cost_usd": str(run.meter.cost_usd) if run.meter.is_priced else None,
        "unpriced_calls": run.meter.unpriced_calls,
        "results": [_result(each, words[each.id]) for each in run.results],
    }


def _verdict(verdict: Verdict) -> JsonObject:
    return {
        "wire": verdict.wire,
        "behaviour": verdict.behaviour,
        "certifiable": verdict.certifiable,
        "why_not": list(verdict.why_not),
        "key": verdict.key,
        "expires": verdict.expires.isoformat(),
    }


def _result(result: CheckResult, check: Check) -> JsonObject:
    return {
        "check": result.id,
        "state": result.state,
        "why": result.why,
        "level": result.level,
        "axis": result.axis,
        "standing": result.standing,
        "applies": result.applies,
        "counts": result.counts,
        "verifies": result.verifies,
        "claim": result.claim,
        "surprise": result.surprise,
        "proves": check.proves,
        "look_at": check.look_at,
        "pass_at_k": result.pass_at_k,
        "pass_hat_k": result.pass_hat_k,
        "lapses": result.lapses and {**result.lapses.as_json(), "told": str(result.lapses)},
        "gap_until": result.gap_until.isoformat() if result.gap_until else None,
        "tries": [_try(each) for each in result.tries],
    }


def _try(made: Try) -> JsonObject:
    return {
        "number": made.number,
        "sight": made.observation.sight,
        "why": made.observation.why,
        "excusable": made.observation.excusable,
        "calls": [_call(each) for each in made.calls],
    }


def _call(call: CallRecord) -> JsonObject:
    return {
        "request_sha256": call.request_sha256,
        "response_sha256": call.response_sha256,
        "status": call.status,
        "error": call.error,
        "total_s": round(call.total_s, 4),
        "served": call.served,
        "first_output_s": None if call.first_output_s is None else round(call.first_output_s, 4),
        "sent": call.sent,
        "received": call.received,
    }
